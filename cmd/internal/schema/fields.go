package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// field is a field of a schedule, as the JSON Schema describes it.
type field struct {
	path     string // windows.targets.name; the items of a list count as the list
	schema   *source.Node
	required bool
}

// table is the JSON Schema.
type table struct{ definitions *source.Node }

// fields returns all fields, each before those in it.
func fields() (table, []field, error) {
	documents, err := source.Documents(source.File{Name: "schema", Data: []byte(config.Schema())})
	if err != nil {
		return table{}, nil, err
	}
	t := table{documents[0].Child("definitions")}
	return t, t.below(field{schema: documents[0]}, true), nil
}

// below returns the fields in a field, and those in these if all are asked for.
func (t table) below(f field, all bool) (fields []field) {
	schema := f.schema
	for items := t.get(schema, "items"); items != nil; items = t.get(schema, "items") {
		schema = items
	}
	add := func(name string, value *source.Node) {
		below := field{strings.TrimPrefix(f.path+"."+name, "."), value, slices.Contains(t.required(schema), name)}
		if fields = append(fields, below); all {
			fields = append(fields, t.below(below, true)...)
		}
	}
	if properties := t.get(schema, "properties"); properties != nil {
		for _, property := range properties.Fields {
			add(property.Name.Text, property.Value)
		}
	} else if values := t.get(schema, "additionalProperties"); values != nil && values.Kind == source.Mapping {
		add("NAME", values)
	}
	return fields
}

// chain returns a schema with those that it refers to, the nearest first.
func (t table) chain(schema *source.Node) []*source.Node {
	all := []*source.Node{schema}
	if name := schema.Word("$ref"); name != "" {
		all = append(all, t.chain(t.definitions.Child(strings.TrimPrefix(name, "#/definitions/")))...)
	}
	if parts := schema.Child("allOf"); parts != nil {
		for _, part := range parts.Items {
			all = append(all, t.chain(part)...)
		}
	}
	return all
}

func (t table) get(schema *source.Node, keyword string) *source.Node {
	for _, part := range t.chain(schema) {
		if value := part.Child(keyword); value != nil {
			return value
		}
	}
	return nil
}

func (t table) required(schema *source.Node) (names []string) {
	for _, part := range t.chain(schema) {
		if list := part.Child("required"); list != nil {
			for _, name := range list.Items {
				names = append(names, name.Text)
			}
		}
	}
	return names
}

// kind returns the type of a field: list, date, integer or string.
func (t table) kind(f field) string {
	named := map[string]string{"upToOneDay": "duration", "entryDuration": "duration", "timeZone": "time zone", "date": "date"}
	for _, part := range t.chain(f.schema) {
		if name := named[strings.TrimPrefix(part.Word("$ref"), "#/definitions/")]; name != "" {
			return name
		}
	}
	switch kind := t.get(f.schema, "type"); {
	case kind == nil:
		return "string"
	case kind.Kind == source.List:
		var names []string
		for _, name := range kind.Items {
			names = append(names, name.Text)
		}
		if slices.Contains(names, "boolean") {
			return "string" // which YAML takes for something else where it has no quotes
		}
		return strings.Join(names, " or ")
	default:
		return cmp.Or(map[string]string{"array": "list", "object": "mapping"}[kind.Text], kind.Text)
	}
}

// asJSON returns a value in one line.
func asJSON(n *source.Node) string {
	data, _ := json.Marshal((&source.Collector{}).Value(n)) // the schema is JSON
	return string(data)
}

const width = 100

// describe writes a field: its path, type, description and first example.
func (t table) describe(w io.Writer, f field) {
	head := f.path + " <" + t.kind(f) + ">"
	if f.required {
		head += ", required"
	} else if value := t.get(f.schema, "default"); value != nil {
		head += ", default " + asJSON(value)
	}
	fmt.Fprintln(w, head)
	if description := t.get(f.schema, "description"); description != nil {
		fmt.Fprintln(w, "    "+text.Wrap(description.Text, width-len("    "), "    "))
	}
	if examples := t.get(f.schema, "examples"); examples != nil {
		const prefix = "    Example: "
		if example := prefix + asJSON(examples.Items[0]); len(example) <= width {
			fmt.Fprintln(w, example)
		}
	}
}

// list writes all fields, or the one at the path and all in it.
func list(w io.Writer, path string) error {
	t, all, err := fields()
	if err == nil && path != "" {
		var at field
		if at, err = find(all, path); err == nil {
			all = append([]field{at}, t.below(at, true)...)
		}
	}
	if err != nil {
		return err
	}
	for i, f := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		t.describe(w, f)
	}
	return nil
}

// explain writes the field at a path, and the fields in it.
func explain(w io.Writer, path string) error {
	t, all, err := fields()
	if err != nil {
		return err
	}
	at, err := find(all, path)
	if err != nil {
		return err
	}
	t.describe(w, at)
	for i, f := range t.below(at, false) {
		if i == 0 {
			fmt.Fprintln(w, "\nFields:")
		}
		fmt.Fprintln(w)
		t.describe(w, f)
	}
	return nil
}

// find returns the field at a path, or an error that names the one that is probably meant.
func find(all []field, path string) (field, error) {
	path = clean(path)
	const most = 3 // characters that a misspelt path is off
	meant, least := "; floorkeeper schema --fields lists all", most+1
	for _, f := range all {
		if f.path == path {
			return f, nil
		}
		if distance := text.Distance(f.path, path); distance < least {
			meant, least = "; did you mean "+f.path+"?", distance
		}
	}
	return field{}, fmt.Errorf("a schedule has no field %q%s", path, meant)
}

// clean returns a path without what other tools write in it: a dot before it, and brackets for the items of a list.
func clean(path string) string {
	return strings.TrimPrefix(strings.NewReplacer("[]", "", "[*]", "", "schedule.", "").Replace(path), ".")
}

// paths returns the paths of all fields.
func paths() []string {
	_, all, _ := fields()
	var names []string
	for _, f := range all {
		names = append(names, f.path)
	}
	return names
}
