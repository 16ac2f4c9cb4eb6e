package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// verdict is what is wrong with a write; the zero verdict is that nothing is.
type verdict struct{ invariant, why string }

func guilty(invariant, format string, args ...any) verdict {
	return verdict{invariant, fmt.Sprintf(format, args...)}
}

// judge judges a write of ours, and takes the history on by it. It names one invariant, the gravest first.
func (c *checker) judge(h *life, before *version, w *Write) {
	after := &version{Write: w, state: w.observed(), wish: before.wish}
	v := c.verdict(h, before, after)
	if v.invariant != "" {
		c.violated(v.invariant, w.Request, "%s; it stood at %s", v.why, before)
	}
	if w.Idle {
		return
	}
	after.wish = before.wishAfter(after)
	h.add(after)
}

func (c *checker) verdict(h *life, before, after *version) verdict {
	if touched := c.foreignChanges(before, after); len(touched) > 0 {
		return guilty("I4", "it touches %s", strings.Join(touched, ", "))
	}
	release := isRelease(after.Request) && !slices.Contains(c.Users, after.User)
	if holder := c.holder(before); holder != "" && !release {
		return guilty("I4", "it touches what the installation %s holds", holder)
	}
	if before.state == after.state && maps.Equal(ours(before), ours(after)) {
		if release {
			return verdict{}
		}
		return c.judgeHandBack(h, before, after)
	}
	if v := c.judgeWish(h, before, after); v.invariant != "" || release {
		h.handed = false
		return v
	}
	if c.isQuiet(after.Request) {
		return guilty("I5", "the state had converged, and it changes it to %s", after)
	}
	return c.judgeDecision(h, before, after)
}

// judgeWish checks I1, I3 and I8 as far as they follow from the owner's wish alone, and I10: they hold for late writes too.
func (c *checker) judgeWish(h *life, before, after *version) verdict {
	switch held := after.state.Condition == autoscaler.Held; {
	case after.state.Condition == autoscaler.Damaged:
		return guilty("I1", "it leaves annotations from which no baseline can be read: %v", ours(after))
	case !before.baseline().known: // damaged, or our annotations were taken off and the floor was kept
		return guilty("I1", "nobody knows the baseline of this HPA, and it makes a guess: %s", after)
	case held && after.state.MinReplicas != after.state.Mark.Floor && after.state.MinReplicas != before.above():
		return guilty("I1", "minReplicas and the floor differ, so that the baseline is lost: %s", after)
	}
	v := judgeBaseline(before, after)
	if v.invariant == "" {
		return v
	}
	if late, ok := c.rightOnce(h, after); ok && after.expects() == "" {
		return guilty("I10", "a late write: it was right for what stood after %s, and now %s", late.Request, v.why)
	}
	if c.compounds(before, after) {
		return guilty("I8", "it takes the live minReplicas %d for the baseline: %s", before.state.MinReplicas, after)
	}
	return v
}

// judgeBaseline checks that a write honours a baseline that is known.
func judgeBaseline(before, after *version) verdict {
	wanted := before.baseline().replicas
	nearest, held := before.legal(wanted), after.state.Condition == autoscaler.Held
	switch recorded := after.state.Mark.Baseline; {
	case held && recorded != wanted && recorded != nearest && (recorded != 0 || !before.unknownZero()):
		return guilty("I1", "its owner wants %d, and it records another baseline: %s", wanted, after)
	case after.state.MinReplicas < nearest:
		return guilty("I3", "its owner wants %d, and it writes less: %s", wanted, after)
	case !held && after.state.MinReplicas != nearest:
		return guilty("I1", "its owner wants %d, and it gives back something else: %s", wanted, after)
	default:
		return verdict{}
	}
}

// judgeHandBack checks a write that changes nothing but field ownership, or nothing at all.
func (c *checker) judgeHandBack(h *life, before, after *version) verdict {
	decisions := c.decisionsAbout(before, after.Request)
	ramping := before.baseline().known
	valid := false
	for _, d := range decisions {
		valid = valid || d.valid
		ramping = ramping && d.valid && d.Ramp != ""
	}
	again := h.handed
	h.handed = true
	switch {
	case c.isQuiet(after.Request):
		return guilty("I5", "the state had converged, and it writes")
	case !valid:
		return guilty("I9", "no valid schedule is in force, and it writes")
	case after.Idle:
		return guilty("I7", "there was nothing to change")
	case again:
		return guilty("I7", "ownership was handed back already, and nothing was written since")
	case ramping:
		return guilty("I7", "ownership is handed back within a ramp, whose steps are one patch each")
	default:
		return verdict{}
	}
}

// judgeDecision checks that some decision explains the change, and that there is one decision for each change.
func (c *checker) judgeDecision(h *life, before, after *version) verdict {
	h.handed = false
	decisions := c.decisionsAbout(before, after.Request)
	explaining := slices.DeleteFunc(slices.Clone(decisions), func(d decision) bool { return !d.explains(before, after) })
	if len(explaining) == 0 {
		h.decided = place{decisions[len(decisions)-1].schedule, after.Received}
		return c.unexplained(before, after, decisions)
	}
	explaining = slices.DeleteFunc(explaining, func(d decision) bool { return !d.follows(h.decided, c.blur()) })
	if len(explaining) == 0 {
		return guilty("I7", "nothing has changed since the previous patch that would ask for another one: %s", after)
	}
	h.decided = explaining[0].place
	return verdict{}
}

// unexplained returns which invariant a change breaks that no decision explains.
func (c *checker) unexplained(before, after *version, decisions []decision) verdict {
	if c.compounds(before, after) {
		return guilty("I8", "it is computed from the live minReplicas %d in place of the baseline %d: %s",
			before.state.MinReplicas, before.baseline().replicas, after)
	}
	latest := decisions[len(decisions)-1]
	if !latest.valid {
		return guilty("I9", "no valid schedule is in force, and it writes %s", after)
	}
	return guilty("I9", "no schedule in force within %s explains %s; at %s it should have become %s", c.Slack, after,
		latest.at.Format("2006-01-02T15:04:05Z07:00"), describe(latest.outcome(before, before.baseline().replicas)))
}

// ours returns our annotations.
func ours(v *version) map[string]string {
	own := map[string]string{}
	for _, key := range ownKeys() {
		if value, ok := v.HPA.Annotations[key]; ok {
			own[key] = value
		}
	}
	return own
}
