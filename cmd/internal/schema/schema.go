// Package schema is floorkeeper schema: the JSON Schema of schedule files.
package schema

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
)

const help = `Print the JSON Schema (draft-07) of the schedule files that this version reads.

With it, an editor completes fields, days and time zones, explains a field under the
pointer, and underlines mistakes while you type. "floorkeeper validate" finds more,
such as a name that is taken twice or an event that ends before it starts.

In VS Code, install the extension YAML (redhat.vscode-yaml). Most other editors have
yaml-language-server, which reads the same line. Then either

  write the schema next to the schedule, and this as the first line of the schedule:

      # yaml-language-server: $schema=schedule.schema.json

  or, without a line in any file, name the schema in .vscode/settings.json:

      {"yaml.schemas": {"./schedule.schema.json": "schedules/*.yaml"}}

  or leave out the copy, and let the line name the newest schema in place of the file:

      ` + config.SchemaURL + `

Exit codes: 0 printed, 2 the command line is wrong or the output cannot be written.`

// NewCommand returns floorkeeper schema.
func NewCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of schedule files, for editors",
		Long:    help,
		Example: `  floorkeeper schema > schedule.schema.json`, Annotations: cli.Documented("schedule.md"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errors.New("schema takes no arguments; write it to a file with: floorkeeper schema > schedule.schema.json")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := fmt.Fprint(cmd.OutOrStdout(), config.Schema()); err != nil {
				return fmt.Errorf("cannot print the schema: %w", err)
			}
			return nil
		},
	}
}
