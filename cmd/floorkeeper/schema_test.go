package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
)

// runSchema runs "floorkeeper schema" from the root command on, and returns what it printed.
func runSchema(args ...string) (stdout string, err error) {
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(append([]string{"schema"}, args...))
	root.SetOut(&out)
	root.SetErr(&out)
	err = root.Execute()
	return out.String(), err
}

func TestSchemaIsPrinted(t *testing.T) {
	stdout, err := runSchema()
	if err != nil || stdout != config.Schema() || !strings.HasSuffix(stdout, "}\n") {
		t.Errorf("error %v, standard output:\n%.200s", err, stdout)
	}
}

func TestSchemaHelpTellsHowToUseIt(t *testing.T) {
	stdout, err := runSchema("--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"floorkeeper schema > schedule.schema.json", "# yaml-language-server: $schema=schedule.schema.json",
		"# yaml-language-server: $schema=" + config.SchemaURL, "VS Code",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the help lacks %q:\n%s", want, stdout)
		}
	}
}

func TestSchemaRefusesArgumentsAndFlags(t *testing.T) {
	for _, arg := range []string{"schedule.yaml", "--draft=4"} {
		stdout, err := runSchema(arg)
		if code, _ := exitCode(err); code != exitFailed || stdout != "" {
			t.Errorf("%s: error %v, output %q; want exit code %d and no output", arg, err, stdout, exitFailed)
		}
	}
}

// failing is an output that cannot be written, such as a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestSchemaTellsThatItCannotBeWritten(t *testing.T) {
	cmd := newSchemaCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs([]string{})
	cmd.SetOut(failing{})
	err := cmd.Execute()
	if coded := (exitError{}); !errors.As(err, &coded) || coded.code != exitFailed ||
		err.Error() != "cannot print the schema: no space left on device" {
		t.Errorf("the error is %v", err)
	}
}
