package validate

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

const (
	examplesDir = "../../../schedules/examples"
	unchecked   = "not checked without HPAs: matches-nothing, clamped-floor and other rules (validate --rules); give --hpas FILE or --live\n"
)

// runValidate runs the command and returns its exit code and what it printed.
func runValidate(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return command.Run(t, cli.ExitCode, NewCommand(func() time.Time { return time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC) }), stdin, args...)
}

func TestValidate(t *testing.T) {
	dir := t.TempDir()
	path := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	event := "timeZone: UTC\nevents: [{name: e, start: 2026-12-01T10:00, duration: 1h, multiplier: 2}]\n"
	one, two := path("one.yaml", command.Head+event), path("two.yaml", command.Head+event+"# of another team\n")
	empty := path("empty.txt", command.Head+"windows: []\n")
	if err := os.Mkdir(filepath.Join(dir, "none"), 0o755); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		stdin          string
		args           []string
		code           int
		stdout, stderr string
	}{
		"a valid file": {
			args: []string{examplesDir + "/evening.yaml"}, stdout: examplesDir + "/evening.yaml: valid, 1 window, 0 events\n",
			stderr: unchecked,
		},
		"two valid files": {
			args: []string{one, empty}, stdout: one + ": valid, 0 windows, 1 event\n" + empty + ": valid, 0 windows, 0 events\n",
			stderr: unchecked,
		},
		"a schedule without entries, of which there is nothing to check": {
			args: []string{empty}, stdout: empty + ": valid, 0 windows, 0 events\n",
		},
		"standard input": {
			args: []string{"-"}, stdin: command.Head + event, stdout: "<stdin>: valid, 0 windows, 1 event\n", stderr: unchecked,
		},
		"names that are unique in each file but not in both": {
			args: []string{one, two}, code: 1,
			stderr: two + ":4:17: error: another entry is named e, at " + one + ":4:17; names are unique over all files" +
				" [duplicate-name]\n 4 | " + strings.Split(event, "\n")[1] + "\n   | " + strings.Repeat(" ", 16) + "^\n1 problem\n",
		},
		"a directory without files, and a broken file": {
			args: []string{filepath.Join(dir, "none"), "-"}, code: 1, stdin: command.Head + "windows: []\nwindow: 5\n",
			stderr: filepath.Join(dir, "none") + ": error: the directory holds no *.yaml file; an intended empty schedule is a " +
				"file that writes windows: [] [no-file]\n<stdin>:4:1: error: \"window\" is not a field of a schedule; did you mean " +
				"windows? [unknown-field]\n 4 | window: 5\n   | ^\n2 problems\n",
		},
		"a file that is not there": {
			args: []string{one, dir + "/no.yaml"}, code: 2,
			stderr: "cannot read the schedule: stat " + dir + "/no.yaml: no such file or directory\n",
		},
		"a broken file, and two that are not there": {
			args: []string{dir + "/no.yaml", "-", dir + "/nor.yaml"}, code: 2, stdin: command.Head + "windows: []\nwindow: 5\n",
			stderr: "<stdin>:4:1: error: \"window\" is not a field of a schedule; did you mean windows? [unknown-field]\n" +
				" 4 | window: 5\n   | ^\n1 problem\ncannot read the schedule: stat " + dir + "/no.yaml: no such file or directory\n" +
				"cannot read the schedule: stat " + dir + "/nor.yaml: no such file or directory\n",
		},
		"no argument": {
			code: 2, stderr: "validate needs a schedule: a file, a directory or -; see validate --help\n",
		},
		"a flag that does not exist": {
			args: []string{"--strict"}, code: 2, stderr: "unknown flag: --strict\n",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, stdout, stderr := runValidate(t, c.stdin, c.args...)
			if code != c.code {
				t.Errorf("the exit code is %d, want %d", code, c.code)
			}
			if diff := cmp.Diff(c.stdout, stdout); diff != "" {
				t.Errorf("standard output (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.stderr, stderr); diff != "" {
				t.Errorf("standard error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateReadsADirectory(t *testing.T) {
	code, stdout, stderr := runValidate(t, "", examplesDir)
	if code != 0 || strings.Count(stdout, ": valid, ") < 5 || strings.Contains(stderr, ": error: ") || strings.Contains(stderr, ": warning: ") {
		t.Errorf("exit code %d, standard output:\n%s\nstandard error:\n%s", code, stdout, stderr)
	}
}

func TestEveryRuleOfAFindingIsDescribed(t *testing.T) {
	source, err := os.ReadFile("../../../controller/forecast/rules.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`\bRule += "([a-z-]+)"`).FindAllSubmatch(source, -1)
	if len(constants) < 10 {
		t.Errorf("%d rules are found", len(constants))
	}
	for _, rule := range constants {
		if !slices.ContainsFunc(cli.Rules(), func(r config.Rule) bool { return r.ID == string(rule[1]) }) {
			t.Errorf("%s is not described", rule[1])
		}
	}
}
