package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// TestReferenceOfCommands keeps the help of all commands in the documentation.
func TestReferenceOfCommands(t *testing.T) {
	t.Setenv("KUBECONFIG", "")
	root := newRootCommand(time.Now)
	var b strings.Builder
	b.WriteString("# Commands\n\nThe help of every command, as `--help` prints it. `kubectl floorkeeper` is the same program, see\n" +
		"[Operations](../operations.md#everyday-tasks).\n")
	describe(t, &b, root)
	golden.Compare(t, "../../docs/reference/commands.md", b.String())
}

func describe(t *testing.T, b *strings.Builder, cmd *cobra.Command) {
	t.Helper()
	var help strings.Builder
	cmd.SetOut(&help)
	if err := cmd.Help(); err != nil {
		t.Fatal(err)
	}
	lines := strings.TrimRight(help.String(), "\n")
	if docs := strings.LastIndex(lines, "\n\nDocs: "); docs > 0 { // the address depends on the version
		lines = lines[:docs]
	}
	fmt.Fprintf(b, "\n## %s\n\n```text\n%s\n```\n", cmd.CommandPath(), lines)
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			describe(t, b, below)
		}
	}
}

// TestReferenceOfTheSchedule keeps the fields of the schema in the documentation.
func TestReferenceOfTheSchedule(t *testing.T) {
	root := newRootCommand(time.Now)
	var fields strings.Builder
	root.SetOut(&fields)
	root.SetArgs([]string{"schema", "--fields"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "../../docs/reference/schedule.md", "# Fields of the schedule\n\nAs `floorkeeper schema --fields` prints them. The [schedule reference](../schedule.md) "+
		"explains what they do.\n\n```text\n"+strings.TrimRight(fields.String(), "\n")+"\n```\n")
}

// The table of flags in docs/operations.md must have every flag of run.
func TestOperationsNamesEveryFlag(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	root := newRootCommand(time.Now)
	var help strings.Builder
	root.SetOut(&help)
	root.SetArgs([]string{"run", "--help"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(help.String(), "\nFlags:\n")
	own, _, _ := strings.Cut(rest, "\n\n") // those of kubectl follow
	for _, flag := range regexp.MustCompile(`(?m)^ {2,6}(?:-., )?(--[a-z-]+)`).FindAllStringSubmatch(own, -1) {
		if flag[1] != "--help" && !strings.Contains(string(page), "| `"+flag[1]+"` |") {
			t.Errorf("docs/operations.md lacks %s", flag[1])
		}
	}
	if !strings.Contains(own, "--schedule ") {
		t.Errorf("these are not the flags of run:\n%s", own)
	}
}
