package event

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// eventNow is when the tests run.
func eventNow() time.Time { return time.Date(2026, 12, 20, 20, 15, 42, 7, time.UTC) }

// runEvent runs a command with its arguments, which may be in single quotes.
func runEvent(t *testing.T, stdin, line string) (code int, stdout, stderr string) {
	t.Helper()
	var args []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	return command.Run(t, cli.ExitCode, NewCommand(eventNow), stdin, args[1:]...)
}

// TestEventFiles runs the command of each file of testdata on the schedule before. What it says and the schedule
// after follow in the same file. With -update they are written, and then to be read by a person.
func TestEventFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			asked, _, _ := strings.Cut(string(data), "-- says --\n")
			got := asked + eventResult(t, asked)
			golden.Compare(t, path, got)
		})
	}
}

// eventResult runs what a file asks for and returns the rest of the file.
func eventResult(t *testing.T, asked string) string {
	t.Helper()
	line, before, ok := strings.Cut(asked, "-- before --\n")
	line, found := strings.CutPrefix(strings.TrimSpace(line), "$ floorkeeper ")
	if !ok || !found {
		t.Fatal("the file has no command, or no schedule before")
	}
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(line, " -f ") {
		line += " -f " + file
	}
	code, stdout, stderr := runEvent(t, before, line)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	after := string(data)
	files, _ := config.Unwrap(source.File{Name: "after", Data: data})
	if _, err := config.Parse(files...); err != nil && after != before {
		t.Errorf("the schedule after is not valid: %v", err)
	}
	if after == before {
		after = "as before\n"
	}
	said := strings.ReplaceAll(stdout+stderr, file, "schedule.yaml")
	return fmt.Sprintf("-- says --\n%sexit %d\n-- after --\n%s", said, code, after)
}

func TestEventCommandLines(t *testing.T) {
	dir := t.TempDir()
	const add = "event add --name e --start now --duration 1h --multiplier 2"
	for sentence, c := range map[string]struct{ line, want string }{
		"no command":                 {"event", "say what to do: event add, extend, end or prune"},
		"a command that is none":     {"event remove", `event has no command "remove"`},
		"no file":                    {add, "say which file to edit: -f FILE"},
		"a directory":                {add + " -f " + dir, dir + " is a directory; give the one file in it"},
		"a file that is not there":   {add + " -f " + dir + "/no.yaml", "no such file or directory"},
		"an argument":                {add + " schedule.yaml", `cannot use "schedule.yaml": add takes flags only`},
		"a flag that does not exist": {add + " --ends now", "unknown flag: --ends"},
		"no name":                    {"event add --start now", "the event needs a name"},
		"no start":                   {"event add --name e", "say when it starts"},
		"two amounts":                {add + " --min-replicas 5", "--multiplier and --min-replicas both say how much"},
		"a target without a value":   {add + " --target namespace", `"namespace" has no value`},
		"a target twice":             {add + " --target namespace=a,namespace=b", "namespace is written twice"},
		"an empty target":            {add + " --target ''", "it is empty"},
		"no age":                     {"event prune -f -", "say what is old: --older-than 30d"},
		"a negative age":             {"event prune -f - --older-than -5h", "is negative"},
		"an age without a unit":      {"event prune -f - --older-than 30", "write the unit, for example 30d"},
		"two files":                  {add + " -f a.yaml -f b.yaml", "-f is given 2 times, and one file is edited at a time"},
		"a device":                   {add + " -f /dev/null", "/dev/null is no file that can be replaced; use -f -"},
		"a flag that is empty":       {add + " -f - --time-zone ''", "--time-zone is empty"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, stdout, stderr := runEvent(t, command.Head+"timeZone: UTC\nevents: []\n", c.line)
			if code != cli.ExitFailed || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, standard output %q, standard error %q; want %q", code, stdout, stderr, c.want)
			}
		})
	}
}

// A file that cannot be replaced where it is can be read, and the result written elsewhere: that is said.
func TestEventOfAFileThatCannotBeReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(file, []byte(command.Head+"timeZone: UTC\nevents: []\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := &editOptions{paths: []string{file}}
	read, err := o.read(nil)
	if err != nil {
		t.Fatal(err)
	}
	change, err := edit.AddEvent(read, edit.Event{Name: "e", Start: "now", Duration: "1h", Multiplier: "2"}, eventNow())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := o.replace(change); err == nil || !strings.Contains(err.Error(), "to write the result elsewhere: -f - < "+file+" > NEW") {
		t.Errorf("the error is %v", err)
	}
}
