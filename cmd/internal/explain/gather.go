package explain

import (
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

type explanation struct {
	schedule *schedules.Schedule
	scope    autoscaler.Scope
	zone     *time.Location
	at       time.Time
	reading  string // which reading of --at is taken, where there are several
	hpa      *autoscalingv2.HorizontalPodAutoscaler
	origin   string // where the HPA was looked up; empty where it is assumed

	assumption string // where the baseline of an assumed HPA is from

	look    autoscaler.Verdict
	subject schedules.HPA
	claims  []claim
	next    []forecast.Change
	waiting []waiting
	near    []string
}

type claim struct {
	schedules.Decision
	*schedules.Entry
	span   schedules.Span
	amount string
}

type waiting struct {
	name  string
	opens time.Time // the zero time for never
	note  string
}

func (e *explanation) gather() {
	e.look = e.scope.Judge(e.schedule, e.hpa, e.at)
	e.subject = e.look.Subject()
	for _, decision := range e.schedule.Claims(e.subject, e.at) {
		entry := e.schedule.Entry(decision.Because)
		e.claims = append(e.claims, claim{decision, entry, e.spanOf(decision), e.amountOf(decision)})
	}
	for change := range forecast.Ahead(&e.look, e.schedule, e.at.Add(cli.MaxRange)) {
		if e.next = append(e.next, change); len(e.next) == 2 {
			break
		}
	}
	e.wait()
	if len(e.claims) == 0 && len(e.waiting) == 0 {
		e.near = near(e.schedule, e.subject)
	}
}

func (e *explanation) spanOf(decision schedules.Decision) schedules.Span {
	if window := e.schedule.Window(decision.Because); window != nil {
		open, _ := window.Spans(e.at)
		for _, span := range open {
			if span.Opens().Equal(decision.Since) {
				return span
			}
		}
	}
	if event := e.schedule.Event(decision.Because); event != nil {
		return event.Span()
	}
	return schedules.Span{}
}

// amountOf describes how an entry comes to its floor.
func (e *explanation) amountOf(decision schedules.Decision) string {
	if event := e.schedule.Event(decision.Because); event != nil && event.Multiplier > 0 {
		return e.product(event, decision.Full)
	}
	for _, target := range e.schedule.Entry(decision.Because).Targets {
		if amount := target.Amount; target.Selects(&e.subject) {
			if amount.Replicas == decision.Full {
				return fmt.Sprintf("its target %s says minReplicas %d", "("+target.String()+")", amount.Replicas)
			}
			if amount.Ratio > 0 && amount.Ratio.Of(e.subject.Baseline) == decision.Full {
				return fmt.Sprintf("its target %s says %s%% of the baseline %d", "("+target.String()+")", schedules.Ratio(int64(amount.Ratio)*100), e.subject.Baseline)
			}
		}
	}
	return ""
}

// product describes what an event's multiplier multiplies: the largest amount of a window, or the baseline.
func (e *explanation) product(event *schedules.Event, full int32) string {
	for _, name := range e.schedule.Covering(e.subject) {
		if window := e.schedule.Window(name); window != nil {
			for _, target := range window.Targets {
				amount := target.Amount.Replicas
				if target.Amount.Ratio > 0 {
					amount = target.Amount.Ratio.Of(e.subject.Baseline)
				}
				if target.Selects(&e.subject) && event.Multiplier.Of(amount) == full {
					return fmt.Sprintf("its multiplier is %s, and %s gives %d", event.Multiplier, e.schedule.Title(name), amount)
				}
			}
		}
	}
	return fmt.Sprintf("its multiplier is %s, and no window of its season gives an amount, so that it multiplies the baseline %d", event.Multiplier, e.subject.Baseline)
}

func (e *explanation) wait() {
	open := make(map[string]bool)
	for _, claim := range e.claims {
		open[claim.Because] = true
	}
	for _, name := range e.schedule.Covering(e.subject) {
		if open[name] {
			continue
		}
		if window := e.schedule.Window(name); window != nil {
			_, next := window.Spans(e.at)
			e.waiting = append(e.waiting, waiting{name, next, never(next, "never opens again")})
			continue
		}
		span := e.schedule.Event(name).Span()
		if span.Closes().After(e.at) {
			e.waiting = append(e.waiting, waiting{name: name, opens: span.Opens()})
		} else {
			e.waiting = append(e.waiting, waiting{name: name, note: "is over since " + e.moment(span.Closes(), span.Closes().Location())})
		}
	}
	for _, name := range e.schedule.Names() {
		if e.schedule.Entry(name).Suspend && e.wouldCover(name) {
			e.waiting = append(e.waiting, waiting{name: name, note: "is suspended and does nothing"})
		}
	}
}

func never(next time.Time, note string) string {
	if next.IsZero() {
		return note
	}
	return ""
}

// wouldCover reports whether a suspended entry would select the HPA.
func (e *explanation) wouldCover(name string) bool {
	entry := e.schedule.Entry(name)
	if slices.ContainsFunc(entry.Targets, func(t schedules.Target) bool { return t.Selects(&e.subject) }) {
		return true
	}
	return len(entry.Targets) == 0 && slices.ContainsFunc(e.schedule.Covering(e.subject), func(name string) bool { return e.schedule.Window(name) != nil })
}
