package forecast

import (
	"cmp"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/text"
)

// Finding is something that people should know about a schedule beforehand. HPA is nil if it concerns the entry as a
// whole. Message is for people, and names neither the entry nor the HPA.
type Finding struct {
	Rule     Rule
	Severity Severity
	Entry    string
	HPA      *autoscalingv2.HorizontalPodAutoscaler
	From     time.Time // when it begins to matter; the zero time if it always does
	Times    int       // how often it is so, as far as that is counted
	Message  string
}

// Dated reports whether a reader needs to know when the finding begins to matter: not if its message holds the date, or
// if it matters by the given instant.
func (f *Finding) Dated(by time.Time) bool {
	return f.Rule != ClockChange && f.Rule != PastEntry && f.From.After(by)
}

// Context is what the caller of a forecast knows beside the schedule and the HPAs, and asks.
type Context struct {
	Now       time.Time
	Namespace string // the only one whose HPAs are known; empty for all
	Assumed   bool   // the HPAs are placeholders for the targets of the schedule
	Ignore    []Rule // the rules whose findings nobody wants
	Facts     Facts

	// ControllerRate is how many requests per second the HPA controller sends at most, and SchedulerRate how many Pods per
	// second the scheduler places: 0 for the default, less for no limit.
	ControllerRate, SchedulerRate int

	// WarnAdded is how many replicas all floors together may add over the baselines without a warning; 0 for any number.
	WarnAdded int

	// Selects reports whether anybody asks for findings of the HPA; nil for all.
	Selects func(*autoscalingv2.HorizontalPodAutoscaler) bool
}

// Findings returns what is worth knowing of a valid schedule over the range of the forecast, and, where the HPAs are known,
// of these: floors that will be clamped, HPAs that will be refused, drops that nothing damps, entries that match nothing or
// leave too little time.
func (f *Forecast) Findings() *Findings {
	found := Fold(f.Schedule)
	f.Each(found.Add)
	return found
}

// Each reports the same one by one.
func (f *Forecast) Each(report func(Finding)) {
	f.scheduleFindings(f.wanted(report))
	if f.Assumed {
		f.limited(f.wanted(report))
	} else {
		f.problems(f.wanted(report))
	}
	f.multiplied(f.wanted(report))
	f.gaps(f.wanted(report))
	f.overlaps(f.wanted(report))
}

// Problems returns the findings that need HPAs, one by one.
func (f *Forecast) Problems() []Finding {
	var all []Finding
	f.problems(f.wanted(func(found Finding) { all = append(all, found) }))
	return all
}

// wanted passes on the findings that the caller did not ask to ignore, nor the owner of the entry by a comment.
func (f *Forecast) wanted(report func(Finding)) func(Finding) {
	severities := severities()
	return func(found Finding) {
		found.Severity = cmp.Or(found.Severity, severities[found.Rule])
		unasked := found.HPA != nil && f.Selects != nil && !f.Selects(found.HPA)
		if accepted := f.accepted(found); !accepted && !unasked && !slices.Contains(f.Ignore, found.Rule) {
			report(found)
		}
	}
}

// accepted reports whether the owner of the entry has accepted what was found.
func (f *Forecast) accepted(found Finding) bool {
	entry := f.Schedule.Entry(found.Entry)
	if entry == nil || !slices.Contains(entry.Accepted, string(found.Rule)) {
		return false
	}
	f.used[about{rule: found.Rule, entry: found.Entry}] = true
	return true
}

// Accepted reports whether a finding about an entry was left out because its owner has accepted it.
func (f *Forecast) Accepted(entry string, rule Rule) bool {
	return f.used[about{rule: rule, entry: entry}]
}

func (f *Forecast) problems(report func(Finding)) {
	rises, scaled := make(rises), make(map[target][]*Outlook)
	for i := range f.Outlooks {
		key := targetOf(f.Outlooks[i].HPA)
		scaled[key] = append(scaled[key], &f.Outlooks[i])
	}
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		if !o.leftAlone() {
			o.problems(scaled, report)
			rises.add(o)
		}
	}
	f.unmatched(report)
	f.added(report)
	for _, b := range f.bottlenecks() {
		rises.problems(f.Schedule, b, report)
	}
}

// scheduleFindings reports what needs no HPAs: entries that are in the past, and the occurrences that a daylight-saving change
// touches.
func (f *Forecast) scheduleFindings(report func(Finding)) {
	windows := f.Schedule.Windows()
	for i := range windows {
		if open, next := windows[i].Spans(f.Now); len(open) == 0 && next.IsZero() {
			report(Finding{Rule: PastEntry, Entry: windows[i].Name, Message: "its last date is over, and it does nothing any more"})
		}
	}
	for _, event := range f.Schedule.Events() {
		if closed := event.Span().Closes(); !closed.After(f.Now) {
			report(Finding{
				Rule: PastEntry, Entry: event.Name, From: closed,
				Message: "it is over since " + text.Minute(closed.In(event.Location)) + " and does nothing any more",
			})
		}
	}
	for _, change := range f.Schedule.ClockChanges(f.From, f.To) {
		found := Finding{Rule: ClockChange, Severity: Warning, Entry: change.Entry, From: change.From, Message: change.String()}
		if change.Spanned() {
			found.Severity = Note
		}
		report(found)
	}
}
