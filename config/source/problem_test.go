package source_test

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/config/source"
)

func TestAProblemIsWrittenAsCompilersDo(t *testing.T) {
	at := source.Place{File: "a.yaml", Line: 2, Column: 5}
	for want, problem := range map[string]source.Problem{
		"a.yaml:2:5: error: bad [r]":   {Place: at, Message: "bad", Rule: "r"},
		"a.yaml:2:5: warning: odd [r]": {Place: at, Message: "odd", Rule: "r", Severity: source.SeverityWarning},
		"a.yaml: note: past [r]":       {Place: source.Place{File: "a.yaml"}, Message: "past", Rule: "r", Severity: source.SeverityNote},
	} {
		if got := problem.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
