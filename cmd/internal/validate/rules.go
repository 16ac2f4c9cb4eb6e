package validate

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
)

func (o *options) listRules(w io.Writer) error {
	if o.output != "text" {
		return errors.New("--rules prints a table; leave --output out")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, rule := range cli.Rules() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, rule.Severity, rule.Asks)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("cannot print the rules: %w", err)
	}
	return nil
}
