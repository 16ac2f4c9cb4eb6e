package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

const broken = "testdata/broken"

// generated are broken files that are too large to keep.
func generated() map[string]string {
	const head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	return map[string]string{
		"too-large-comment":        head + "windows: []\n#" + strings.Repeat(" padding", 1<<17) + "\n",
		"too-large-and-not-yaml":   strings.Repeat("]\n", 1<<20),
		"too-many-unknown-fields":  head + "windows:\n" + strings.Repeat("  - {x: 1}\n", 200),
		"too-many-invalid-bytes":   head + "windows: []\n# " + strings.Repeat("\xff", 1000),
		"largest-file-and-problem": head + "windows: []\nwindow: []\n#" + strings.Repeat(" ", 1<<20-71),
	}
}

// refusals returns the problems of every broken file and directory, by its name.
func refusals(t *testing.T) map[string]config.Problems {
	t.Helper()
	all := map[string]config.Problems{}
	for name, data := range generated() {
		_, err := config.Parse(config.File{Name: name + ".yaml", Data: []byte(data)})
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

func problemsOf(t *testing.T, name string, err error) config.Problems {
	t.Helper()
	var problems config.Problems
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
	source, err := os.ReadFile("rules.go")
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for line := range strings.Lines(string(source)) {
		words := strings.Fields(line) // RuleX = "x" // a sentence
		if len(words) < 4 || !strings.HasPrefix(words[0], "Rule") {
			continue
		}
		known++
		rule := strings.Trim(words[2], `"`)
		if files[rule] < 2 {
			t.Errorf("%s is shown by %d broken files, want 2 or more", rule, files[rule])
		}
		delete(files, rule)
	}
	if known < 40 {
		t.Errorf("found %d rules in rules.go, want 40 or more", known)
	}
	for rule := range files {
		t.Errorf("rule %s has no constant in rules.go", rule)
	}
}
