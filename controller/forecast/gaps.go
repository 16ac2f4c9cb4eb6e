package forecast

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// maxGap is how long a floor falls between two occurrences so that nobody can have meant it.
const maxGap = 5 * time.Minute

// gaps reports the entries that end so shortly before the next occurrence, of any entry, that the floor falls and rises again.
func (f *Forecast) gaps(report func(Finding)) {
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		if o.Refusal != "" {
			continue
		}
		t := newTally(o.HPA)
		var before, gap Stretch
		for next := range o.Stretches() {
			t.next()
			falls := f.Assumed || gap.MinReplicas < before.MinReplicas
			if falls && gap.Floor < before.Floor && gap.Floor < next.Floor && gap.To.Sub(gap.From) <= maxGap && gap.Ramp == schedules.Steady {
				t.add(Finding{Rule: ShortGap, Entry: before.Because, From: gap.From}, func() string { return f.gap(before, gap, next) })
			}
			before, gap = gap, next
		}
		for _, found := range t.all {
			report(found)
		}
	}
}

func (f *Forecast) gap(before, gap, next Stretch) string {
	entry := f.Schedule.Entry(before.Because)
	ends, opens := gap.From.In(entry.Location), gap.To.In(entry.Location)
	end, opener := opens.Format("15:04"), f.Schedule.Title(next.Because)+" opens at "+text.Clock(opens)
	if next.Because == before.Because {
		opener = "it opens again at " + text.Clock(opens)
	}
	if opens.Second() != 0 {
		end = opens.Format("15:04:05")
	}
	if end == "00:00" {
		end = "24:00"
	}
	advice := fmt.Sprintf("write end: %q", end)
	if f.Schedule.Event(before.Because) != nil {
		advice = "let it end at " + end
	}
	floor := "the baseline"
	if gap.Floor > 0 {
		floor = fmt.Sprint(gap.Floor)
	}
	return fmt.Sprintf("it ends at %s and %s, so that the floor falls from %d to %s for %s and rises again; %s",
		text.Clock(ends), opener, before.Floor, floor, schedules.FormatDuration(gap.To.Sub(gap.From)), advice)
}
