package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

const (
	prompt       = "$ "
	clockPrefix  = "# clock: "
	defaultClock = "2026-12-01T12:00:00Z"
)

// session is what session.txt holds: comments, and commands with what they print.
type session struct {
	comments []string
	steps    []step
}

type step struct {
	command string
	output  []string // the exit code last, unless it is 0
}

// parse reads a session. It must begin with a comment that names its source, and run something.
func parseSession(data string) (session, error) {
	var s session
	for line := range strings.Lines(data) {
		line = strings.TrimSuffix(line, "\n")
		command, found := strings.CutPrefix(line, prompt)
		switch {
		case found:
			s.steps = append(s.steps, step{command: command})
		case len(s.steps) > 0:
			last := &s.steps[len(s.steps)-1]
			last.output = append(last.output, line)
		case strings.HasPrefix(line, "#"):
			s.comments = append(s.comments, line)
		default:
			return s, fmt.Errorf("%q is before the first command, and no comment", line)
		}
	}
	if len(s.comments) == 0 || len(s.steps) == 0 {
		return s, errors.New("a session begins with a comment that names its source, and has a command")
	}
	return s, nil
}

func (s session) String() string {
	lines := slices.Clone(s.comments)
	for _, step := range s.steps {
		lines = append(lines, prompt+step.command)
		lines = append(lines, step.output...)
	}
	return strings.Join(lines, "\n") + "\n"
}

// clock returns the instant at which the session takes place.
func (s session) clock() string {
	for _, comment := range s.comments {
		if instant, found := strings.CutPrefix(comment, clockPrefix); found {
			return instant
		}
	}
	return defaultClock
}

// replay runs the commands one after the other, and returns the session that they give. Where a command printed what the
// session expects, its lines stay as they are written there. The programs of a pipeline print at the same time, in no
// order: of a pipeline, standard error comes first.
func (s session) replay(ctx context.Context, dir string, env []string) (session, error) {
	got := session{comments: s.comments}
	for _, expected := range s.steps {
		cmd := exec.CommandContext(ctx, "bash", "-c", expected.command)
		cmd.Dir, cmd.Env = dir, env
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if strings.Contains(expected.command, " | ") {
			cmd.Stderr = &errs
		}
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			return got, err
		}
		output := lines(errs.String() + out.String())
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			output = append(output, fmt.Sprintf("[exit %d]", code))
		}
		if matches(expected.output, output) {
			output = expected.output
		}
		got.steps = append(got.steps, step{expected.command, output})
	}
	return got, nil
}

func lines(printed string) []string {
	if printed == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
}

// matches reports whether the output is as expected: "..." matches any lines, and " ..." the rest of one.
func matches(expected, output []string) bool {
	for i, line := range expected {
		if line == "..." {
			for skipped := 0; skipped <= len(output)-i; skipped++ {
				if matches(expected[i+1:], output[i+skipped:]) {
					return true
				}
			}
			return false
		}
		if i >= len(output) {
			return false
		}
		beginning, open := strings.CutSuffix(line, " ...")
		if output[i] != line && (!open || !strings.HasPrefix(output[i], beginning)) {
			return false
		}
	}
	return len(expected) == len(output)
}
