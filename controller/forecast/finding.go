package forecast

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// FindingKind says what a finding is about. The kinds are stable: people search for them, and alert on them.
type FindingKind string

// What can be found. Overlap and PastEntry are for information, the others are warnings.
const (
	ClampedFloor   FindingKind = "clamped-floor"    // a floor is above maxReplicas
	MatchesNothing FindingKind = "matches-nothing"  // an entry covers no HPA
	OwnedByKEDA    FindingKind = "owned-by-keda"    // an entry selects an HPA that a KEDA ScaledObject owns
	LostBaseline   FindingKind = "lost-baseline"    // an entry selects an HPA whose annotations are damaged
	SuddenRelease  FindingKind = "sudden-release"   // a floor falls at once, and nothing damps the fall
	ShortLeadTime  FindingKind = "short-lead-time"  // so many HPAs rise together that it takes longer than the leadTime
	ClockChange    FindingKind = "clock-change"     // a daylight-saving change touches an occurrence of an entry
	Overlap        FindingKind = "overlapped-entry" // a larger floor of another entry stands over an entry
	PastEntry      FindingKind = "past-entry"       // an event is over, or the last date of a window
)

// Finding is something that people want to know of a schedule before the night. HPA is nil where it concerns the entry
// as a whole. Message is written for a person, and names neither the entry nor the HPA.
type Finding struct {
	Kind    FindingKind
	Entry   string
	HPA     *autoscalingv2.HorizontalPodAutoscaler
	From    time.Time // when it begins to matter; the zero time if it always does
	Message string
}

// Warning says whether somebody should do something about it.
func (f Finding) Warning() bool { return f.Kind != Overlap && f.Kind != PastEntry }

// Dated reports whether a reader should know when the finding begins to matter: not where its message holds the date, nor
// where it has begun by an instant.
func (f Finding) Dated(by time.Time) bool {
	return f.Kind != ClockChange && f.Kind != PastEntry && f.From.After(by)
}

// Problems returns the warnings that the forecast gives, for each HPA and entry the first of each kind: floors that will
// be clamped, HPAs that will be refused, falls that nothing damps, and entries that cover nothing or leave too little
// time.
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

// problems returns the warnings of one HPA.
func (o *Outlook) problems() []Finding {
	type about struct {
		kind  FindingKind
		entry string
	}
	var findings []Finding
	told := make(map[about]bool)
	tell := func(kind FindingKind, entry string, from time.Time, message func() string) {
		if about := (about{kind, entry}); !told[about] {
			told[about] = true
			findings = append(findings, Finding{kind, entry, o.HPA, from, message()})
		}
	}
	damped := damped(o.HPA.Spec.Behavior)
	var before Stretch
	for stretch := range o.Stretches() {
		if kind := o.shortfall(stretch); kind != "" {
			tell(kind, stretch.Because, stretch.From, func() string { return o.shortfallMessage(kind, stretch) })
		}
		if !damped && stretch.MinReplicas < before.MinReplicas && o.forecast.atOnce(before.Because) {
			tell(SuddenRelease, before.Because, stretch.From, func() string { return suddenFall(before, stretch) })
		}
		before = stretch
	}
	return findings
}
