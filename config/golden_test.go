package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

const broken = "testdata/broken"

// generated are broken files, and schedules of several, that are too large to keep.
func generated() map[string][]string {
	const head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	const target = "targets: [{namespace: n, minReplicas: 5}]"
	return map[string][]string{
		"too-large-comment":        {head + "windows: []\n#" + strings.Repeat(" padding", 1<<17) + "\n"},
		"too-large-and-not-yaml":   {strings.Repeat("]\n", 1<<20)},
		"too-many-unknown-fields":  {head + "windows:\n" + strings.Repeat("  - {x: 1}\n", 200)},
		"too-many-invalid-bytes":   {head + "windows: []\n# " + strings.Repeat("\xff", 1000)},
		"largest-file-and-problem": {head + "windows: []\nwindow: []\n#" + strings.Repeat(" ", 1<<20-71)},
		"too-many-dates": {head + "timeZone: UTC\nwindows:\n- name: a\n  start: 10:00\n  duration: 1h\n  " + target + "\n  exceptDates:\n" +
			strings.Repeat("  - 2026-12-25\n", 1001)},
		"too-many-values": {head + "timeZone: UTC\nwindows:\n- name: a\n  start: 10:00\n  duration: 1h\n  targets:\n  - minReplicas: 5\n" +
			"    selector: {matchExpressions: [{key: app, operator: In, values: [a" + strings.Repeat(", b", 1000) + "]}]}\n"},
		"too-many-files":      slices.Repeat([]string{head + "windows: []\n"}, 1001),
		"too-large-all-files": slices.Repeat([]string{head + "windows: []\n#" + strings.Repeat(" ", 1<<20-100)}, 5),
	}
}

// refusals returns the problems of every broken file and directory, by its name.
func refusals(t *testing.T) map[string]source.Problems {
	t.Helper()
	all := map[string]source.Problems{}
	for name, texts := range generated() {
		var files []source.File
		for _, text := range texts {
			files = append(files, source.File{Name: name + ".yaml", Data: []byte(text)})
		}
		_, err := config.Parse(files...)
		all[name] = problemsOf(t, name, err)
	}
	entries, err := os.ReadDir(broken)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".golden" {
			continue
		}
		_, err := parse(filepath.Join(broken, entry.Name()))
		name := strings.TrimSuffix(entry.Name(), ".yaml")
		all[name] = problemsOf(t, name, err)
	}
	return all
}

func problemsOf(t *testing.T, name string, err error) source.Problems {
	t.Helper()
	var problems source.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("%s: the error is %v, want problems", name, err)
	}
	for i := range problems {
		problems[i].File = strings.TrimPrefix(problems[i].File, broken+"/")
	}
	return problems
}

func TestBrokenFiles(t *testing.T) {
	for name, problems := range refusals(t) {
		t.Run(name, func(t *testing.T) {
			golden.Compare(t, filepath.Join(broken, name+".golden"), problems.Error()+"\n")
		})
	}
}

// What Open warns of is in test/world.
func TestEveryRuleIsShownByTwoBrokenFiles(t *testing.T) {
	files := map[string]int{}
	all := refusals(t)
	maps.Copy(all, manifestProblems(t))
	for _, problems := range all {
		rules := map[string]bool{}
		for _, problem := range problems {
			rules[problem.Rule] = true
		}
		for rule := range rules {
			files[rule]++
		}
	}
	known := config.Rules()
	for _, rule := range known {
		if files[rule.ID] < 2 && rule.Severity == source.SeverityError {
			t.Errorf("%s is shown by %d broken files, want 2 or more", rule.ID, files[rule.ID])
		}
		delete(files, rule.ID)
	}
	if len(known) < 40 {
		t.Errorf("found %d rules, want 40 or more", len(known))
	}
	for rule := range files {
		t.Errorf("rule %s is not in the list of rules", rule)
	}
}
