package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// fate is what the tests make of a mutant.
type fate string

const (
	survived  fate = "no test fails"
	unreached fate = "no test reaches it"
	killed    fate = "a test fails"
	hung      fate = "the tests hang"
)

// suite is the compiled tests of a package.
type suite struct {
	path, folder, binary string
	quick                []string // flags that keep a failing property test from searching for a smaller example
	tests                []test
}

// test is one of a suite: how long it takes, and which mutants it reaches.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// learn runs each test alone.
func (s *suite) learn() error {
	help, _ := s.command("-help").CombinedOutput() // it exits with 2
	if bytes.Contains(help, []byte("rapid.shrinktime")) {
		s.quick = []string{"-rapid.shrinktime=0s", "-rapid.nofailfile"}
	}
	begun := time.Now()
	names, err := s.command("-test.list=^(Test|Fuzz|Example)").Output()
	if err != nil {
		return fmt.Errorf("cannot list the tests of %s: %w", s.path, err)
	}
	empty := time.Since(begun) // what a run takes without any test
	for _, name := range strings.Fields(string(names)) {
		t := test{name: name, reaches: make(map[int]bool)}
		reached := filepath.Join(filepath.Dir(s.binary), "reached")
		if err := os.WriteFile(reached, nil, 0o600); err != nil {
			return err
		}
		begun := time.Now()
		c := s.command("-test.run=^" + name + "$")
		c.Env = append(os.Environ(), "MUTANTS_REACHED="+reached)
		if text, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s of %s fails without any mutant: %w\n%s", name, s.path, err, text)
		}
		t.took = max(0, time.Since(begun)-empty)
		file, err := os.Open(reached)
		if err != nil {
			return err
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if id, err := strconv.Atoi(lines.Text()); err == nil {
				t.reaches[id] = true
			}
		}
		file.Close()
		s.tests = append(s.tests, t)
	}
	return nil
}

// command bounds the memory: a loop that does not end may fill it faster than time runs out.
func (s *suite) command(args ...string) *exec.Cmd {
	return command(s.folder, "sh", append([]string{"-c", `ulimit -v 8000000; exec "$0" "$@"`, s.binary}, args...)...)
}

// try runs the tests that reach a mutant, those of its own package first.
func try(suites []suite, m mutant) fate {
	result := unreached
	for _, own := range []bool{true, false} {
		for i := range suites {
			if s := &suites[i]; (s.path == m.pkg) == own {
				if f := s.try(m.id); f == killed || f == hung {
					return f
				} else if f == survived {
					result = f
				}
			}
		}
	}
	return result
}

func (s *suite) try(id int) fate {
	var names []string
	limit := 15 * time.Second // of a machine that does other work
	for _, t := range s.tests {
		if t.reaches[id] {
			names = append(names, t.name)
			limit += 3 * t.took
		}
	}
	if len(names) == 0 {
		return unreached
	}
	c := s.command(append([]string{"-test.failfast", "-test.timeout=" + limit.String(), "-test.run=^(" + strings.Join(names, "|") + ")$"}, s.quick...)...)
	c.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(id))
	switch text, err := c.CombinedOutput(); {
	case err == nil:
		return survived
	case bytes.Contains(text, []byte("test timed out")):
		return hung
	default:
		return killed
	}
}
