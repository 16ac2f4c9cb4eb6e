package chart

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// rules returns the rules of the chart's PrometheusRule by the name of the alert.
func rules(t *testing.T, args ...string) map[string]map[string]any {
	t.Helper()
	args = append(args, "--set=metrics.prometheusRule.enabled=true", "--show-only=templates/monitoring/prometheusrule.yaml")
	all := helms[0].template(t, args...)
	if len(all) != 1 {
		t.Fatalf("%d objects, want one PrometheusRule", len(all))
	}
	return rulesOf(t, all[0].Object["spec"])
}

func rulesOf(t *testing.T, spec any) map[string]map[string]any {
	t.Helper()
	groups, _, err := unstructured.NestedSlice(spec.(map[string]any), "groups")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for _, group := range groups {
		for _, rule := range group.(map[string]any)["rules"].([]any) {
			rule := rule.(map[string]any)
			found[rule["alert"].(string)] = rule
		}
	}
	return found
}

// With the chart's values, the rules are those of deploy/monitoring, which have tests of their own.
func TestAlertsByDefault(t *testing.T) {
	t.Parallel()
	file, err := objects.Read("apiVersion: v1\nkind: Rules\n" + read(t, "../../deploy/monitoring/alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := rulesOf(t, file[0].Object)
	if diff := cmp.Diff(want, rules(t)); diff != "" {
		t.Errorf("rules (-deploy/monitoring +chart):\n%s", diff)
	}
	if got, want := len(valuesSchema(t).Properties["metrics"].Properties["prometheusRule"].Properties["alerts"].Properties), len(want); got != want {
		t.Errorf("values.schema.json has %d alerts, want %d", got, want)
	}
}

// Each alert can be switched off and has its own severity and duration; each threshold of values.yaml is the number at the end
// of an expression, and nothing else of it. No text names a number that these change.
func TestAlertsByValue(t *testing.T) {
	t.Parallel()
	standard := rules(t)
	set, off := []string{"--set=metrics.prometheusRule.additionalLabels.team=platform"}, []string{}
	alerts := valuesSchema(t).Properties["metrics"].Properties["prometheusRule"].Properties["alerts"].Properties
	for name, schema := range alerts {
		alert := "--set=metrics.prometheusRule.alerts." + name
		set = append(set, alert+".for=7m", alert+".severity=mild")
		if schema.Ref == "#/$defs/alertWithThreshold" {
			set = append(set, alert+".threshold=43.21")
		}
		if name != "FloorkeeperDown" {
			off = append(off, alert+".enabled=false")
		}
	}
	own := rules(t, set...)
	for name, schema := range alerts {
		got := own[name]
		namesNoValue(t, name, got)
		want := map[string]any{"severity": "mild", "team": "platform"}
		if diff := cmp.Diff(want, got["labels"]); diff != "" || got["for"] != "7m" {
			t.Errorf("%s is %v (-want +got):\n%s", name, got, diff)
		}
		before, after := fmt.Sprint(standard[name]["expr"]), fmt.Sprint(got["expr"])
		if schema.Ref != "#/$defs/alertWithThreshold" {
			if before != after {
				t.Errorf("%s has no threshold, and its expression is\n%s", name, after)
			}
			continue
		}
		head, ok := strings.CutSuffix(strings.TrimSpace(after), "43.21")
		if !ok || !strings.HasPrefix(before, head) || !endsInComparison(head) {
			t.Errorf("%s: the threshold makes of %s\n%s", name, before, after)
		}
	}
	if left := rules(t, off...); len(left) != 1 || left["FloorkeeperDown"] == nil {
		t.Errorf("of all but FloorkeeperDown, which are switched off, these are left: %v", left)
	}
}

func endsInComparison(head string) bool {
	return slices.ContainsFunc([]string{" > ", " < ", " >= ", " <= ", " == "}, func(operator string) bool { return strings.HasSuffix(head, operator) })
}

// namesNoValue checks that the texts of a rule name no number but the ranges of its expression.
func namesNoValue(t *testing.T, name string, rule map[string]any) {
	t.Helper()
	for _, text := range []string{"summary", "description"} {
		words := rule["annotations"].(map[string]any)[text].(string)
		for _, number := range regexp.MustCompile(`[0-9][0-9.]*( minutes)?`).FindAllString(words, -1) {
			if window, ok := strings.CutSuffix(number, " minutes"); !ok || !strings.Contains(fmt.Sprint(rule["expr"]), "["+window+"m]") {
				t.Errorf("the %s of %s names %s, which values may change: %s", text, name, number, words)
			}
		}
	}
}
