package config

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// amountRule is whether targets have minReplicas.
type amountRule int

const (
	amountRequired     amountRule = iota // in a window
	amountForbidden                      // in an event with a multiplier
	amountOrMultiplier                   // in an event without one
	amountPerhaps                        // in an event that seems to have one, misspelt
)

func (m *mapping) targets(rule amountRule) []schedules.Target {
	items := m.items("targets", "- {namespace: shop, name: checkout, minReplicas: 5}")
	m.refuseEmpty("targets")
	var targets []schedules.Target
	for _, item := range items {
		if t, ok := m.fields(item, "a target", targetFields); ok {
			targets = append(targets, t.target(rule))
		}
	}
	return targets
}

func (m *mapping) target(rule amountRule) schedules.Target {
	namespace, _ := read(m, "namespace", literal(label, "to select HPAs of every namespace, leave namespace out and give the target a selector"))
	name, _ := read(m, "name", literal(subdomain, "a name is that of one HPA; leave it out for all of the namespace, or give the target a selector"))
	if m.has("name") && !m.has("namespace") {
		m.Add(m.values["name"].Name, RuleNameAlone, "a target with a name needs the namespace of that "+
			"HorizontalPodAutoscaler")
	}
	if !m.has("namespace") && !m.has("name") && !m.has("selector") {
		m.Add(m.at, RuleSelectsNothing, "the target selects by nothing; give it a namespace, a namespace and a name, "+
			"or a selector")
	}
	amount, _ := read(m, "minReplicas", amount)
	switch written := m.has("minReplicas"); {
	case rule == amountRequired:
		m.require("minReplicas")
	case rule == amountForbidden && written:
		m.Add(m.values["minReplicas"].Name, RuleTwoAmounts, "the event has a multiplier, which sets the number; "+
			"remove one of the two")
	case rule == amountOrMultiplier && !written:
		m.Add(m.at, RuleNoAmount, "the target needs minReplicas, or else the event a multiplier")
	}
	return schedules.Target{Namespace: namespace, Name: name, Selector: m.selector(), Amount: amount}
}

// literal returns a parser that refuses patterns, with the advice given.
func literal(parse func(*source.Node) (string, error), advice string) func(*source.Node) (string, error) {
	return func(n *source.Node) (string, error) {
		if n.Text == "" || strings.ContainsAny(n.Text, "*?[") {
			return "", source.Refuse(RuleName, "%s is not a name; %s", source.Quote(n.Text), advice)
		}
		return parse(n)
	}
}

// selector reads a Kubernetes label selector, nil if none is given. One that is empty would select everything.
func (m *mapping) selector() labels.Selector {
	n, ok := m.value("selector")
	if !ok {
		return nil
	}
	before := len(m.Problems)
	s, ok := m.fields(n, "a selector", selectorFields)
	if !ok {
		return nil
	}
	written := metav1.LabelSelector{MatchLabels: s.matchLabels()}
	for _, item := range s.items("matchExpressions", "- {key: tier, operator: In, values: [front]}") {
		if e, ok := s.fields(item, "an expression of matchExpressions", expressionFields); ok {
			written.MatchExpressions = append(written.MatchExpressions, e.expression())
		}
	}
	if len(written.MatchLabels)+len(written.MatchExpressions) == 0 && len(m.Problems) == before {
		s.Add(n, RuleEmptySelector, "the selector is empty; give it matchLabels or matchExpressions, or remove it")
	}
	selector, err := metav1.LabelSelectorAsSelector(&written)
	if err != nil {
		return labels.Nothing() // what is refused has been reported
	}
	return selector
}

func (m *mapping) matchLabels() map[string]string {
	n, ok := m.value("matchLabels")
	if !ok {
		return nil
	}
	if n.Kind != source.Mapping {
		m.Add(n, source.RuleWrongType, "matchLabels is a mapping of labels to values, such as {tier: front}, not %s", n.Describe())
		return nil
	}
	all := map[string]string{}
	for _, f := range m.Flatten(n) {
		key, _ := readNode(m.parser, f.Name, "a label", labelKey)
		all[key], _ = readNode(m.parser, f.Value, "label "+source.Quote(f.Name.Text), labelValue)
	}
	return all
}

func (m *mapping) expression() metav1.LabelSelectorRequirement {
	m.require("key", "operator")
	key, _ := read(m, "key", labelKey)
	op, known := read(m, "operator", operator)
	compares := op == metav1.LabelSelectorOpIn || op == metav1.LabelSelectorOpNotIn
	switch n, _ := m.value("values"); {
	case !known:
	case compares && (n == nil || n.Kind == source.List && len(n.Items) == 0):
		m.Add(m.at, RuleValues, "the operator needs values to compare with")
	case !compares && n != nil:
		m.Add(m.values["values"].Name, RuleValues, "Exists and DoesNotExist compare with no values; remove them")
	}
	return metav1.LabelSelectorRequirement{Key: key, Operator: op, Values: readList(m, "values", "[front, back]", labelValues)}
}

// operator reads the operator of an expression, as Kubernetes spells them.
func operator(n *source.Node) (metav1.LabelSelectorOperator, error) {
	known := []string{"In", "NotIn", "Exists", "DoesNotExist"}
	if slices.Contains(known, n.Text) {
		return metav1.LabelSelectorOperator(n.Text), nil
	}
	return "", source.Refuse(RuleOperator, "%s is not an operator; write %s%s", source.Quote(n.Text), strings.Join(known, ", "),
		didYouMean(n.Text, known))
}

func labelKey(n *source.Node) (string, error) {
	return accepted(n, validation.IsQualifiedName, RuleLabel, "the key of a label; write at most 63 letters, digits, hyphens, "+
		"underscores and dots, perhaps after a prefix such as example.com/")
}

func labelValue(n *source.Node) (string, error) {
	return accepted(n, validation.IsValidLabelValue, RuleLabel, "the value of a label; write at most 63 letters, digits, hyphens, "+
		"underscores and dots")
}

func labelValues(n *source.Node) ([]string, error) {
	value, err := labelValue(n)
	return []string{value}, err
}
