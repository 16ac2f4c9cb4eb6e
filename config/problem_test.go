package config_test

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
)

func TestAProblemIsWrittenAsCompilersDo(t *testing.T) {
	for want, problem := range map[string]config.Problem{
		"a.yaml:2:5: error: bad [r]":   {File: "a.yaml", Line: 2, Column: 5, Message: "bad", Rule: "r"},
		"a.yaml:2:5: warning: odd [r]": {File: "a.yaml", Line: 2, Column: 5, Message: "odd", Rule: "r", Severity: config.Warning},
		"a.yaml: note: past [r]":       {File: "a.yaml", Message: "past", Rule: "r", Severity: config.Note},
	} {
		if got := problem.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
