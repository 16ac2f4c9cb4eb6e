package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	note    = "note"
	warning = "warning"
)

func levelOf(f forecast.Finding) string {
	if f.Warning() {
		return warning
	}
	return note
}

// sorted puts warnings first, and findings of a kind and an entry together, the earliest first.
func sorted(findings []forecast.Finding) []forecast.Finding {
	slices.SortStableFunc(findings, func(a, b forecast.Finding) int {
		return cmp.Or(cmp.Compare(levelOf(b), levelOf(a)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Entry, b.Entry), a.From.Compare(b.From))
	})
	return findings
}

func countWarnings(findings []forecast.Finding) int {
	n := 0
	for _, finding := range findings {
		if finding.Warning() {
			n++
		}
	}
	return n
}

// warnings returns how many there are, the limits of ResourceQuotas included.
func (p *Plan) warnings() int {
	n := countWarnings(p.findings)
	if p.sums != nil {
		n += len(p.sums.Quotas)
	}
	return n
}

// message is a group of findings of one kind and entry, as a sentence without markup.
type message struct{ level, kind, text string }

// messages returns the findings and the limits of ResourceQuotas, warnings first.
func (p *Plan) messages() []message {
	var all []message
	for _, group := range forecast.Grouped(p.findings) {
		all = append(all, message{levelOf(group[0]), string(group[0].Kind), p.sentence(group)})
	}
	if p.sums != nil {
		for _, quota := range p.sums.Quotas {
			all = append(all, message{warning, "exceeded-quota", exceeded(quota)})
		}
	}
	slices.SortStableFunc(all, func(a, b message) int { return cmp.Compare(b.level, a.level) })
	return all
}

// sentence returns what is found of an entry. Placeholders are not named.
func (p *Plan) sentence(group forecast.Group) string {
	subject := p.Forecast.Schedule.Title(group[0].Entry)
	if group[0].Dated(p.Forecast.From) {
		subject += ", from " + p.moment(group[0].From)
	}
	var hpas []string
	if !p.assumed {
		hpas = group.Names()
	}
	if len(hpas) > 0 {
		subject += ", " + hpas[0]
	}
	return group.Sentence(subject, hpas, func(texts []string, separator string) string { return text.List(texts, separator, few) })
}

// exceeded returns that a limit of a ResourceQuota cannot hold what the floors add.
func exceeded(q cluster.QuotaProblem) string {
	return fmt.Sprintf("ResourceQuota %s/%s, %s: %s of %s are used, and the floors add %s more at their peak; raise the quota before then",
		text.Visible(q.Namespace), text.Visible(q.Name), text.Visible(string(q.Resource)),
		quantity(q.Resource, q.Used), quantity(q.Resource, q.Hard), quantity(q.Resource, q.Added))
}

// quantity returns CPU in cores whatever its unit in the manifest, and memory as in the manifest.
func quantity(name corev1.ResourceName, q resource.Quantity) string {
	if strings.HasSuffix(string(name), "cpu") {
		return sums.Cores(q.MilliValue())
	}
	return q.String()
}
