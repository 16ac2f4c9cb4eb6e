// Package diff is the diff command: it reports what an edit of a schedule changes, as the floors that HPAs will have and the
// entries that cause it. It compares effects and not text, so that a reordered file is the same.
//
// Read [Compare] first, then [Entries], then text.go and markdown.go.
package diff

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Report is what an edit changes, and the JSON form of that, whose field names are stable. Times are in the zone of From.
type Report struct {
	From     time.Time `json:"from"` // of the range that is compared
	To       time.Time `json:"to"`
	TimeZone string    `json:"timeZone"`
	Same     bool      `json:"same"`                            // no floor changes
	Assumed  bool      `json:"assumedHorizontalPodAutoscalers"` // the HPAs are placeholders, and their baselines are assumed
	Beyond   []Range   `json:"beyond,omitempty"`                // where only events that differ are compared
	Warnings []string  `json:"warnings"`
	Entries  []Entry   `json:"entries"`
	Changes  []Change  `json:"floors"`

	HPAs   int              `json:"-"` // how many are compared
	Others []*time.Location `json:"-"` // the other zones of entries that differ
	Now    time.Time        `json:"-"` // what ends before is marked as over; the zero time marks nothing
}

// Range is a stretch of time, [From, To).
type Range struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// ranges returns the range to compare, and further ones for the events that differ and take place outside of it, unless
// the user gave a range. Most edits concern an event, and it may be further away than a year, or over. Each range is short,
// so that a mistyped year does not cost the comparison of a century, and there are not many, as each costs a forecast of all HPAs.
func (o *options) ranges(main Range, entries []Entry) (Range, []Range) {
	if o.From != "" || o.Flags.Changed("for") {
		return main, nil
	}
	const margin, most = time.Hour, 40
	all := []Range{main}
	for _, entry := range entries {
		for _, occurrence := range entry.Occurrences {
			all = append(all, Range{occurrence.From.Add(-margin), occurrence.To.Add(margin)})
		}
	}
	all = closest(merge(all), most)
	i := slices.IndexFunc(all, func(r Range) bool { return !r.To.Before(main.To) })
	main = all[i]
	return main, slices.Delete(all, i, i+1)
}

// merge returns the ranges in their order, and one for those that overlap.
func merge(all []Range) []Range {
	slices.SortFunc(all, func(a, b Range) int { return a.From.Compare(b.From) })
	merged := all[:1]
	for _, next := range all[1:] {
		last := &merged[len(merged)-1]
		switch {
		case next.From.After(last.To):
			merged = append(merged, next)
		case next.To.After(last.To):
			last.To = next.To
		}
	}
	return merged
}

// closest returns so many ranges at most, in one those with the shortest gaps between them.
func closest(all []Range, most int) []Range {
	if len(all) <= most {
		return all
	}
	gap := func(i int) time.Duration { return all[i].From.Sub(all[i-1].To) }
	order := make([]int, len(all)-1)
	for i := range order {
		order[i] = i + 1
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(gap(j), gap(i)) })
	starts := slices.Sorted(slices.Values(append(order[:most-1], 0)))
	ranges := make([]Range, 0, most)
	for i, start := range starts {
		last := len(all) - 1
		if i+1 < len(starts) {
			last = starts[i+1] - 1
		}
		ranges = append(ranges, Range{all[start].From, all[last].To})
	}
	return ranges
}

// NewReport compares two forecasts of the same HPAs over the same time.
func NewReport(before, after *forecast.Forecast, zone *time.Location) Report {
	from := after.From.In(zone)
	entries := Entries(before.Schedule, after.Schedule, from)
	changes := Compare(before, after, zone)
	return Report{
		From: from, To: after.To.In(zone), TimeZone: zone.String(), Same: len(changes) == 0, Warnings: []string{},
		Entries: entries, Changes: changes,
		HPAs: len(after.Outlooks), Others: otherZones(entries, zone, before.Schedule, after.Schedule),
	}
}

// Extend adds what events that differ change in forecasts over another range. Windows recur without end, and are compared
// from From to To only.
func (r *Report) Extend(before, after *forecast.Forecast) {
	zone := r.From.Location()
	r.Beyond = append(r.Beyond, Range{after.From.In(zone), after.To.In(zone)})
	events := r.events()
	for _, change := range Compare(before, after, zone) {
		if events[change.Old] || events[change.New] {
			r.Changes = append(r.Changes, change)
		}
	}
	slices.SortStableFunc(r.Changes, func(a, b Change) int { return a.From.Compare(b.From) })
	r.Same = len(r.Changes) == 0
}

// events returns the titles of the events that differ.
func (r *Report) events() map[string]bool {
	titles := make(map[string]bool)
	for i := range r.Entries {
		if len(r.Entries[i].Occurrences) > 0 {
			titles[r.Entries[i].Title] = true
		}
	}
	return titles
}

// JSON prints the report for programs, with every HPA of every change.
func (r Report) JSON(w io.Writer) error { return cli.WriteJSON(w, r) }

func otherZones(entries []Entry, zone *time.Location, all ...*schedules.Schedule) []*time.Location {
	var zones []*time.Location
	for _, schedule := range all {
		for _, e := range entries {
			if entry := schedule.Entry(e.Name); entry != nil && entry.Location.String() != zone.String() {
				zones = append(zones, entry.Location)
			}
		}
	}
	slices.SortFunc(zones, func(a, b *time.Location) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(zones, func(a, b *time.Location) bool { return a.String() == b.String() })
}

// zones names the zone in which times are printed, and those of entries that it is not the zone of.
func (r Report) zones() string {
	if len(r.Others) == 0 {
		return r.TimeZone
	}
	return r.TimeZone + ", also of entries in " + text.List(each(r.Others, (*time.Location).String), ", ", many)
}

// assumption describes placeholders. In a terminal its semicolons end lines.
const assumption = "The HorizontalPodAutoscalers are not known: each target of the schedules is taken as one; " +
	"their baseline is assumed as 1, or as 100 where an entry asks for a percentage or a multiple of it; " +
	"give --hpas or --live for the real numbers."

func (r Report) isAssumed() bool { return r.Assumed && len(r.Entries) > 0 }

func (r Report) isOver(c Change) bool { return !c.end().After(r.Now) }

// rows returns the changes in a format, each behind the clock shifts that precede it.
func (r Report) rows(formatShift func(shift) string, formatChange func(Change) string) []string {
	rows := make([]string, len(r.Changes))
	shifts := r.clockShifts()
	for i, change := range r.Changes {
		for len(shifts) > 0 && !shifts[0].At.After(change.From) {
			rows[i] += formatShift(shifts[0])
			shifts = shifts[1:]
		}
		rows[i] += formatChange(change)
	}
	for _, shift := range shifts {
		rows[len(rows)-1] += formatShift(shift)
	}
	return rows
}

// groups returns the HPAs of a change by its effect, in their order, and how many there is no space for.
func (c Change) groups() (groups [][]Effect, left int) {
	groups = groupBy(c.HPAs, func(e Effect) [2]Replicas { return [2]Replicas{e.Old, e.New} })
	for ; len(groups) > many; groups = groups[:len(groups)-1] {
		left += len(groups[len(groups)-1])
	}
	return groups, left
}

// hpas names the HPAs, or the first of many, each escaped for its format.
func (r Report) hpas(group []Effect, escape func(string) string) string {
	return text.List(each(each(group, r.name), escape), ", ", few)
}

// name names an HPA, and the baseline that is assumed where its floors are relative.
func (r Report) name(e Effect) string {
	name := e.Namespace + "/" + e.Name
	assumed := fmt.Sprintf(" with baseline %d", e.Baseline)
	if r.Assumed && e.Baseline > 1 && !strings.HasSuffix(name, assumed) {
		name += assumed
	}
	return name
}

// summary is the report in a sentence: of how many HPAs floors change and when. Another line names what was compared.
func (r Report) summary() string {
	switch {
	case r.Same && len(r.Entries) == 0:
		return "No floor changes from " + r.compared() + "."
	case r.Same:
		return "Entries differ, but no floor changes from " + r.compared() + "."
	}
	affected := make(map[string]bool)
	for _, change := range r.Changes {
		for _, hpa := range change.HPAs {
			affected[r.name(hpa)] = true
		}
	}
	hpas := fmt.Sprintf("%d HorizontalPodAutoscalers", r.HPAs)
	if r.Assumed {
		hpas = fmt.Sprintf("the %d targets that the schedules name", r.HPAs)
	}
	return fmt.Sprintf("Floors of %d of %s change%s.\nCompared: %s.", len(affected), hpas, r.periods(), r.compared())
}

func (r Report) periods() string {
	var texts []string
	for _, over := range append([]Range{{r.From, r.To}}, r.Beyond...) {
		if text := r.periodIn(over); text != "" {
			texts = append(texts, text)
		}
	}
	if more := len(texts) - few; more > 0 {
		texts = append(texts[:few], fmt.Sprintf(" in %d more stretches", more))
	}
	return strings.Join(texts, ", and")
}

// periodIn returns from the first to the last instant when floors change in a range, and on how many days of the calendar
// where that recurs; "" where none does.
func (r Report) periodIn(over Range) string {
	var first, last time.Time
	days, recurs := make(map[schedules.Date]bool), false
	for _, change := range r.Changes {
		if change.From.Before(over.From) || !change.From.Before(over.To) {
			continue
		}
		if first.IsZero() {
			first = change.From // as they ascend
		}
		if change.end().After(last) {
			last = change.end()
		}
		recurs = recurs || change.Times > 1
		nights := schedules.DateOf(change.To.Add(-1), change.To.Location()) - change.Dates[0]
		for _, date := range change.Dates {
			for day := date; day <= date+nights; day++ {
				days[day] = true
			}
		}
	}
	switch {
	case first.IsZero():
		return ""
	case recurs:
		return fmt.Sprintf(" on %d days between ", len(days)) + text.Range(first, last, "and")
	default:
		return " between " + text.Range(first, last, "and")
	}
}

func (r Report) compared() string {
	minute := func(t time.Time) string { return text.Dated(t.Truncate(time.Minute)) }
	compared := minute(r.From) + " to " + minute(r.To)
	if len(r.Beyond) == 0 {
		return compared
	}
	beyond := each(r.Beyond, func(over Range) string { return text.Range(over.From, over.To, "to") })
	if more := len(beyond) - few; more > 0 {
		beyond = append(beyond[:few], fmt.Sprintf("%d more stretches", more))
	}
	return compared + ", and for events that differ " + strings.Join(beyond, ", ")
}

type shift struct {
	schedules.Shift
	zone string // " of Europe/Paris" where it is not the zone in which times are printed
}

func (s shift) String() string { return text.ClocksGo(s.Shift, s.zone) }

// clockShifts returns the shifts that split changes: they make a stretch longer or shorter than its times of day suggest, or a
// change recur at another time of day. They are those of the zone in which times are printed, and of the entries' others.
func (r Report) clockShifts() []shift {
	var all []shift
	for i, zone := range slices.Concat([]*time.Location{r.From.Location()}, r.Others) {
		name := ""
		if i > 0 {
			name = " of " + zone.String()
		}
		for _, change := range r.Changes {
			for _, s := range change.clockShifts(zone) {
				known := slices.ContainsFunc(all, func(other shift) bool { return s.At.Equal(other.At) && s.By == other.By })
				if !known && (change.Times == 1 || !s.At.Before(r.From) && s.At.Before(r.To)) {
					all = append(all, shift{s, name})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b shift) int { return a.At.Compare(b.At) })
	return all
}

// clockShifts returns the shifts on the days of a change and since its occurrence opened, or, of one that recurs, where a stretch
// of its dates begins or ends, within a weekend.
func (c Change) clockShifts(zone *time.Location) []schedules.Shift {
	if c.Times == 1 {
		return shiftsOn(zone, schedules.DateOf(schedules.Earlier(c.opens, c.From), zone), schedules.DateOf(c.To, zone))
	}
	pattern := c.Dates.pattern()
	if !pattern.fits(c.Times) {
		return nil
	}
	const weekend = 3
	var all []schedules.Shift
	for _, s := range pattern.stretches {
		all = append(all, shiftsOn(zone, s.First-weekend, s.First)...)
		all = append(all, shiftsOn(zone, s.Last, s.Last+weekend)...)
	}
	return all
}

// shiftsOn returns the shifts on the local dates from first to last.
func shiftsOn(zone *time.Location, first, last schedules.Date) []schedules.Shift {
	return schedules.Shifts(zone, schedules.DayStart(first, zone).Add(-1), schedules.DayStart(last+1, zone))
}
