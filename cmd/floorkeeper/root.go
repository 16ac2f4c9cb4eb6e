package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/diff"
	"github.com/floorkeeper/floorkeeper/cmd/internal/event"
	"github.com/floorkeeper/floorkeeper/cmd/internal/explain"
	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/cmd/internal/release"
	"github.com/floorkeeper/floorkeeper/cmd/internal/run"
	"github.com/floorkeeper/floorkeeper/cmd/internal/schema"
	"github.com/floorkeeper/floorkeeper/cmd/internal/status"
	"github.com/floorkeeper/floorkeeper/cmd/internal/validate"
)

func execute(root *cobra.Command) int {
	complete(root)
	code, err := cli.ExitCode(root.Execute(), root.ErrOrStderr())
	if err != nil {
		fmt.Fprintln(root.ErrOrStderr(), "floorkeeper:", err)
	}
	return code
}

const rootHelp = `floorkeeper reads a YAML schedule of windows and events, patches spec.minReplicas of
HorizontalPodAutoscalers up before the crowd arrives, and gives every baseline back afterwards.

This is a schedule; "floorkeeper schema --fields" describes every field:

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

// newRootCommand returns floorkeeper with all its commands. What they preview begins at the instant that now returns.
func newRootCommand(now func() time.Time) *cobra.Command {
	root := &cobra.Command{
		Use:           "floorkeeper",
		Short:         "Raise HorizontalPodAutoscaler floors before the crowd arrives",
		Long:          rootHelp,
		Version:       cli.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		run.NewCommand(),
		validate.NewCommand(now),
		plan.NewCommand(now),
		explain.NewCommand(now),
		diff.NewCommand(now),
		status.NewCommand(),
		event.NewCommand(now),
		imports.NewCommand(),
		schema.NewCommand(),
		release.NewCommand(),
		newVersionCommand(),
	)
	cli.UseHelp(root)
	return root
}

// pluginName is how kubectl finds the program, and krew installs it.
const pluginName = "kubectl-floorkeeper"

// completerName is how kubectl finds what completes the words after kubectl floorkeeper.
const completerName = "kubectl_complete-floorkeeper"

// asPlugin makes the help of all commands speak of kubectl floorkeeper, where the program was started under the name by
// which kubectl finds it, or completes as kubectl asks for it.
func asPlugin(root *cobra.Command, program string, args []string) {
	switch strings.TrimSuffix(filepath.Base(program), ".exe") {
	case completerName:
		root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, args...))
	case pluginName:
	default:
		return
	}
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl floorkeeper"}
	for _, cmd := range root.Commands() {
		speakOfKubectl(cmd, "floorkeeper "+cmd.Name())
	}
}

func speakOfKubectl(cmd *cobra.Command, call string) {
	cmd.Example = strings.ReplaceAll(cmd.Example, call, "kubectl "+call)
	for _, below := range cmd.Commands() {
		speakOfKubectl(below, call)
	}
}
