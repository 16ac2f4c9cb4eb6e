package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

func (e *explanation) print(w io.Writer, output string) error {
	if output == "json" {
		return cli.WriteJSON(w, e.encoded())
	}
	_, err := io.WriteString(w, e.text())
	return err
}

// paragraphs is text in the making.
type paragraphs struct{ strings.Builder }

func (p *paragraphs) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// text says everything in sentences: first the answer, then the reasons.
func (e *explanation) text() string {
	p := &paragraphs{}
	p.line("%s", e.answer())
	if e.reading != "" {
		p.line("%s", e.reading)
	}
	p.line("\nBaseline: %s", e.baseline())
	if e.look.Refusal != "" {
		p.line("\nNo entry may cover it: %s.", text.Visible(e.look.Refusal))
	}
	e.openEntries(p)
	if e.clamped() {
		p.line("\nmaxReplicas is %d, so the floor %d is clamped to it; raise maxReplicas to get it all.", e.look.State.MaxReplicas, e.look.Applies.Floor)
	}
	e.whatNext(p)
	e.notOpen(p)
	if len(e.claims) == 0 && len(e.waiting) == 0 {
		p.line("\nNo entry of the schedule selects it. %s", comesClose(e.near))
	}
	return p.String()
}

func comesClose(near []string) string {
	if len(near) == 0 {
		return "No target comes close: check its namespace, name and labels."
	}
	return "What comes close:\n  " + strings.Join(near, "\n  ")
}

// moment returns an instant in the zone of the reader, and also in the zone of an entry if clocks show another time there.
func (e *explanation) moment(t time.Time, zone *time.Location) string {
	moment := text.Moment(t.In(e.zone))
	_, mine := t.In(e.zone).Zone()
	if _, its := t.In(zone).Zone(); its != mine {
		moment += " (" + text.Clock(t.In(zone)) + ")"
	}
	return moment
}

func (e *explanation) answer() string {
	subject := fmt.Sprintf("On %s, minReplicas of %s is", text.Moment(e.at.In(e.zone)), e.name())
	if e.look.State.Lost() {
		return subject + fmt.Sprintf(" left at %d: its annotations are damaged and nobody knows the baseline.", e.look.State.MinReplicas)
	}
	reason := "its baseline; no entry is open."
	switch claims := len(e.claims); {
	case e.look.Refusal != "":
		reason = "its baseline; no entry may cover it."
	case claims > 0 && e.look.Desired.MinReplicas == e.subject.Baseline && e.look.Applies.Floor < e.subject.Baseline:
		reason = fmt.Sprintf("its baseline, which is above the floor %d of %s.", e.look.Applies.Floor, e.title(e.look.Applies.Because))
	case claims > 0:
		reason = "because of " + e.title(e.look.Applies.Because) + "."
	}
	return fmt.Sprintf("%s %d: %s", subject, e.look.Desired.MinReplicas, reason)
}

func (e *explanation) name() string {
	return text.Visible(e.hpa.Namespace) + "/" + text.Visible(e.hpa.Name)
}

func (e *explanation) title(entry string) string { return e.schedule.Title(entry) }

func (e *explanation) clamped() bool {
	return !e.look.State.Lost() && e.look.Applies.Floor > e.look.State.MaxReplicas
}

func (e *explanation) baseline() string {
	state := e.look.State
	switch {
	case e.look.State.Lost():
		return "unknown. The annotation " + autoscaler.AnnotationDeclaredBaseline + " heals that."
	case e.origin == "":
		return fmt.Sprintf("%d, as %s.", state.Baseline(), e.assumption)
	case state.Declared.Valid:
		return fmt.Sprintf("%d, from its annotation %s %s.", state.Baseline(), autoscaler.AnnotationDeclaredBaseline, e.origin)
	case state.Condition == autoscaler.Held && state.MinReplicas == state.Mark.Floor:
		return fmt.Sprintf("%d, from its annotation %s %s: floorkeeper holds it at %d for %s.",
			state.Baseline(), autoscaler.AnnotationBaseline, e.origin, state.MinReplicas, text.Visible(state.Mark.Because))
	default:
		return fmt.Sprintf("%d, its minReplicas %s.", state.Baseline(), e.origin)
	}
}

func (e *explanation) openEntries(p *paragraphs) {
	if len(e.claims) == 0 {
		return
	}
	p.line("\nOpen and selecting it: %s.", text.Count(len(e.claims), "occurrence"))
	for i, c := range e.claims {
		p.line("  %s asks for %d: %s.", e.title(c.Because), c.Floor, c.amount)
		p.line("    %s", e.position(c))
		p.line("    %s", e.why(i))
	}
}

// why describes why a claim applies or does not.
func (e *explanation) why(i int) string {
	first, c := e.claims[0], e.claims[i]
	switch {
	case e.look.Refusal != "":
		return "It does not apply, as no entry may cover the HPA."
	case e.look.State.Lost():
		return "It does not apply, as nobody knows the baseline."
	case i > 0 && c.Floor < first.Floor:
		return fmt.Sprintf("It does not apply: %d is less than %d.", c.Floor, first.Floor)
	case i > 0 && c.Until.Equal(first.Until):
		return "It does not apply: both ask for as much until the same instant, and the first by name applies."
	case i > 0:
		return "It does not apply: the other asks for as much, and its floor falls later."
	case len(e.claims) == 1:
		return "It applies, as nothing else is open."
	case e.claims[1].Floor < c.Floor:
		return "It applies: its floor is the largest."
	case e.claims[1].Until.Equal(c.Until):
		return "It applies: among equal floors that fall at the same instant, the first by name does."
	default:
		return "It applies: among equal floors, the one that falls last does."
	}
}

func (e *explanation) position(c claim) string {
	at := func(t time.Time) string { return e.moment(t, c.Location) }
	start := c.span.From.Add(c.LeadTime)
	switch {
	case c.Ramp == schedules.Climbing:
		return fmt.Sprintf("It climbs since %s and reaches %d on %s.", at(c.span.Opens()), c.Full, at(c.span.From))
	case c.Ramp == schedules.Descending:
		return fmt.Sprintf("It ended on %s and descends from %d; its last step is over on %s.", at(c.span.To), c.Full, at(c.span.Closes()))
	case e.at.Before(c.span.From):
		return fmt.Sprintf("Its rampUp has begun on %s, with nothing to climb; it starts on %s and ends on %s.", at(c.span.Opens()), at(start), at(c.span.To))
	case !e.at.Before(c.span.To):
		return fmt.Sprintf("It ended on %s; its rampDown lasts until %s, with nothing to descend.", at(c.span.To), at(c.span.Closes()))
	case e.at.Before(start):
		return fmt.Sprintf("It stands %s early, as leadTime says: since %s, for a start on %s; it ends on %s.",
			schedules.FormatDuration(c.LeadTime), at(c.span.From), at(start), at(c.span.To))
	default:
		return fmt.Sprintf("It started on %s and ends on %s.", at(start), at(c.span.To))
	}
}

func (e *explanation) whatNext(p *paragraphs) {
	if e.look.Refusal != "" || e.look.State.Lost() {
		return
	}
	if len(e.next) == 0 {
		p.line("\nNothing changes in the next %d years.", int(cli.MaxRange.Hours()/24/365))
		return
	}
	p.line("\nWhat happens next:")
	for i := range e.next {
		change := &e.next[i]
		p.line("  %s: %s (%s).", text.Moment(change.After.From.In(e.zone)), stepped(change, e.zone), change.Reason(e.schedule))
	}
}

func stepped(change *forecast.Change, zone *time.Location) string {
	before, after := change.Before.MinReplicas, change.After.MinReplicas
	step := fmt.Sprintf("%s %d -> %d", change.Verb(), before, after)
	if before == after {
		step = fmt.Sprintf("minReplicas stays %d", after)
	}
	if n := len(change.Steps); n > 1 {
		step += fmt.Sprintf(" in %d steps until %s", n, text.MomentAfter(change.Last().In(zone), change.After.From))
	}
	return step
}

func (e *explanation) notOpen(p *paragraphs) {
	for i, w := range e.waiting {
		if i == 0 {
			p.line("\nSelecting it, but not open:")
		}
		if w.note != "" {
			p.line("  %s %s.", e.title(w.name), w.note)
		} else {
			p.line("  %s opens on %s.", e.title(w.name), e.moment(w.opens, e.schedule.Entry(w.name).Location))
		}
	}
}
