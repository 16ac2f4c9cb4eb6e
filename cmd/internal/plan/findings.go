package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// message is what was found of one rule and entry, as a sentence without markup.
type message struct {
	level forecast.Severity
	rule  string
	text  string
}

// messages returns the findings and the limits of ResourceQuotas, warnings first.
func (p *Plan) messages() []message {
	var all []message
	style := forecast.Style{Few: few, Moment: p.moment, Nameless: p.assumed}
	for _, group := range forecast.Sorted(p.findings.Groups(forecast.ForPeople)) {
		all = append(all, message{group.Severity, string(group.Rule), p.findings.Sentence(group, p.Forecast.From, style)})
	}
	if p.sums != nil {
		for _, q := range p.sums.Quotas {
			all = append(all, message{forecast.Warning, "exceeded-quota", fmt.Sprintf(
				"ResourceQuota %s/%s, %s: %s of %s are used, and the floors add %s more at their peak; raise the quota before then",
				text.Visible(q.Namespace), text.Visible(q.Name), text.Visible(string(q.Resource)),
				quantity(q.Resource, q.Used), quantity(q.Resource, q.Hard), quantity(q.Resource, q.Added))})
		}
	}
	slices.SortStableFunc(all, func(a, b message) int { return cmp.Compare(b.level, a.level) })
	return all
}

// quantity returns CPU in cores whatever its unit in the manifest, and memory as in the manifest.
func quantity(name corev1.ResourceName, q resource.Quantity) string {
	if strings.HasSuffix(string(name), "cpu") {
		return sums.Cores(q.MilliValue())
	}
	return q.String()
}

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
