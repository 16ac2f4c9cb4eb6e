package schedules

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// HPA is what a schedule needs to know about a HorizontalPodAutoscaler. Baseline is the minReplicas that its owner wants
// when no entry is open.
type HPA struct {
	Namespace, Name string
	Labels          map[string]string
	Baseline        int32
}

// Entry is what windows and events have in common. Name is unique in a schedule. Location is the zone of the entry's
// wall-clock times and dates. Accepted are the rules of findings about it that its owner has accepted; they change no floor.
type Entry struct {
	Name, Description          string
	Accepted                   []string
	Suspend                    bool
	Location                   *time.Location
	LeadTime, RampUp, RampDown time.Duration
	Targets                    []Target
}

// Target selects HPAs and holds the amount that it asks for them. Every criterion that is set must match; "" and nil
// are not set.
type Target struct {
	Namespace, Name string
	Selector        labels.Selector
	Amount          Amount
}

// Selects reports whether the target covers the HPA.
func (t *Target) Selects(hpa *HPA) bool {
	return (t.Namespace == "" || t.Namespace == hpa.Namespace) &&
		(t.Name == "" || t.Name == hpa.Name) &&
		(t.Selector == nil || t.Selector.Matches(labels.Set(hpa.Labels)))
}

// String names the target by what it selects: "namespace video, name images".
func (t *Target) String() string {
	var parts []string
	if t.Namespace != "" {
		parts = append(parts, "namespace "+t.Namespace)
	}
	if t.Name != "" {
		parts = append(parts, "name "+t.Name)
	}
	if t.Selector != nil {
		parts = append(parts, "selector "+t.Selector.String())
	}
	return strings.Join(parts, ", ")
}

// amountFor returns the largest amount that the entry's targets ask for the HPA, in replicas, and whether any of them
// selects it.
func (e *Entry) amountFor(hpa *HPA) (amount int32, selected bool) {
	for i := range e.Targets {
		if target := &e.Targets[i]; target.Selects(hpa) {
			amount, selected = max(amount, target.Amount.Of(hpa.Baseline)), true
		}
	}
	return amount, selected
}

// span returns the occurrence of the entry that starts and ends at the given instants.
func (e *Entry) span(start, end time.Time) Span {
	return Span{From: start.Add(-e.LeadTime), To: end, RampUp: e.RampUp, RampDown: e.RampDown}
}

// Event is a one-off entry. With a Multiplier, its floor for an HPA is that many times what [Schedule.Multiplied] returns,
// and its targets have no amounts; without targets, it covers every HPA that a window selects whose season includes
// StartDate.
type Event struct {
	Entry
	Start, End time.Time
	StartDate  Date // the local date of Start, which determines the windows that a multiplier applies to
	Multiplier Ratio

	StartWall, EndWall *Wall // as written by the wall clock of Location; nil where an offset is written, or a duration
}

// Span returns the one occurrence of the event.
func (e *Event) Span() Span { return e.span(e.Start, e.End) }

// MaxReplicas is the largest floor. The annotations floor and baseline have at most six digits.
const MaxReplicas = 999_999

// Ratio is an exact decimal factor in thousandths: 1500 is 1.5, or 150%.
type Ratio int64

// Of returns the ratio of n, rounded up, and at most MaxReplicas. The arithmetic is exact.
func (r Ratio) Of(n int32) int32 {
	return int32(min((int64(r)*int64(n)+999)/1000, MaxReplicas))
}

// String returns the shortest decimal: "1.5", "3".
func (r Ratio) String() string {
	return fmt.Sprintf("%g", float64(r)/1000)
}

// Amount is what a target asks for: a number of replicas, or a ratio of the HPA's own baseline. The zero Amount asks
// for nothing; the targets of an event with a multiplier have it.
type Amount struct {
	Replicas int32
	Ratio    Ratio
}

// String returns the amount as a schedule writes it: "25", "150%", and "" for the zero Amount.
func (a Amount) String() string {
	switch {
	case a.Ratio > 0:
		return fmt.Sprintf("%g%%", float64(a.Ratio)/10)
	case a.Replicas > 0:
		return fmt.Sprint(a.Replicas)
	default:
		return ""
	}
}

// Of returns the amount for a baseline, in replicas.
func (a Amount) Of(baseline int32) int32 {
	if a.Ratio > 0 {
		return a.Ratio.Of(baseline)
	}
	return a.Replicas
}
