package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// explanation is what applies to one HPA at one instant, and the JSON form of that. All times are in the zone of At.
type explanation struct {
	At          time.Time          `json:"at"`
	Reading     string             `json:"reading,omitempty"` // which reading of --at is taken, where there are several
	HPA         subject            `json:"hpa"`
	MinReplicas int32              `json:"minReplicas"`
	Floor       int32              `json:"floor"`
	Entry       string             `json:"entry,omitempty"`
	Clamped     bool               `json:"clamped"`
	ClampedBy   autoscaler.Limiter `json:"clampedBy,omitempty"`
	Claims      []claim            `json:"claims"`
	Next        []change           `json:"next"`
	Waiting     []waiting          `json:"waiting"`
	Near        []string           `json:"near"`

	schedule *schedules.Schedule
	verdict  autoscaler.Verdict
	hpa      schedules.HPA
}

type subject struct {
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	Source       string `json:"source"` // where the HPA was looked up; empty where it is assumed
	Baseline     int32  `json:"baseline"`
	BaselineFrom string `json:"baselineFrom"`
	MinReplicas  int32  `json:"minReplicas"`
	MaxReplicas  int32  `json:"maxReplicas"`
	Refusal      string `json:"refusal,omitempty"`
}

type claim struct {
	Entry    string         `json:"entry"`
	Kind     string         `json:"kind"`
	Floor    int32          `json:"floor"`
	Full     int32          `json:"full"`
	Ramp     schedules.Ramp `json:"ramp,omitempty"`
	Position string         `json:"position"`
	Amount   string         `json:"amount"`
	Opens    time.Time      `json:"opens"`
	From     time.Time      `json:"from"` // the full floor is in effect from here
	To       time.Time      `json:"to"`   // up to here
	Closes   time.Time      `json:"closes"`
	Applies  bool           `json:"applies"`
	Why      string         `json:"why"`
}

// change is what happens next. A ramp is one change.
type change struct {
	Time   time.Time `json:"time"`
	Before int32     `json:"minReplicasBefore"`
	After  int32     `json:"minReplicas"`
	Steps  int       `json:"steps"`
	Until  time.Time `json:"until"`
	Why    string    `json:"why"`
	verb   forecast.Verb
}

type waiting struct {
	Entry string    `json:"entry"`
	Opens time.Time `json:"opens,omitzero"` // the zero time for never
	Note  string    `json:"note,omitempty"`
	Why   string    `json:"why,omitempty"` // it does not start on the date
}

// newExplanation explains a verdict. source is where the HPA was looked up, and assumption where the baseline of one that was not
// comes from.
func newExplanation(schedule *schedules.Schedule, v autoscaler.Verdict, source, assumption string) *explanation {
	e := &explanation{
		At: v.At, MinReplicas: v.Desired.MinReplicas, Floor: v.Applies.Floor, Entry: v.Applies.Because,
		Claims: []claim{}, Next: []change{}, Waiting: []waiting{}, Near: []string{},
		schedule: schedule, verdict: v, hpa: v.Subject(),
	}
	if ceiling := v.State.Ceiling(); !v.State.Lost() && v.Applies.Floor > ceiling.Replicas {
		e.Clamped, e.ClampedBy = true, ceiling.By
	}
	e.HPA = subject{
		v.HPA.Namespace, v.HPA.Name, source, e.hpa.Baseline, baselineFrom(&v.State, source, assumption),
		v.State.MinReplicas, v.State.MaxReplicas, v.Refusal,
	}
	claims := schedule.Claims(e.hpa, v.At)
	for i, d := range claims {
		span, zone := schedule.Occurrence(d, v.At), v.At.Location()
		e.Claims = append(e.Claims, claim{
			Entry: d.Because, Kind: schedule.Kind(d.Because), Floor: d.Floor, Full: d.Full, Ramp: d.Ramp,
			Position: e.position(d, span), Amount: e.amount(d),
			Opens: span.Opens().In(zone), From: span.From.In(zone), To: span.To.In(zone), Closes: span.Closes().In(zone),
			Applies: i == 0 && v.Refusal == "" && !v.State.Lost(), Why: e.why(claims, i),
		})
	}
	for c := range forecast.Ahead(&v, schedule, v.At.Add(cli.MaxRange)) {
		e.Next = append(e.Next, change{
			c.After.From.In(v.At.Location()), c.Before.MinReplicas, c.After.MinReplicas, max(1, len(c.Steps)),
			c.Last().In(v.At.Location()), c.Reason(schedule), c.Verb(),
		})
		if len(e.Next) == 2 {
			break
		}
	}
	e.wait()
	if len(e.Claims) == 0 && len(e.Waiting) == 0 {
		e.Near = nearTargets(schedule, e.hpa)
	}
	return e
}

func (e *explanation) amount(d schedules.Decision) string {
	if event := e.schedule.Event(d.Because); event != nil && event.Multiplier > 0 {
		multiplied := e.schedule.Multiplied(event, e.hpa)
		return fmt.Sprintf("%s times the %d of %s", event.Multiplier, multiplied.Amount, multiplied)
	}
	for _, target := range e.schedule.Entry(d.Because).Targets {
		switch {
		case !target.Selects(&e.hpa) || target.Amount.Of(e.hpa.Baseline) != d.Full:
		case target.Amount.Ratio > 0:
			return fmt.Sprintf("its target (%s) asks for %s of the baseline %d", target.String(), target.Amount, e.hpa.Baseline)
		default:
			return fmt.Sprintf("its target (%s) asks for minReplicas %s", target.String(), target.Amount)
		}
	}
	return ""
}

// wait adds the entries that select the HPA and are not open, and the suspended ones that would.
func (e *explanation) wait() {
	covering := e.schedule.Covering(e.hpa)
	for _, name := range covering {
		if !slices.ContainsFunc(e.Claims, func(c claim) bool { return c.Entry == name }) {
			e.Waiting = append(e.Waiting, e.opening(name))
		}
	}
	selects := func(t schedules.Target) bool { return t.Selects(&e.hpa) }
	inWindows := slices.ContainsFunc(covering, func(name string) bool { return e.schedule.Window(name) != nil })
	for _, name := range e.schedule.Names() {
		entry := e.schedule.Entry(name)
		if entry.Suspend && (slices.ContainsFunc(entry.Targets, selects) || len(entry.Targets) == 0 && inWindows) {
			e.Waiting = append(e.Waiting, waiting{Entry: name, Note: "is suspended and does nothing"})
		}
	}
}

// nothing is what an open entry without a claim asks for.
const nothing = "is open and asks for nothing: of the baseline 0, a percentage or multiple is 0"

func (e *explanation) opening(name string) waiting {
	if window := e.schedule.Window(name); window != nil {
		open, next := window.Spans(e.At)
		if len(open) > 0 {
			return waiting{Entry: name, Note: nothing}
		}
		if next.IsZero() {
			return waiting{Entry: name, Note: "never opens again", Why: refused(window, e.At)}
		}
		return waiting{Entry: name, Opens: next.In(e.At.Location()), Why: refused(window, e.At)}
	}
	span := e.schedule.Event(name).Span()
	if span.Closes().After(e.At) && !span.Opens().After(e.At) {
		return waiting{Entry: name, Note: nothing}
	}
	if span.Closes().After(e.At) {
		return waiting{Entry: name, Opens: span.Opens().In(e.At.Location())}
	}
	return waiting{Entry: name, Note: "is over since " + e.moment(span.Closes(), span.Closes().Location())}
}

// refused returns why a window does not start on the date that would matter at an instant, and "" where it does.
func refused(w *schedules.Window, at time.Time) string {
	date, refused := w.Refused(at)
	if !refused {
		return ""
	}
	phrases := map[string]string{
		"days": "none of its days", "daysOfMonth": "none of its daysOfMonth", "months": "in none of its months",
		"exceptDates": "in its exceptDates", "onlyDates": "not in its onlyDates",
	}
	if w.FirstDate != nil {
		phrases["firstDate"] = "before its firstDate, " + w.FirstDate.String()
	}
	if w.LastDate != nil {
		phrases["lastDate"] = "after its lastDate, " + w.LastDate.String()
	}
	var why []string
	for _, field := range w.Refusing(date) {
		why = append(why, phrases[field])
	}
	return text.Day(schedules.DayStart(date, w.Location)) + " is " + strings.Join(why, " and ")
}

func baselineFrom(state *autoscaler.State, source, assumption string) string {
	switch {
	case state.Lost():
		return "unknown. The annotation " + autoscaler.AnnotationDeclaredBaseline + " heals that."
	case source == "":
		return fmt.Sprintf("%d, as %s.", state.Baseline(), assumption)
	case state.Declared.Valid:
		return fmt.Sprintf("%d, from its annotation %s %s.", state.Baseline(), autoscaler.AnnotationDeclaredBaseline, source)
	case state.Condition == autoscaler.Held && state.MinReplicas == state.Mark.Floor:
		return fmt.Sprintf("%d, from its annotation %s %s: floorkeeper holds it at %d for %s.",
			state.Baseline(), autoscaler.AnnotationBaseline, source, state.MinReplicas, text.Visible(state.Mark.Because))
	default:
		return fmt.Sprintf("%d, its minReplicas %s.", state.Baseline(), source)
	}
}

func (e *explanation) why(claims []schedules.Decision, i int) string {
	first, c := claims[0], claims[i]
	switch {
	case e.HPA.Refusal != "":
		return "It does not apply, as no entry may cover the HPA."
	case e.verdict.State.Lost():
		return "It does not apply, as nobody knows the baseline."
	case i > 0 && c.Floor < first.Floor:
		return fmt.Sprintf("It does not apply: %d is less than %d.", c.Floor, first.Floor)
	case i > 0 && c.Until.Equal(first.Until):
		return "It does not apply: both ask for as much until the same instant, and the first by name applies."
	case i > 0:
		return "It does not apply: the other asks for as much, and its floor falls later."
	case len(claims) == 1:
		return "It applies, as nothing else is open."
	case claims[1].Floor < c.Floor:
		return "It applies: its floor is the largest."
	case claims[1].Until.Equal(c.Until):
		return "It applies: among equal floors that fall at the same instant, the first by name does."
	default:
		return "It applies: among equal floors, the one that falls last does."
	}
}

func (e *explanation) position(d schedules.Decision, span schedules.Span) string {
	entry := e.schedule.Entry(d.Because)
	at := func(t time.Time) string { return e.moment(t, entry.Location) }
	start := span.From.Add(entry.LeadTime)
	switch {
	case d.Ramp == schedules.Climbing:
		return fmt.Sprintf("It climbs since %s and reaches %d on %s.", at(span.Opens()), d.Full, at(span.From))
	case d.Ramp == schedules.Descending:
		return fmt.Sprintf("It ended on %s and descends from %d; its last step is over on %s.", at(span.To), d.Full, at(span.Closes()))
	case e.At.Before(span.From):
		return fmt.Sprintf("Its rampUp has begun on %s, with nothing to climb; it starts on %s and ends on %s.", at(span.Opens()), at(start), at(span.To))
	case !e.At.Before(span.To):
		return fmt.Sprintf("It ended on %s; its rampDown lasts until %s, with nothing to descend.", at(span.To), at(span.Closes()))
	case e.At.Before(start):
		return fmt.Sprintf("It is open %s early, because of its leadTime: since %s, for a start on %s; it ends on %s.",
			schedules.FormatDuration(entry.LeadTime), at(span.From), at(start), at(span.To))
	default:
		return fmt.Sprintf("It started on %s and ends on %s.", at(start), at(span.To))
	}
}

// moment returns an instant in the zone of the reader, and also in the zone of an entry if clocks show another time there.
func (e *explanation) moment(t time.Time, zone *time.Location) string {
	mine, its := t.In(e.At.Location()), t.In(zone)
	_, offset := mine.Zone()
	if _, other := its.Zone(); other != offset {
		return text.Moment(mine) + " (" + text.Clock(its) + ")"
	}
	return text.Moment(mine)
}

// nearTargets returns the targets that come closest to selecting an HPA, and what keeps each from it.
func nearTargets(schedule *schedules.Schedule, hpa schedules.HPA) []string {
	type candidate struct {
		distance int
		text     string
	}
	var all []candidate
	for _, name := range schedule.Names() {
		for _, target := range schedule.Entry(name).Targets {
			if distance, obstacle := obstacle(&target, hpa); obstacle != "" {
				all = append(all, candidate{distance, fmt.Sprintf("%s, target (%s): %s", schedule.Title(name), target.String(), obstacle)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	texts := []string{}
	for _, c := range all[:min(len(all), 3)] {
		texts = append(texts, c.text)
	}
	return texts
}

// obstacle returns what keeps a target from an HPA and how far it is away, and "" where that is too far.
func obstacle(target *schedules.Target, hpa schedules.HPA) (distance int, obstacle string) {
	var reasons []string
	for _, criterion := range []struct{ what, wanted, is string }{
		{"namespace", target.Namespace, hpa.Namespace}, {"name", target.Name, hpa.Name},
	} {
		if criterion.wanted != "" && criterion.wanted != criterion.is {
			distance += text.Distance(criterion.wanted, criterion.is)
			reasons = append(reasons, fmt.Sprintf("the %s is %s and not %s", criterion.what, criterion.is, criterion.wanted))
		}
	}
	if len(reasons) > 1 || distance > max(3, (len(target.Name)+len(target.Namespace))/2) {
		return 0, ""
	}
	var unmet []string
	if target.Selector != nil {
		requirements, _ := target.Selector.Requirements()
		for _, requirement := range requirements {
			if !requirement.Matches(labels.Set(hpa.Labels)) {
				unmet = append(unmet, requirement.String())
			}
		}
	}
	if len(unmet) > 0 {
		distance += 2 * len(unmet)
		reasons = append(reasons, "its labels do not meet "+strings.Join(unmet, " and "))
	}
	return distance, strings.Join(reasons, ", and ")
}
