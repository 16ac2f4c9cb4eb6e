package forecast

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// FindingKind is what a finding is about. The kinds are stable: people search for them, and alert on them.
type FindingKind string

// The kinds of findings. Overlap and PastEntry are for information, the others are warnings.
const (
	ClampedFloor   FindingKind = "clamped-floor"    // a floor is above maxReplicas
	MatchesNothing FindingKind = "matches-nothing"  // an entry covers no HPA
	OwnedByKEDA    FindingKind = "owned-by-keda"    // an entry selects an HPA that a KEDA ScaledObject owns
	LostBaseline   FindingKind = "lost-baseline"    // an entry selects an HPA whose annotations are damaged
	SuddenRelease  FindingKind = "sudden-release"   // a floor falls at once, and nothing damps the fall
	ShortLeadTime  FindingKind = "short-lead-time"  // so many HPAs rise together that it takes longer than the leadTime
	ClockChange    FindingKind = "clock-change"     // a daylight-saving change touches an occurrence of an entry
	Overlap        FindingKind = "overlapped-entry" // another entry is open at the same time, with the larger floor
	PastEntry      FindingKind = "past-entry"       // an event is over, or the last date of a window
)

// Finding is something that people should know about a schedule beforehand. HPA is nil if it concerns the entry as a
// whole. Message is for people, and names neither the entry nor the HPA.
type Finding struct {
	Kind    FindingKind
	Entry   string
	HPA     *autoscalingv2.HorizontalPodAutoscaler
	From    time.Time // when it begins to matter; the zero time if it always does
	Message string
}

// Warning reports whether somebody should act on it.
func (f Finding) Warning() bool { return f.Kind != Overlap && f.Kind != PastEntry }

// Dated reports whether a reader needs to know when the finding begins to matter: not if its message holds the date, or
// if it matters by the given instant.
func (f Finding) Dated(by time.Time) bool {
	return f.Kind != ClockChange && f.Kind != PastEntry && f.From.After(by)
}

// Problems returns the warnings of the forecast, for each HPA and entry the first of each kind: floors that will be
// clamped, HPAs that will be refused, drops that nothing damps, and entries that match nothing or leave too little time.
func (f *Forecast) Problems() []Finding {
	var findings []Finding
	rises := make(rises)
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		if !o.leftAlone() {
			findings = append(findings, o.problems()...)
			rises.add(o)
		}
	}
	idle, _ := f.unmatched()
	findings = append(findings, idle...)
	return append(findings, rises.problems(f.Schedule)...)
}

func (o *Outlook) problems() []Finding {
	type about struct {
		kind  FindingKind
		entry string
	}
	var findings []Finding
	reported := make(map[about]bool)
	report := func(kind FindingKind, entry string, from time.Time, message func() string) {
		if about := (about{kind, entry}); !reported[about] {
			reported[about] = true
			findings = append(findings, Finding{kind, entry, o.HPA, from, message()})
		}
	}
	damped := damped(o.HPA.Spec.Behavior)
	var before Stretch
	for stretch := range o.Stretches() {
		if kind := o.shortfall(stretch); kind != "" {
			report(kind, stretch.Because, stretch.From, func() string { return o.shortfallMessage(kind, stretch) })
		}
		if !damped && stretch.MinReplicas < before.MinReplicas && o.forecast.atOnce(before.Because) {
			report(SuddenRelease, before.Because, stretch.From, func() string { return suddenFall(before, stretch) })
		}
		before = stretch
	}
	return findings
}
