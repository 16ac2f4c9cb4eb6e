package schema

import (
	"io"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

func TestSchemaIsPrinted(t *testing.T) {
	code, stdout, _ := command.Run(t, cli.ExitCode, NewCommand(), "")
	if code != 0 || stdout != config.Schema() || !strings.HasSuffix(stdout, "}\n") {
		t.Errorf("exit code %d, standard output:\n%.200s", code, stdout)
	}
}

func TestSchemaHelpTellsHowToUseIt(t *testing.T) {
	_, stdout, _ := command.Run(t, cli.ExitCode, NewCommand(), "", "--help")
	for _, want := range []string{
		"floorkeeper schema > schedule.schema.json", "# yaml-language-server: $schema=schedule.schema.json",
		config.SchemaURL, "VS Code",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the help lacks %q:\n%s", want, stdout)
		}
	}
}

func TestSchemaRefusesArgumentsAndFlags(t *testing.T) {
	for _, arg := range []string{"schedule.yaml", "windows.target", "--draft=4"} {
		if code, stdout, stderr := command.Run(t, cli.ExitCode, NewCommand(), "", arg); code != cli.ExitFailed || stdout != "" {
			t.Errorf("%s: exit code %d, %s, output %q; want exit code %d and no output", arg, code, stderr, stdout, cli.ExitFailed)
		}
	}
}

func TestSchemaTellsThatItCannotBeWritten(t *testing.T) {
	cmd := NewCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs([]string{})
	cmd.SetOut(command.FullDisk{})
	err := cmd.Execute()
	if code, err := cli.ExitCode(err, io.Discard); code != cli.ExitFailed || err.Error() != "cannot print the schema: no space left on device" {
		t.Errorf("the error is %v", err)
	}
}
