package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/text"
)

// text returns the explanation in sentences: first the answer, then the reasons.
func (e *explanation) text() string {
	out := &strings.Builder{}
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	line("%s", e.answer())
	if e.Reading != "" {
		line("%s", e.Reading)
	}
	line("\nBaseline: %s", e.HPA.BaselineFrom)
	if e.HPA.Refusal != "" {
		line("\nNo entry may cover it: %s.", text.Visible(e.HPA.Refusal))
	}
	if len(e.Claims) > 0 {
		line("\nOpen and selecting it: %s.%s", text.Count(len(e.Claims), "occurrence"), e.openEntries())
	}
	if e.Clamped {
		ceiling := e.verdict.State.Ceiling()
		line("\nThe floor %d is clamped to %d by %s; %s to get it all.", e.Floor, ceiling.Replicas, ceiling.Name(), ceiling.Remedy())
	}
	if e.HPA.Refusal == "" && !e.verdict.State.Lost() {
		line("\n%s", e.nextChanges())
	}
	if len(e.Waiting) > 0 {
		heading := "Selecting it, but not open:"
		if e.idle() {
			heading = "Selecting it, but without effect:"
		}
		line("\n%s%s", heading, e.waitingEntries())
	} else if len(e.Claims) == 0 {
		line("\nNo entry of the schedule selects it. %s", e.closest())
	}
	return out.String()
}

// maxClaims is how many open occurrences are written. The one that applies is the first.
const maxClaims = 10

func (e *explanation) openEntries() string {
	out := &strings.Builder{}
	for _, c := range e.Claims[:min(len(e.Claims), maxClaims)] {
		fmt.Fprintf(out, "\n  %s asks for %d: %s.\n    %s\n    %s", e.schedule.Title(c.Entry), c.Floor, c.Amount, c.Position, c.Why)
	}
	if more := len(e.Claims) - maxClaims; more > 0 {
		fmt.Fprintf(out, "\n  And %d more, which do not apply; -o json has all.", more)
	}
	return out.String()
}

func (e *explanation) answer() string {
	subject := fmt.Sprintf("On %s, minReplicas of %s/%s is", text.Moment(e.At), text.Visible(e.HPA.Namespace), text.Visible(e.HPA.Name))
	if e.verdict.State.Lost() {
		return subject + fmt.Sprintf(" left at %d: its annotations are damaged and nobody knows the baseline.", e.HPA.MinReplicas)
	}
	reason := "its baseline; no entry is open."
	switch open := len(e.Claims) > 0; {
	case e.HPA.Refusal != "":
		reason = "its baseline; no entry may cover it."
	case !open && e.idle():
		reason = "its baseline; what is open asks for nothing."
	case open && e.MinReplicas == e.HPA.Baseline && e.Floor < e.HPA.Baseline:
		reason = fmt.Sprintf("its baseline, which is above the floor %d of %s.", e.Floor, e.schedule.Title(e.Entry))
	case open:
		reason = "because of " + e.schedule.Title(e.Entry) + "."
	}
	return fmt.Sprintf("%s %d: %s", subject, e.MinReplicas, reason)
}

func (e *explanation) nextChanges() string {
	if len(e.Next) == 0 {
		return fmt.Sprintf("Nothing changes in the next %d years.", int(cli.MaxRange.Hours()/24/365))
	}
	lines := []string{"What happens next:"}
	for _, c := range e.Next {
		effect := fmt.Sprintf("%s %d -> %d", c.verb, c.Before, c.After)
		if c.Before == c.After {
			effect = fmt.Sprintf("minReplicas stays %d", c.After)
		}
		if c.Steps > 1 {
			effect += fmt.Sprintf(" in %d steps until %s", c.Steps, text.MomentAfter(c.Until, c.Time))
		}
		lines = append(lines, fmt.Sprintf("  %s: %s (%s).", text.Moment(c.Time), effect, c.Why))
	}
	return strings.Join(lines, "\n")
}

// idle reports whether an entry is open that asks for nothing.
func (e *explanation) idle() bool {
	return slices.ContainsFunc(e.Waiting, func(w waiting) bool { return w.Note == nothing })
}

// maxWaiting is how many entries that are not open are written: a screen of them. JSON has all.
const maxWaiting = 30

func (e *explanation) waitingEntries() string {
	all := slices.Clone(e.Waiting)
	if len(all) > maxWaiting { // those that open come first, and of the others the last in the file
		slices.Reverse(all)
		slices.SortStableFunc(all, func(a, b waiting) int {
			if a.Opens.IsZero() != b.Opens.IsZero() {
				return map[bool]int{true: 1, false: -1}[a.Opens.IsZero()]
			}
			return a.Opens.Compare(b.Opens)
		})
	}
	var lines strings.Builder
	for i, w := range all {
		if i == maxWaiting {
			fmt.Fprintf(&lines, "\n  and %d more, which -o json lists.", len(all)-maxWaiting)
			break
		}
		if w.Note == "" {
			w.Note = "opens on " + e.moment(w.Opens, e.schedule.Entry(w.Entry).Location)
		}
		if w.Why != "" {
			w.Note += "; " + w.Why
		}
		fmt.Fprintf(&lines, "\n  %s %s.", e.schedule.Title(w.Entry), w.Note)
	}
	return lines.String()
}

func (e *explanation) closest() string {
	if len(e.Near) == 0 {
		return "No target comes close: check its namespace, name and labels."
	}
	return "What comes close:\n  " + strings.Join(e.Near, "\n  ")
}
