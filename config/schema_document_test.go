package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/zones"
)

const draft7 = "http://json-schema.org/draft-07/schema#"

// keywords are those of draft-07 that the schema uses, and those that editors know.
var keywords = strings.Fields(`$schema $id $comment $ref title description default examples type const enum pattern
	minimum maximum minLength maxLength minItems maxItems minProperties items properties required additionalProperties
	propertyNames dependencies if then else allOf definitions errorMessage patternErrorMessage`)

// walk calls visit for each schema in the schema, with the place of it.
func walk(s map[string]any, place string, visit func(place string, s map[string]any)) {
	visit(place, s)
	for keyword, value := range s {
		switch keyword {
		case "items", "additionalProperties", "propertyNames", "if", "then", "else":
			if inner, ok := value.(map[string]any); ok {
				walk(inner, place+"/"+keyword, visit)
			}
		case "properties", "definitions":
			for name, inner := range value.(map[string]any) {
				if inner, ok := inner.(map[string]any); ok {
					walk(inner, place+"/"+keyword+"/"+name, visit)
				}
			}
		case "allOf":
			for i, inner := range value.([]any) {
				walk(inner.(map[string]any), fmt.Sprintf("%s/allOf/%d", place, i), visit)
			}
		}
	}
}

// schemas returns each schema in the schema, by its place.
func schemas(t *testing.T) map[string]map[string]any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	walk(document.(map[string]any), "#", func(place string, s map[string]any) { all[place] = s })
	return all
}

func TestSchemaIsDraft07(t *testing.T) {
	all := schemas(t)
	meta, err := jsonschema.NewCompiler().Compile(draft7)
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(all["#"]); err != nil {
		t.Error(err)
	}
	if all["#"]["$schema"] != draft7 || all["#"]["$id"] != SchemaURL {
		t.Errorf("$schema is %v and $id %v", all["#"]["$schema"], all["#"]["$id"])
	}
	for place, s := range all {
		for keyword := range s {
			if !slices.Contains(keywords, keyword) {
				t.Errorf("%s: %s is not a keyword", place, keyword)
			}
		}
		if s["type"] == "object" && s["additionalProperties"] == nil {
			t.Errorf("%s: additionalProperties are not refused", place)
		}
	}
}

// Each field has a text and examples for an editor to show, and the examples are right.
func TestSchemaTeachesEveryField(t *testing.T) {
	all := schemas(t)
	fields := 0
	for place, s := range all {
		if s["properties"] == nil || s["additionalProperties"] == nil {
			continue
		}
		for name := range s["properties"].(map[string]any) {
			field := all[place+"/properties/"+name]
			if ref, _ := field["$ref"].(string); ref != "" {
				field = all[ref]
			}
			if fields++; field["description"] == nil || field["examples"] == nil {
				t.Errorf("%s: field %s has no description or no examples", place, name)
			}
		}
	}
	if fields < 40 {
		t.Errorf("found %d fields, want 40 or more", fields)
	}
	for place, s := range all {
		examples, _ := s["examples"].([]any)
		if s["default"] != nil {
			examples = append(examples, s["default"])
		}
		for _, example := range examples {
			if err := compiled(t, place).Validate(example); err != nil {
				t.Errorf("%s: example %v: %v", place, example, err)
			}
		}
	}
}

// The fields are those that the parser knows, at each place.
func TestSchemaHasTheFieldsOfTheParser(t *testing.T) {
	all := schemas(t)
	for place, vocabulary := range map[string]string{
		"#":                        topFields,
		"#/definitions/window":     windowFields,
		"#/definitions/event":      eventFields,
		"#/definitions/target":     targetFields,
		"#/definitions/selector":   selectorFields,
		"#/definitions/expression": expressionFields,
	} {
		want := slices.Sorted(strings.FieldsSeq(vocabulary))
		got := slices.Sorted(maps.Keys(all[place]["properties"].(map[string]any)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-parser +schema):\n%s", place, diff)
		}
	}
}

func TestSchemaHasTheZonesOfTheDatabase(t *testing.T) {
	const first, last = "      \"enum\": [\n        \"Africa/Abidjan\"", "\n      ]\n"
	before, rest, found := strings.Cut(Schema(), first)
	_, after, ended := strings.Cut(rest, last)
	if !found || !ended {
		t.Fatal("the schema has no list of zones that begins with Africa/Abidjan")
	}
	list, line := "      \"enum\": [", ""
	for name := range zones.Names() {
		if item := fmt.Sprintf(" %q,", name); line == "" || len(line)+len(item) > 120 {
			list, line = list+line+"\n", "       "+item
		} else {
			line += item
		}
	}
	golden.Compare(t, "schedule.schema.json", before+list+strings.TrimSuffix(line, ",")+last+after)
}

// Every day of 32 years and the years that end centuries, and days that do not exist.
func TestSchemaKnowsTheCalendar(t *testing.T) {
	s := compiled(t, "#/definitions/date")
	years := []int{0, 1800, 1900, 2000, 2100, 2400}
	for year := 2001; year <= 2032; year++ {
		years = append(years, year)
	}
	for _, year := range years {
		for month := range 14 {
			for day := range 34 {
				text := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
				_, parsed := parseDate(text)
				if accepted := s.Validate(text); (parsed == nil) != (accepted == nil) {
					t.Errorf("%s: Parse says %v, the schema %v", text, parsed, accepted)
				}
			}
		}
	}
}

// yaml-language-server merges before it looks at fields, but not before it looks at their names.
func TestSchemaLetsLabelsBeMerged(t *testing.T) {
	if err := compiled(t, "#/definitions/selector/properties/matchLabels/propertyNames").Validate("<<"); err != nil {
		t.Error(err)
	}
}

// Files that people copy have the line that names the schema for an editor.
func TestFilesToCopyNameTheSchema(t *testing.T) {
	if !strings.HasSuffix(SchemaURL, "/floorkeeper/floorkeeper/main/config/schedule.schema.json") {
		t.Errorf("the schema is not at %s", SchemaURL)
	}
	for _, files := range fixtures(t, "../schedules/examples/*", "../deploy/*/schedule.yaml") {
		first, _, _ := strings.Cut(string(files[0].Data), "\n")
		if want := "# yaml-language-server: $schema=" + SchemaURL; first != want {
			t.Errorf("%s: the first line is %q, want %q", files[0].Name, first, want)
		}
	}
}
