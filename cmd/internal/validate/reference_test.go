package validate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// TestReferenceOfRules keeps the list of all rules in the documentation.
func TestReferenceOfRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Rules\n\nEvery rule of `floorkeeper validate`, as `--rules` lists them. An error makes a schedule invalid. Warnings and notes can be\n" +
		"left out with `--ignore RULE`, or accepted with a comment on an entry, see [Notes and warnings](schedule.md#notes-and-warnings).\n\n" +
		"| rule | level | asks that |\n| --- | --- | --- |\n")
	for _, level := range []source.Severity{source.SeverityError, source.SeverityWarning, source.SeverityNote} {
		for _, rule := range cli.Rules() {
			if rule.Severity == level {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", rule.ID, rule.Severity, strings.ReplaceAll(rule.Asks, "|", `\|`))
			}
		}
	}
	golden.Compare(t, "../../../docs/rules.md", b.String())
}
