package config_test

import (
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

func TestRulesAreToldInWords(t *testing.T) {
	seen := map[string]config.Rule{}
	for _, rule := range config.Rules() {
		if seen[rule.ID].ID != "" || strings.ContainsAny(rule.ID, " \"`") || len(strings.Fields(rule.Asks)) < 3 || strings.Contains(rule.Asks, "//") {
			t.Errorf("%q is no rule, or twice", rule)
		}
		seen[rule.ID] = rule
	}
	if len(seen) < 55 || seen[config.RuleDay].Asks != "days are mon to sun" {
		t.Errorf("there are %d rules: %v", len(seen), seen)
	}
	for id, want := range map[string]source.Severity{
		config.RuleZone: source.SeverityError, config.RuleConfigMapKey: source.SeverityWarning, source.RulePassedOver: source.SeverityNote,
	} {
		if got := seen[id].Severity; got != want {
			t.Errorf("%s is of severity %s, want %s", id, got, want)
		}
	}
}
