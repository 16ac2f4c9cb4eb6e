package imports

import (
	"math"
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// object reads the fields of an object that may hold anything: where a field is missing or of another type than
// expected, the answer is empty.
type object struct{ *manifests.Object }

func (o object) kind() string      { return text(at(o.Object.Object, "kind")) }
func (o object) group() string     { return group(text(at(o.Object.Object, "apiVersion"))) }
func (o object) name() string      { return text(at(o.Object.Object, "metadata", "name")) }
func (o object) namespace() string { return text(at(o.Object.Object, "metadata", "namespace")) }

// is says whether the object is of a kind, in any version of its API group.
func (o object) is(apiGroup, kind string) bool { return o.group() == apiGroup && o.kind() == kind }

func group(apiVersion string) string {
	before, _, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		return ""
	}
	return before
}

// annotation returns an annotation that is text.
func (o object) annotation(name string) string {
	value, _ := o.annotated(name)
	return text(value)
}

// annotated returns an annotation, and whether there is one.
func (o object) annotated(name string) (value any, given bool) {
	annotations, _ := at(o.Object.Object, "metadata", "annotations").(map[string]any)
	value, given = annotations[name]
	return value, given
}

// spec returns a value below spec.
func (o object) spec(path ...string) any {
	return at(at(o.Object.Object, "spec"), path...)
}

// at returns the value at a path of mappings, nil where there is none.
func at(value any, path ...string) any {
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[name]
	}
	return value
}

// list returns the items of a value that is a list.
func list(value any) []any {
	items, _ := value.([]any)
	return items
}

// text returns a value that is text.
func text(value any) string {
	s, _ := value.(string)
	return s
}

// written returns a single value as it is written, text or not; "" for all others.
func written(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// whole returns a value that is a whole number, also where it is written as text, as annotations and the metadata of
// triggers are.
func whole(value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}
