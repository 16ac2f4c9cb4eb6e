package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestTheMapIsTrue: every path that AGENTS.md names exists, and every folder of code is on the map.
func TestTheMapIsTrue(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, "AGENTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	named, paths := map[string]bool{}, 0
	for _, found := range regexp.MustCompile("`([a-z][a-z0-9_/.*-]*/[a-z0-9_/.*-]*)`").FindAllStringSubmatch(string(text), -1) {
		folder, _, _ := strings.Cut(found[1], "/")
		named[folder] = true
		paths++
		if matches, err := filepath.Glob(filepath.Join(root, found[1])); err != nil || len(matches) == 0 {
			t.Errorf("AGENTS.md names %s, which is not there", found[1])
		}
	}
	folders, err := filepath.Glob(filepath.Join(root, "*/"))
	if err != nil || paths < 20 {
		t.Fatalf("%d paths are named: %v", paths, err)
	}
	for _, folder := range folders {
		code, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err == nil && len(code) > 0 && !named[filepath.Base(folder)] {
			t.Errorf("AGENTS.md does not name the folder %s", filepath.Base(folder))
		}
	}
}

// TestIssueForms: GitHub reads them, and a report of something wrong asks for the status.
func TestIssueForms(t *testing.T) {
	const folder = "../../.github/ISSUE_TEMPLATE/"
	type field struct {
		Type        string
		ID          string
		Attributes  map[string]any
		Validations map[string]bool
	}
	asked := false
	for _, name := range []string{"bug", "feature", "docs"} {
		text, err := os.ReadFile(folder + name + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Name, Description string
			Body              []field
		}
		if err := yaml.Unmarshal(text, &form); err != nil || form.Name == "" || form.Description == "" || len(form.Body) == 0 {
			t.Errorf("%s: %+v, %v", name, form, err)
		}
		for _, f := range form.Body {
			label, _ := f.Attributes["label"].(string)
			if f.Type != "markdown" && (f.ID == "" || label == "") {
				t.Errorf("%s: a field without id or label: %+v", name, f)
			}
			asked = asked || name == "bug" && strings.Contains(label, "floorkeeper status -o json") && f.Validations["required"]
		}
	}
	if !asked {
		t.Error("a report of something wrong need not have the status")
	}
}
