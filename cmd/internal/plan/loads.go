package plan

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/text"
)

// loads returns what the floors add at their peak, in total and by namespace, and what is not known of it.
func (p *Plan) loads() []string {
	s := p.sums
	if s == nil || s.Raised == 0 {
		return nil
	}
	lines := []string{"At their peak the floors add " + p.load(s.Total, len(s.Unknown) < s.Raised) + " over the baselines."}
	if len(s.Namespaces) > 1 {
		for _, l := range s.Namespaces {
			lines = append(lines, "In "+text.Visible(l.Namespace)+": "+p.load(l, l.Requests() != "")+".")
		}
	}
	if len(s.Unknown) > 0 {
		lines = append(lines, fmt.Sprintf("CPU and memory of %d of %s are not known and not counted, such as %s.",
			len(s.Unknown), text.Count(s.Raised, "HPA"), s.Unknown[0]))
	}
	for _, note := range s.Notes {
		lines = append(lines, "Note: "+text.Visible(note)+".")
	}
	return lines
}

// load returns how much is added and when: once, if CPU and memory have their peaks at the same time as Pods.
func (p *Plan) load(l *sums.Load, requests bool) string {
	when := func(i int) string {
		if l.Peak[i] == 0 {
			return ""
		}
		return " (" + p.moment(l.At[i]) + ")"
	}
	other := func(i int) bool { return l.Peak[i] > 0 && !l.At[i].Equal(l.At[sums.Pods]) }
	pods, cpu, memory := text.Count(int(l.Peak[sums.Pods]), "Pod"), sums.Cores(l.Peak[sums.CPU])+" CPU", sums.Bytes(l.Peak[sums.Memory])+" of memory"
	switch {
	case !requests:
		return pods + when(sums.Pods)
	case other(sums.CPU) || other(sums.Memory):
		return pods + when(sums.Pods) + ", " + cpu + when(sums.CPU) + " and " + memory + when(sums.Memory)
	default:
		return pods + ", " + cpu + " and " + memory + when(sums.Pods)
	}
}
