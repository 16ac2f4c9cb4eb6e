package config

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// amountRule says whether targets have minReplicas.
type amountRule int

const (
	amountRequired     amountRule = iota // in a window
	amountForbidden                      // in an event with a multiplier
	amountOrMultiplier                   // in an event without one
)

// targets reads the targets of an entry.
func (m *fields) targets(rule amountRule) []schedules.Target {
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

// target reads one target.
func (m *fields) target(rule amountRule) schedules.Target {
	namespace, _ := read(m, "namespace", label)
	name, _ := read(m, "name", subdomain)
	if m.has("name") && !m.has("namespace") {
		m.add(m.values["name"].name, RuleNameAlone, "a target with a name needs the namespace of that "+
			"HorizontalPodAutoscaler")
	}
	if !m.has("namespace") && !m.has("name") && !m.has("selector") {
		m.add(m.at, RuleSelectsNothing, "the target selects by nothing; give it a namespace, a namespace and a name, "+
			"or a selector")
	}
	amount, _ := read(m, "minReplicas", amount)
	switch written := m.has("minReplicas"); {
	case rule == amountRequired:
		m.require("minReplicas")
	case rule == amountForbidden && written:
		m.add(m.values["minReplicas"].name, RuleTwoAmounts, "the event has a multiplier, which says how many; "+
			"remove one of the two")
	case rule == amountOrMultiplier && !written:
		m.add(m.at, RuleNoAmount, "the target needs minReplicas, or else the event a multiplier")
	}
	return schedules.Target{Namespace: namespace, Name: name, Selector: m.selector(), Amount: amount}
}

// selector reads a Kubernetes label selector, nil if none is given.
func (m *fields) selector() labels.Selector {
	n, ok := m.value("selector")
	if !ok {
		return nil
	}
	s, ok := m.fields(n, "a selector", selectorFields)
	if !ok {
		return nil
	}
	requirements := s.matchLabels()
	expressions := s.items("matchExpressions", "- {key: tier, operator: In, values: [front]}")
	for _, item := range expressions {
		if e, ok := s.fields(item, "an expression of matchExpressions", expressionFields); ok {
			requirements = append(requirements, e.expression()...)
		}
	}
	if s.empty("matchLabels") && s.empty("matchExpressions") && len(s.values) == len(n.fields) {
		s.add(n, RuleEmptySelector, "the selector is empty; give it matchLabels or matchExpressions, or remove it")
	}
	return labels.NewSelector().Add(requirements...)
}

// empty says whether a field is not given, or is a mapping or list with nothing in it.
func (m *fields) empty(name string) bool {
	n, ok := m.value(name)
	return !m.has(name) || ok && n.kind != scalar && len(n.fields) == 0 && len(n.items) == 0
}

// matchLabels reads labels and the values that they must have.
func (m *fields) matchLabels() []labels.Requirement {
	n, ok := m.value("matchLabels")
	if !ok {
		return nil
	}
	if n.kind != mapping {
		m.add(n, RuleWrongType, "matchLabels is a mapping of labels to values, such as {tier: front}, not %s", n.describe())
		return nil
	}
	var all []labels.Requirement
	for _, f := range m.flatten(n) {
		key, keyed := readNode(m.parser, f.name, "a label", labelKey)
		value, valued := readNode(m.parser, f.value, "label "+quote(f.name.text), labelValue)
		if keyed && valued {
			all = append(all, requirement(key, selection.Equals, value)...)
		}
	}
	return all
}

// expression reads one item of matchExpressions.
func (m *fields) expression() []labels.Requirement {
	m.require("key", "operator")
	key, keyed := read(m, "key", labelKey)
	op, known := read(m, "operator", operator)
	values := readList(m, "values", "[front, back]", func(n *node) ([]string, error) {
		value, err := labelValue(n)
		return []string{value}, err
	})
	compares := op == selection.In || op == selection.NotIn
	switch {
	case !known:
	case compares && m.empty("values"):
		m.add(m.at, RuleValues, "the operator needs values to compare with")
	case !compares && m.has("values"):
		m.add(m.values["values"].name, RuleValues, "Exists and DoesNotExist compare with no values; remove them")
	}
	if !keyed || !known {
		return nil
	}
	return requirement(key, op, values...)
}

// requirement returns one requirement, or none if it is not valid, which has been reported then.
func requirement(key string, op selection.Operator, values ...string) []labels.Requirement {
	r, err := labels.NewRequirement(key, op, values)
	if err != nil {
		return nil
	}
	return []labels.Requirement{*r}
}

// operator reads the operator of an expression, as Kubernetes spells them.
func operator(n *node) (selection.Operator, error) {
	known := []string{"In", "NotIn", "Exists", "DoesNotExist"}
	operators := []selection.Operator{selection.In, selection.NotIn, selection.Exists, selection.DoesNotExist}
	if i := slices.Index(known, n.text); i >= 0 {
		return operators[i], nil
	}
	return "", refuse(RuleOperator, "%s is not an operator; write %s%s", quote(n.text), strings.Join(known, ", "),
		didYouMean(n.text, known))
}

func labelKey(n *node) (string, error) {
	if len(validation.IsQualifiedName(n.text)) > 0 {
		return "", refuse(RuleLabel, "%s is not the key of a label; write at most 63 letters, digits, hyphens, underscores "+
			"and dots, perhaps after a prefix such as example.com/", quote(n.text))
	}
	return n.text, nil
}

func labelValue(n *node) (string, error) {
	if len(validation.IsValidLabelValue(n.text)) > 0 {
		return "", refuse(RuleLabel, "%s is not the value of a label; write at most 63 letters, digits, hyphens, "+
			"underscores and dots", quote(n.text))
	}
	return n.text, nil
}
