package forecast

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// MaxGap is how long a floor falls between two occurrences so that nobody can have meant it.
const MaxGap = 5 * time.Minute

// gaps reports the entries that end so shortly before the next occurrence, of any entry, that the floor falls and rises again.
func (f *Forecast) gaps(report func(Finding)) {
	for i := range f.Outlooks {
		if f.Outlooks[i].Refusal == "" {
			f.gapsOf(&f.Outlooks[i], report)
		}
	}
}

func (f *Forecast) gapsOf(o *Outlook, report func(Finding)) {
	t := newTally(o.HPA)
	var before, gap Stretch
	for next := range o.Stretches() {
		t.next()
		if sinks(before, gap, next) {
			gap.To, gap.Floor, gap.MinReplicas = next.To, next.Floor, next.MinReplicas
			continue
		}
		if isGap(before, gap, next) && (f.Assumed || gap.MinReplicas < before.MinReplicas) {
			t.add(Finding{Rule: ShortGap, Entry: before.Because, From: gap.From}, func() string { return f.gap(before, gap, next) })
		}
		before, gap = gap, next
	}
	for _, found := range t.all {
		report(found)
	}
}

// isGap reports whether the floor falls for a moment between two occurrences, and not on the way of a ramp.
func isGap(before, gap, next Stretch) bool {
	whole := gap.Ramp == schedules.Steady || before.Ramp == schedules.Steady && next.Ramp == schedules.Steady
	return whole && gap.Floor < before.Floor && gap.Floor < next.Floor && gap.To.Sub(gap.From) <= MaxGap
}

// sinks reports whether a gap goes on: as the floor descends step by step after the end of an occurrence.
func sinks(before, gap, next Stretch) bool {
	return before.Ramp == schedules.Steady && gap.Ramp == schedules.Descending && gap.Floor < before.Floor && next.Floor < gap.Floor &&
		next.To.Sub(gap.From) <= MaxGap
}

func (f *Forecast) gap(before, gap, next Stretch) string {
	entry := f.Schedule.Entry(before.Because)
	ends, opens := gap.From.In(entry.Location), gap.To.In(entry.Location)
	opener := f.Schedule.Title(next.Because) + " opens at " + text.Clock(opens)
	if next.Because == before.Because {
		opener = "it opens again at " + text.Clock(opens)
	}
	floor := "the baseline"
	if gap.Floor > 0 {
		floor = fmt.Sprint(gap.Floor)
	}
	return fmt.Sprintf("it ends at %s and %s, so that the floor falls from %d to %s for %s and rises again; %s",
		text.Clock(ends), opener, before.Floor, floor, schedules.FormatDuration(gap.To.Sub(gap.From)), f.closing(before.Because, gap))
}

// closing returns what to write so that an entry ends where a gap does.
func (f *Forecast) closing(entry string, gap Stretch) string {
	end := schedules.ClockOf(gap.To.In(f.Schedule.Entry(entry).Location))
	window := f.Schedule.Window(entry)
	switch {
	case window == nil:
		return "let it end at " + end.String()
	case window.Duration > 0:
		return "write duration: " + schedules.FormatDuration(window.Duration+gap.To.Sub(gap.From))
	case end == 0:
		return `write end: "24:00"`
	case end == window.Start:
		return "write duration: 24h instead of end"
	default:
		return fmt.Sprintf("write end: %q", end)
	}
}
