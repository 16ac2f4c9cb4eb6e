package year

import (
	"fmt"
	"strings"
)

// draw chooses who writes the HPA next, and what.
func (w *walk) draw(p *page) (writer, change) {
	by := pick(w.rng, writers()...)
	if p.damaged && chance(w.rng, 70) { // somebody repairs it
		return writer{"repair", "kubectl-patch", false, false, mergePatch}, change{minReplicas: new(w.anyMin(p)), marks: dropped}
	}
	c := change{}
	switch n := w.rng.IntN(100); {
	case n < 55:
		c.minReplicas = new(w.anyMin(p))
	case n < 65:
		c.maxReplicas = new(4 + w.rng.Int32N(60))
	case n < 72:
		c.maxReplicas = new(4 + w.rng.Int32N(60))
		c.minReplicas = new(1 + w.rng.Int32N(*c.maxReplicas))
	case n < 80:
		c.tier = new(pick(w.rng, tiers()...))
	case n < 86:
		c.ignore = new(!p.ignore)
	case n < 92:
		c.declared = new(pick(w.rng, "", "", fmt.Sprint(w.rng.IntN(12)), "99", "007", "many"))
		if w.noZero && *c.declared == "0" { // floorkeeper finds out when it gives it back: test/e2e
			c.declared = new("1")
		}
	case n < 94:
		c.external = new(!p.external)
	case n < 95:
		c.keda = new(!p.keda)
	case n < 97:
		c.marks = dropped
		c.minReplicas = new(pick(w.rng, w.anyMin(p), p.live))
	case n < 98 && p.held:
		c.marks = damaged
	default: // nothing, or with an apply that no minReplicas is meant
	}
	return by, c
}

// anyMin draws a minReplicas.
func (w *walk) anyMin(p *page) int32 {
	switch n := w.rng.IntN(20); {
	case n < 6:
		return p.word // the same as ever, from Git
	case n < 15:
		return 1 + w.rng.Int32N(min(12, p.maxReplicas))
	case n < 17:
		return p.live // the number that it has, be it a floor or not
	case n < 18:
		return 0
	case n < 19:
		return p.maxReplicas + 1
	default:
		return 1 + w.rng.Int32N(p.maxReplicas)
	}
}

func (c change) String() string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if c.minReplicas != nil {
		say("minReplicas=%d", *c.minReplicas)
	}
	if c.maxReplicas != nil {
		say("maxReplicas=%d", *c.maxReplicas)
	}
	if c.tier != nil {
		say("tier=%q", *c.tier)
	}
	if c.declared != nil {
		say("declared=%q", *c.declared)
	}
	if c.keda != nil {
		say("keda=%t", *c.keda)
	}
	if c.ignore != nil {
		say("ignore=%t", *c.ignore)
	}
	if c.external != nil {
		say("external=%t", *c.external)
	}
	if c.marks != kept {
		say("marks %s", []string{"kept", "dropped", "damaged"}[c.marks])
	}
	return "change " + strings.Join(all, " ")
}
