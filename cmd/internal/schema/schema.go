// Package schema is floorkeeper schema: the JSON Schema of schedule files.
package schema

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
)

const help = `Print the JSON Schema (draft-07) of the schedule files that this version reads; with --fields, all
fields as text; with a FIELD such as windows.targets, that field and those in it. A field in the
items of a list is written like one of the list: windows.targets.minReplicas.

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
	var asText bool
	cmd := &cobra.Command{
		Use:   "schema [FIELD]",
		Short: "Print the fields of a schedule, or its JSON Schema for editors",
		Long:  help,
		Example: `  floorkeeper schema --fields
  floorkeeper schema windows.targets
  floorkeeper schema > schedule.schema.json`, Annotations: cli.Documented("schedule.md"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("schema takes one field, such as windows.targets; all of them: floorkeeper schema --fields")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return paths(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w := bufio.NewWriter(cmd.OutOrStdout())
			if err := write(w, asText, args); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("cannot print the schema: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asText, "fields", false, "print all fields, or those in FIELD, as text")
	return cmd
}

// write writes what is asked for. What cannot be written is an error of the flush.
func write(w *bufio.Writer, asText bool, args []string) error {
	switch {
	case len(args) == 0 && !asText:
		w.WriteString(config.Schema())
		return nil
	case len(args) == 0:
		return list(w, "")
	case asText:
		return list(w, args[0])
	}
	return explain(w, args[0])
}
