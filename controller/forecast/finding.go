package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// FindingKind is what a finding is about. The kinds are stable: people search for them, and alert on them.
type FindingKind string

// The kinds of findings. Overlap and PastEntry are for information, the others are warnings.
const (
	ClampedFloor   FindingKind = "clamped-floor"         // a floor is above maxReplicas
	MatchesNothing FindingKind = "matches-nothing"       // an entry covers no HPA
	OwnedByKEDA    FindingKind = "owned-by-keda"         // an entry selects an HPA that a KEDA ScaledObject owns
	LostBaseline   FindingKind = "lost-baseline"         // an entry selects an HPA whose annotations are damaged
	CommittedMark  FindingKind = "committed-annotations" // a manifest of an HPA that an entry selects holds floorkeeper's annotations
	SuddenRelease  FindingKind = "sudden-release"        // a floor falls at once, and nothing damps the fall
	ShortLeadTime  FindingKind = "short-lead-time"       // so many HPAs rise together that it takes longer than the leadTime
	ClockChange    FindingKind = "clock-change"          // a daylight-saving change touches an occurrence of an entry
	Overlap        FindingKind = "overlapped-entry"      // another entry is open at the same time, with the larger floor
	PastEntry      FindingKind = "past-entry"            // an event is over, or the last date of a window
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
	if entries := o.Covering(o.forecast.Schedule); o.committed() && len(entries) > 0 {
		report(CommittedMark, entries[0], time.Time{}, func() string {
			return "its manifest holds annotations that only floorkeeper may write, as a copy of a raised HPA does: each apply would raise it; " +
				"remove " + autoscaler.Prefix + "baseline, floor, because, since, until and managed-by"
		})
	}
	damped := damped(o.HPA.Spec.Behavior)
	var before Stretch
	for stretch := range o.Stretches() {
		if kind := o.shortfall(stretch); kind != "" {
			report(kind, stretch.Because, stretch.From, func() string { return o.shortfallMessage(kind, stretch) })
		}
		// The HPA controller records its recommendations before minReplicas limits them, so that no stabilization window softens
		// the fall.
		if !damped && stretch.MinReplicas < before.MinReplicas {
			if entry := o.forecast.Schedule.Entry(before.Because); entry != nil && entry.RampDown == 0 {
				report(SuddenRelease, entry.Name, stretch.From, func() string {
					return fmt.Sprintf("minReplicas falls from %d to %d at once; give the entry a rampDown, or the HPA policies in behavior.scaleDown",
						before.MinReplicas, stretch.MinReplicas)
				})
			}
		}
		before = stretch
	}
	return findings
}

// committed reports whether the HPA comes from a file for an API server, and not from one, with annotations of ours.
func (o *Outlook) committed() bool { return o.HPA.UID == "" && o.State.Condition != autoscaler.Free }

// shortfall returns what keeps the HPA from getting the floor of a stretch, and "" where nothing does.
func (o *Outlook) shortfall(s Stretch) FindingKind {
	switch {
	case s.Floor == 0:
		return ""
	case o.ByKEDA:
		return OwnedByKEDA
	case o.Refusal != "" && o.State.Lost():
		return LostBaseline
	case o.Refusal == "" && s.Full > o.State.MaxReplicas:
		return ClampedFloor
	default:
		return ""
	}
}

func (o *Outlook) shortfallMessage(kind FindingKind, s Stretch) string {
	switch kind {
	case OwnedByKEDA:
		return o.Refusal + ", which would overwrite a floor, so it gets none; use a KEDA trigger instead"
	case LostBaseline:
		return o.Refusal + ", so its minReplicas stays as it is; give the baseline in the annotation " + autoscaler.AnnotationDeclaredBaseline
	}
	return fmt.Sprintf("the floor %d is above maxReplicas %d and will be clamped to it; raise maxReplicas before then", s.Full, o.State.MaxReplicas)
}

// damped reports whether an HPA limits how fast it scales down. The default policy, all Pods within 15 seconds, does not.
func damped(behavior *autoscalingv2.HorizontalPodAutoscalerBehavior) bool {
	if behavior == nil || behavior.ScaleDown == nil {
		return false
	}
	for _, policy := range behavior.ScaleDown.Policies {
		if policy.Type == autoscalingv2.PercentScalingPolicy && policy.Value >= 100 {
			return false
		}
	}
	return len(behavior.ScaleDown.Policies) > 0
}

// Group is findings of one kind about one entry.
type Group []Finding

// Grouped puts findings of one kind about one entry together, in the order of their first, so that hundreds of HPAs do not
// give hundreds of lines. An entry that several others overlap has a group for each.
func Grouped(findings []Finding) []Group {
	type about struct {
		kind           FindingKind
		entry, message string
	}
	return GroupBy(Group(findings), func(f Finding) about {
		key := about{kind: f.Kind, entry: f.Entry}
		if f.Kind == Overlap {
			key.message = f.Message
		}
		return key
	})
}

// GroupBy returns the values of equal keys together, in the order of their first.
func GroupBy[S ~[]T, K comparable, T any](all S, key func(T) K) []S {
	var groups []S
	index := make(map[K]int)
	for _, value := range all {
		k := key(value)
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], value)
	}
	return groups
}

// Names returns the HPAs of the findings, as NAMESPACE/NAME.
func (g Group) Names() []string {
	var names []string
	for _, finding := range g {
		if finding.HPA != nil {
			names = append(names, text.Visible(finding.HPA.Namespace)+"/"+text.Visible(finding.HPA.Name))
		}
	}
	return names
}

// Sentence returns the group in a sentence about its subject: the first finding in full, and what the others add. The names
// are those of the HPAs, and the subject holds the first of them; list joins texts, or the first of many. Clock changes
// are listed one by one.
func (g Group) Sentence(subject string, names []string, list func(texts []string, separator string) string) string {
	message := g[0].Message
	if g[0].Kind == ClockChange {
		var all []string
		for _, finding := range g {
			all = append(all, finding.Message)
		}
		message = list(all, "; ")
	}
	sentence := subject + ": " + text.Visible(message)
	if len(names) > 1 {
		sentence += "; likewise " + list(names[1:], ", ")
	}
	return sentence
}

// ScheduleFindings returns the findings that need no HPAs: entries that are in the past, and the occurrences in [from, to)
// that a daylight-saving change touches.
func ScheduleFindings(schedule *schedules.Schedule, now, from, to time.Time) []Finding {
	var findings []Finding
	windows := schedule.Windows()
	for i := range windows {
		if open, next := windows[i].Spans(now); len(open) == 0 && next.IsZero() {
			findings = append(findings, Finding{
				Kind: PastEntry, Entry: windows[i].Name,
				Message: "its last date is over, and it does nothing any more",
			})
		}
	}
	for _, event := range schedule.Events() {
		if closed := event.Span().Closes(); !closed.After(now) {
			findings = append(findings, Finding{
				Kind: PastEntry, Entry: event.Name, From: closed,
				Message: "it is over since " + text.Minute(closed.In(event.Location)) + " and does nothing any more",
			})
		}
	}
	for _, change := range schedule.ClockChanges(from, to) {
		findings = append(findings, Finding{Kind: ClockChange, Entry: change.Entry, From: change.From, Message: change.String()})
	}
	return findings
}

// The rate at which the controller manager's client sends requests by the defaults of --kube-api-qps and --kube-api-burst,
// and how many an HPA takes that raises its target (the target's scale, its own status). A boundary that needs less than a
// few seconds is not reported.
const (
	managerRate       = 20
	managerBurst      = 30
	requestsForARaise = 2
	negligibleRaise   = 5 * time.Second
)

type rises map[int64]map[string]int

func (r rises) add(o *Outlook) {
	before := o.State.MinReplicas
	for stretch := range o.Stretches() {
		if stretch.MinReplicas > before && stretch.Ramp == schedules.Steady {
			at := stretch.From.UnixNano()
			if r[at] == nil {
				r[at] = make(map[string]int)
			}
			r[at][stretch.Because]++
		}
		before = stretch.MinReplicas
	}
}

// problems returns, for each entry, the instant at which its leadTime falls shortest of what the controller manager needs.
func (r rises) problems(schedule *schedules.Schedule) []Finding {
	worst, missing := make(map[string]Finding), make(map[string]time.Duration)
	for _, at := range slices.Sorted(maps.Keys(r)) {
		total := 0
		for _, hpas := range r[at] {
			total += hpas
		}
		needs := time.Duration(requestsForARaise*total-managerBurst) * time.Second / managerRate
		if needs < negligibleRaise {
			continue
		}
		for name := range r[at] {
			entry := schedule.Entry(name)
			short := needs - entry.LeadTime
			if short <= missing[name] {
				continue
			}
			missing[name] = short
			worst[name] = Finding{Kind: ShortLeadTime, Entry: name, From: time.Unix(0, at).In(entry.Location), Message: fmt.Sprintf(
				"%d HorizontalPodAutoscalers rise together, for which the controller manager needs about %s at its default of %d "+
					"requests per second; give the entry a leadTime above that (now %s), or the controller manager a larger --kube-api-qps",
				total, schedules.FormatDuration(needs.Round(time.Second)), managerRate, schedules.FormatDuration(entry.LeadTime))}
		}
	}
	return slices.SortedFunc(maps.Values(worst), func(a, b Finding) int { return cmp.Compare(a.Entry, b.Entry) })
}
