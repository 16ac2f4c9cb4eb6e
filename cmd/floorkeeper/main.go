// Command floorkeeper raises the floor under HorizontalPodAutoscalers before the crowd arrives, and takes it away
// afterwards.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // the schedule's time zones, wherever the binary runs

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitInvalid = 1
	exitFailed  = 2
	exitWarned  = 3
)

func main() {
	root := newRootCommand()
	asPlugin(root, os.Args[0])
	os.Exit(execute(root))
}

// execute runs the command, prints its error, if it has one to print, and returns the exit code.
func execute(root *cobra.Command) int {
	code, err := exitCode(root.Execute())
	if err != nil {
		fmt.Fprintln(root.ErrOrStderr(), "floorkeeper:", err)
	}
	return code
}

// exitCode returns the code that an error of a command stands for, and what is to be printed of it.
func exitCode(err error) (code int, told error) {
	coded := exitError{}
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &coded):
		return coded.code, coded.err
	default:
		return exitFailed, err
	}
}

const rootHelp = `floorkeeper reads a YAML schedule of windows and events, patches spec.minReplicas of
HorizontalPodAutoscalers up before the crowd arrives, and gives every baseline back afterwards.

This is a schedule; "floorkeeper schema" has every field, and checks them in editors:

  apiVersion: floorkeeper.dev/v1
  kind: Schedule
  timeZone: Europe/Paris
  windows:
    - name: evening
      start: "19:30"
      end: "00:30"
      targets: [{namespace: video, name: images, minReplicas: 25}]

See what it will do with "floorkeeper plan schedule.yaml", without a cluster.

Exit codes: 0 fine, 1 an invalid schedule, something still held (release) or floors that change (diff),
2 could not run, 3 warnings where they are to fail. The help of each command says more.`

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "floorkeeper",
		Short:         "Raise HorizontalPodAutoscaler floors before the crowd arrives",
		Long:          rootHelp,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		newRunCommand(),
		newValidateCommand(),
		newPlanCommand(),
		newExplainCommand(),
		newDiffCommand(),
		newStatusCommand(),
		newEventCommand(time.Now),
		newImportCommand(),
		newSchemaCommand(),
		newReleaseCommand(),
		newVersionCommand(),
	)
	return root
}
