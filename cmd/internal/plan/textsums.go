package plan

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/text"
)

// textFindings writes what is found, warnings first.
func (p *Plan) textFindings(l *lines) {
	found := p.tell()
	if len(found) > 0 {
		l.text("")
	}
	for _, f := range found {
		l.wrapped(f.level() + ": " + f.text + " [" + string(f.kind) + "]")
	}
	if p.Assumed {
		l.text("")
		l.wrapped(unchecked)
	}
}

// unchecked says what cannot be told of stand-ins.
const unchecked = "Without --hpas or --live each lane stands for a target of the schedule, with a baseline of 1, or of 100 where " +
	"floors are relative to it. Clamps, refusals, targets that match nothing and the Pods that floors add were not looked at."

func (t told) level() string {
	if t.warning {
		return "warning"
	}
	return "note"
}

// textSums writes what the floors add at their peak.
func (p *Plan) textSums(l *lines) {
	for i, line := range p.sumLines() {
		if i == 0 {
			l.text("")
		}
		l.wrapped(line)
	}
}

// sumLines says what the floors add at their peak, in total and by namespace, and what is not known of it.
func (p *Plan) sumLines() []string {
	s := p.Sums
	if s == nil || s.Raised == 0 {
		return nil
	}
	lines := []string{"At their peak the floors add " + p.load(s.Total, len(s.Unknown) < s.Raised) + " over the baselines."}
	if len(s.Namespaces) > 1 {
		for _, space := range s.Namespaces {
			lines = append(lines, "In "+text.Visible(space.Namespace)+": "+p.load(space, space.CPU.Sum+space.Memory.Sum > 0)+".")
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

// load says how much is added and when. Where CPU or memory have their peak at another time, that is said.
func (p *Plan) load(l sums.Load, requests bool) string {
	pods := text.Count(int(l.Pods.Sum), "Pod")
	when := text.Moment(l.Pods.At.In(p.Zone))
	if !requests {
		return pods + " (" + when + ")"
	}
	if l.CPU.Sum > 0 && !l.CPU.At.Equal(l.Pods.At) || l.Memory.Sum > 0 && !l.Memory.At.Equal(l.Pods.At) {
		return fmt.Sprintf("%s (%s), %s CPU%s and %s of memory%s", pods, when,
			sums.Cores(l.CPU.Sum), p.since(l.CPU), sums.Bytes(l.Memory.Sum), p.since(l.Memory))
	}
	return fmt.Sprintf("%s, %s CPU and %s of memory (%s)", pods, sums.Cores(l.CPU.Sum), sums.Bytes(l.Memory.Sum), when)
}

func (p *Plan) since(peak sums.Peak) string {
	if peak.Sum == 0 {
		return ""
	}
	return " (" + text.Moment(peak.At.In(p.Zone)) + ")"
}

// exceeded says that a limit of a ResourceQuota cannot hold what the floors add.
func exceeded(q cluster.QuotaProblem) string {
	return fmt.Sprintf("ResourceQuota %s/%s, %s: %s of %s are used, and the floors add %s more at their peak; raise the quota before then",
		text.Visible(q.Namespace), text.Visible(q.Name), text.Visible(string(q.Resource)),
		quantity(q.Resource, q.Used), quantity(q.Resource, q.Hard), quantity(q.Resource, q.Added))
}

// quantity writes CPU in cores whatever the unit that it was given in, and memory as it was given.
func quantity(name corev1.ResourceName, q resource.Quantity) string {
	if strings.HasSuffix(string(name), "cpu") {
		return sums.Cores(q.MilliValue())
	}
	return q.String()
}
