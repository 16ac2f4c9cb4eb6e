package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// A section is a session: its blocks run in order, in a folder of its own that holds the fixtures, and before the first of
// them the cluster is as fixture.yaml describes it. YAML blocks that begin with the name of a file are saved under it, as a
// reader does.
func TestCommands(t *testing.T) {
	used := map[string]bool{}
	for _, variant := range []string{bare, abandoned, unguarded, guarded} { // each is installed once, unless a page changes it
		t.Run(variant, func(t *testing.T) {
			for _, p := range pages(t) {
				t.Run(p.path, func(t *testing.T) { on.play(t, p, variant, used) })
			}
		})
	}
	for name := range outcomes() {
		if !on.seen[name] && filtered() == "" {
			t.Errorf("no block is %s; take it out of outcomes", name)
		}
	}
	for _, e := range needs() {
		if !used[e.command] && filtered() == "" {
			t.Errorf("no page has the command %q; take it out of needs", e.command)
		}
	}
}

// play runs the sessions of a page that are meant for a variant of the cluster.
func (s *stage) play(t *testing.T, p page, variant string, used map[string]bool) {
	for _, blocks := range p.sessions() {
		if !slices.Contains(variantsOf(p.path, blocks[0].section), variant) {
			continue
		}
		t.Run(blocks[0].section, func(t *testing.T) {
			s.prepare(t, variant)
			s.add(t, p.path)
			folder := s.folder(t, p.path)
			count := map[string]int{}
			for _, b := range blocks {
				s.try(t, folder, b, used)
				if b.runs() {
					count[b.section]++
					s.wantAfter(t, fmt.Sprintf("%s#%s:%d", b.page, b.section, count[b.section]))
				}
			}
		})
	}
}

// sessions are the blocks of the page, by section, where a section has any that run.
func (p page) sessions() [][]block {
	var all [][]block
	for _, b := range p.blocks {
		if last := len(all) - 1; last >= 0 && (all[last][0].section == b.section || oneSession(p.path)) {
			all[last] = append(all[last], b)
		} else {
			all = append(all, []block{b})
		}
	}
	return slices.DeleteFunc(all, func(blocks []block) bool { return !slices.ContainsFunc(blocks, block.runs) })
}

func (b block) runs() bool { return b.language == "sh" || b.session() && illustration(b) == "" }

var fileName = regexp.MustCompile(`^# (?:\S+/)?([a-z0-9.-]+\.(?:yaml|tf))\b`)

// try saves a block, runs it, or passes over it.
func (s *stage) try(t *testing.T, folder string, b block, used map[string]bool) {
	t.Helper()
	switch {
	case b.language == "sh":
		script := runnable(b, used)
		if script == "" {
			return
		}
		if code, out := s.bash(t, folder, script); code != 0 {
			t.Fatalf("%s: exit code %d:\n%s\n%s", b, code, script, out)
		}
	case b.session() && illustration(b) == "":
		s.replay(t, folder, b)
	default:
		if name := fileName.FindStringSubmatch(b.lines[0]); name != nil {
			write(t, filepath.Join(folder, name[1]), b.text())
		}
	}
}

// runnable is a block without the commands that cannot run here.
func runnable(b block, used map[string]bool) string {
	var kept []string
	skipping, some := false, false
	for _, line := range b.lines {
		if !skipping {
			e := need(strings.TrimSpace(line))
			used[e.command] = true
			skipping = e.command != ""
			if !skipping {
				if endless(line) {
					line = "timeout --foreground --preserve-status --signal=INT 2 " + line
				}
				kept = append(kept, line)
				some = some || line != "" && !strings.HasPrefix(line, "#")
			}
		}
		skipping = skipping && strings.HasSuffix(line, `\`)
	}
	if !some {
		return ""
	}
	return strings.Join(kept, "\n") + "\n"
}

// bash runs a script as a person does in a terminal whose every command has to succeed.
func (s *stage) bash(t *testing.T, folder, script string) (code int, output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), await.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = folder, s.environment(folder)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	s.changed = s.changed || changes.MatchString(script)
	return cmd.ProcessState.ExitCode(), out.String()
}

// changes matches what may leave the cluster other than it was.
var changes = regexp.MustCompile(`\b(apply|patch|annotate|scale|delete|create|replace|edit|set|label|release|restart|helm|undo)\b`)

// replay runs the commands of a session. What the block shows of an output must be in it, in that order; a line may end in
// " …" or " ..." where the rest is left out, and "..." alone leaves out lines.
func (s *stage) replay(t *testing.T, folder string, b block) {
	t.Helper()
	var shown []string
	var output string
	check := func() {
		t.Helper()
		for _, line := range shown {
			if found, rest := find(output, line); found {
				output = rest
			} else {
				t.Errorf("%s: the output lacks the line %q, or has it earlier; the rest of it is\n%s", b, line, output)
			}
		}
	}
	for _, line := range b.lines {
		command, isCommand := strings.CutPrefix(line, "$ ")
		if !isCommand {
			shown = append(shown, line)
			continue
		}
		check()
		shown = nil
		command, _, _ = strings.Cut(command, "  #")
		_, output = s.bash(t, folder, command)
		output = squeeze(output)
	}
	check()
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// find looks for a line, whatever its white space and wherever it is wrapped, and returns what comes after it.
func find(output, line string) (bool, string) {
	for _, end := range []string{"…", "..."} {
		line = strings.TrimSuffix(line, end)
	}
	line = squeeze(line)
	if line == "" {
		return true, output
	}
	_, rest, found := strings.Cut(output, line)
	return found, rest
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}
