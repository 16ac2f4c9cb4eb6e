package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit"
)

// suite is a run of one.
type suite struct {
	name   string
	log    string            // the file with all that it said
	ended  map[string]string // how each of its tests did: pass, fail or skip
	said   map[string]string // what each of its tests said
	failed []string          // the scenes that failed; an empty name is the suite itself
	took   time.Duration
}

// event is a line of test2json.
type event struct{ Action, Test, Output string }

// run runs the binary of a suite. That it fails is no error.
func (s *suite) run(ctx context.Context, binary string) error {
	began := time.Now()
	log, err := os.Create(s.log)
	if err != nil {
		return fmt.Errorf("cannot write the log: %w", err)
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, binary, "-test.v=test2json", "-test.timeout=40m")
	cmd.Dir = filepath.Join("test", s.name)
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	convert := exec.CommandContext(ctx, "go", "tool", "test2json")
	convert.Stdin = io.TeeReader(said, log)
	events, err := convert.StdoutPipe()
	if err != nil {
		return err
	}
	if err := errors.Join(cmd.Start(), convert.Start()); err != nil {
		return fmt.Errorf("cannot run test/%s: %w", s.name, err)
	}
	err = s.read(events)
	if err := errors.Join(err, convert.Wait()); err != nil {
		return errors.Join(fmt.Errorf("cannot read what test/%s says: %w", s.name, err), cmd.Wait())
	}
	failed := cmd.Wait() != nil
	s.took = time.Since(began)
	s.judge(failed)
	return ctx.Err()
}

// read notes how each test ended.
func (s *suite) read(events io.Reader) error {
	for lines := json.NewDecoder(events); ; {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch e.Action {
		case "output":
			s.said[e.Test] += e.Output
		case "pass", "fail", "skip":
			s.ended[e.Test] = e.Action
		}
	}
}

// judge finds the scenes that failed, and those that were left out for no reason that is known, which is a failure as well.
func (s *suite) judge(failed bool) {
	for _, scene := range s.scenes() {
		if s.ended[scene] == "fail" || s.ended[scene] == "skip" && s.reason(scene) == "" {
			s.failed = append(s.failed, scene)
		}
	}
	if failed && len(s.failed) == 0 || len(s.count("pass")) == 0 {
		s.failed = append(s.failed, "the suite itself")
	}
}

// scenes are the tests that have none below them.
func (s *suite) scenes() (leaves []string) {
	tests := slices.Sorted(maps.Keys(s.ended))
	for _, test := range tests {
		within := func(other string) bool { return strings.HasPrefix(other, test+"/") }
		if test != "" && (s.ended[test] == "skip" || !slices.ContainsFunc(tests, within)) {
			leaves = append(leaves, test)
		}
	}
	return leaves
}

// count returns the scenes that ended in a way.
func (s *suite) count(how string) []string {
	return slices.DeleteFunc(s.scenes(), func(scene string) bool { return s.ended[scene] != how })
}

var notApplicable = regexp.MustCompile(`(?m)^\s*\S+\.go:\d+: ` + kit.NotApplicable + `(.*)$`)

// reason returns why a scene does not apply, or nothing.
func (s *suite) reason(scene string) string {
	if found := notApplicable.FindStringSubmatch(s.said[scene]); found != nil {
		return found[1]
	}
	return ""
}

func (s *suite) result() string {
	if len(s.failed) > 0 {
		return fmt.Sprintf("failed: %d", len(s.failed))
	}
	return passed
}

func (s *suite) String() string {
	text := fmt.Sprintf("%s %s, %d scenes passed, %d do not apply, in %s", s.name, s.result(), len(s.count("pass")), len(s.count("skip")), s.took.Round(time.Second))
	return strings.Join(append([]string{text}, s.failed...), "\n  failed: ")
}

// row is the suite's in the table of results.
func (s *suite) row(release, stamp string) []string {
	return []string{
		release[1:], s.name, s.result(), fmt.Sprint(len(s.count("pass"))), fmt.Sprint(len(s.count("skip"))),
		s.took.Round(time.Second).String(), stamp,
	}
}

// omitted are its rows in the table of what does not apply.
func (s *suite) omitted(release string) (rows [][]string) {
	for _, scene := range s.count("skip") {
		rows = append(rows, []string{release[1:], s.name, strings.TrimPrefix(strings.ReplaceAll(scene, "_", " "), "Test"), s.reason(scene)})
	}
	return rows
}
