package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// untold are the problems that no schema can report, by rule and by a part of their message, and why.
var untold = []struct{ rule, says, because string }{
	{source.RuleSecondDocument, "", "an editor looks at each document alone"},
	{source.RuleDuplicateField, "", "a JSON object has each field once; editors tell it themselves"},
	{source.RuleTag, "tags.yaml:", "values have no tags in JSON; editors tell unknown ones themselves"},
	{source.RuleMerge, "", "editors merge before they look at the schema"},
	{source.RuleWrongType, "the name of a field is a single word", "the names of a JSON object are text"},
	{source.RuleWrongType, "expressions.yaml:18:", "its field is misspelt, which is reported"},
	{RuleZone, "everything-at-once.yaml:3:", "as before"},
	{RuleUnknownField, "misspelt-in-window.yaml:11:1", "as before"},
	{RuleUnknownField, "misspelt-in-window.yaml:11:3", "as before"},

	{RuleDuplicateName, "", "it compares entries"},
	{RuleUnknownHoliday, "", "it compares files"},
	{RuleGivenTwice, "", "it compares files"},
	{RuleEmptySpan, "", "it compares fields"},
	{RuleEndBeforeStart, "", "it compares fields"},
	{RuleDatesReversed, "", "it compares dates"},
	{RuleNeverStarts, "", "it needs a calendar"},
	{RuleDurationRange, "24h1s", "it needs a sum"},
	{RuleDurationRange, "7d1s", "it needs a sum"},

	{RuleAmount, "\"010\"", "it is the number 10"},
	{RuleAmount, "\"007\"", "it is the number 7"},
	{RuleAmount, "\"0x10\"", "it is the number 16"},
	{RuleAmount, "\"0o17\"", "it is the number 15"},
	{RuleAmount, "\"1e2\"", "it is the number 100"},
	{RuleAmount, "\"2.0\"", "it is the number 2"},
	{RuleAmount, "\"+5\"", "it is the number 5"},
	{RuleDayOfMonth, "\"01\"", "it is the number 1"},
	{RuleDayOfMonth, "\"1.0\"", "it is the number 1"},
	{RuleDayOfMonth, "\"+1\"", "it is the number 1"},
	{RuleDayOfMonth, "\"0x10\"", "it is the number 16"},
	{RuleMultiplier, "\"03\"", "it is the number 3"},
	{RuleMultiplier, "\"01.5\"", "it is the number 1.5"},
	{RuleMultiplier, "\"2.\"", "it is the number 2"},
	{RuleMultiplier, "\"1e2\"", "it is the number 100"},
	{RuleMultiplier, "\"1.2345\"", "multipleOf could, but editors compute it in floating point and then refuse 3.5"},
	{RuleMonth, "\"01\"", "it is the number 1"},
	{RuleBoolean, "\"True\"", "it is true"},
}

// unread are the rules that files offend against before they have values for a schema to look at.
var unread = []string{
	source.RuleInvalidUTF8, source.RuleControlCharacter, source.RuleSyntax, source.RuleEmptyFile, source.RuleTooDeep, source.RuleAliasLoop, source.RuleAliasBomb,
}

// compiled returns the schema at a place of the schema file, "" for all of it.
func compiled(t *testing.T, place string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	if err := compiler.AddResource(SchemaURL, document); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile(SchemaURL + place)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fixtures returns the files that match the patterns, with those of directories among them.
func fixtures(t *testing.T, patterns ...string) map[string][]source.File {
	t.Helper()
	all := map[string][]source.File{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: found %d files, error %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			if filepath.Ext(path) == ".golden" {
				continue
			}
			files, err := Read(path)
			if none := source.Problems(nil); err != nil && !errors.As(err, &none) {
				t.Fatal(err)
			}
			all[path] = files
		}
	}
	return all
}

func TestSchemaAcceptsEveryValidFile(t *testing.T) {
	s := compiled(t, "")
	for path, files := range fixtures(t, "testdata/valid/*", "../schedules/examples/*", "../deploy/*/schedule.yaml") {
		if _, err := Parse(files...); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, file := range files {
			if err := s.Validate(instanceOf(file).value); err != nil {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
	}
}

// Each problem of each broken file is reported by the schema at the same place, or is one of those that it cannot report.
func TestSchemaRefusesWhatItCan(t *testing.T) {
	s := compiled(t, "")
	shown := map[string]bool{}
	for path, files := range fixtures(t, "testdata/broken/*") {
		_, err := Parse(files...)
		var problems source.Problems
		if !errors.As(err, &problems) && len(files) > 0 {
			t.Fatalf("%s: the error is %v, want problems", path, err)
		}
		for _, file := range files {
			in := instanceOf(file)
			told := map[string][]string{}
			if in != nil {
				told = in.told(t, s)
			}
			for _, p := range problems {
				if p.File == file.Name && p.Severity == source.SeverityError {
					judge(t, p, in != nil, told, shown)
				}
			}
		}
	}
	for _, u := range untold {
		if !shown[u.rule+u.says] {
			t.Errorf("no broken file shows that the schema cannot tell %s %q", u.rule, u.says)
		}
	}
	for _, rule := range unread {
		if !shown[rule] {
			t.Errorf("no broken file without values shows %s", rule)
		}
	}
}

// judge compares one problem with what the schema reports for its file.
func judge(t *testing.T, p source.Problem, read bool, told map[string][]string, shown map[string]bool) {
	t.Helper()
	if p.Rule == source.RuleLookAlike { // at the character, and not at the value
		return
	}
	if !read {
		if shown[p.Rule] = true; !slices.Contains(unread, p.Rule) {
			t.Errorf("%s: the file has no values for the schema", p)
		}
		return
	}
	caught := told[fmt.Sprintf("%d:%d", p.Line, p.Column)] != nil
	for _, u := range untold {
		if u.rule == p.Rule && strings.Contains(p.String(), u.says) {
			if shown[u.rule+u.says] = true; caught {
				t.Errorf("%s: the schema tells it, against %q", p, u.because)
			}
			return
		}
	}
	if !caught {
		t.Errorf("%s: the schema does not tell it; it tells %v", p, told)
	}
}
