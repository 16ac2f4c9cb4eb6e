package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
)

// complete adds the commands that cobra makes, help and completion, so that they refuse what they do not know.
func complete(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cli.CompleteFlags(root)
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Long = strings.ReplaceAll(helpHelp, "floorkeeper", root.DisplayName())
			cmd.Run, cmd.RunE = nil, help
		case "completion":
			cmd.Long, cmd.Args = completionHelp, nil
			cmd.RunE = func(_ *cobra.Command, args []string) error {
				if len(args) == 0 {
					return errors.New("say for which shell: bash, zsh, fish or powershell; see completion --help")
				}
				return fmt.Errorf("cannot complete in %s: only in bash, zsh, fish and powershell; see completion --help", args[0])
			}
			for _, shell := range cmd.Commands() {
				shell.Long += "\nExit codes: 0 printed, 2 the command line is wrong."
			}
		}
	}
}

const helpHelp = `Print the help of a command, as "floorkeeper COMMAND --help" does.

Exit codes: 0 printed, 2 there is no such command.`

func help(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("there is no command %q; %s --help lists them", strings.Join(args, " "), cmd.Root().CommandPath())
	}
	found.InitDefaultHelpFlag()
	found.InitDefaultVersionFlag()
	return found.Help()
}

const completionHelp = `Print a script with which a shell completes commands, flags and their values. The help of each shell
shows how to load it.

kubectl completes "kubectl floorkeeper" if it finds this program under another name as well, and its own
completion is loaded:

  ln -s "$(command -v kubectl-floorkeeper)" ~/.krew/bin/kubectl_complete-floorkeeper

Any directory of the PATH will do.

Exit codes: 0 printed, 2 there is no script for such a shell.`
