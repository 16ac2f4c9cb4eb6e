package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	errorkind "github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// instance is what an editor makes of a file: values, and the place of each.
type instance struct {
	parser
	value any
	at    map[string][]*source.Node // a value and the name of its field, by pointer
}

// instanceOf returns nil where a file is not read so far as to have values.
func instanceOf(file source.File) *instance {
	in := &instance{at: map[string][]*source.Node{}}
	if !source.CheckText(file, &in.Collector) {
		return nil
	}
	file.Data = []byte(strings.TrimPrefix(string(file.Data), source.ByteOrderMark))
	root := source.Document(file, &in.Collector)
	if root == nil {
		return nil
	}
	if root.Null() {
		root.Place.Line, root.Place.Column = 1, 1 // where Parse reports it
	}
	in.value = in.read(root, nil)
	return in
}

// pointer returns one word for where a value is.
func pointer(path ...string) string { return strings.Join(path, "\x00") }

func (in *instance) read(n, name *source.Node, path ...string) any {
	in.at[pointer(path...)] = []*source.Node{n, cmp.Or(name, n)}
	switch n.Kind {
	case source.List:
		items := []any{}
		for i, item := range n.Items {
			items = append(items, in.read(item, nil, append(slices.Clip(path), strconv.Itoa(i))...))
		}
		return items
	case source.Mapping:
		fields := map[string]any{}
		for _, f := range in.Flatten(n) {
			fields[f.Name.Text] = in.read(f.Value, f.Name, append(slices.Clip(path), f.Name.Text)...)
		}
		return fields
	default:
		return core(n)
	}
}

var (
	coreInteger = regexp.MustCompile(`^[-+]?[0-9]+$`)
	coreBased   = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
	coreFloat   = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	coreBoolean = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	coreBeyond  = regexp.MustCompile(`^[-+]?\.(inf|Inf|INF)$`)
)

// core returns a scalar as the core schema of YAML 1.2 types it, chapter 10.3.2, which is what editors do: dates and
// times are text, 010 is 10.
func core(n *source.Node) any {
	unsigned := strings.TrimPrefix(n.Text, "+")
	switch {
	case !n.Plain && !n.Refused:
		return n.Text
	case n.Null():
		return nil
	case coreBoolean.MatchString(n.Text):
		return strings.ToLower(n.Text) == "true"
	case coreInteger.MatchString(n.Text):
		number, _ := new(big.Int).SetString(n.Text, 10)
		return json.Number(number.String())
	case coreBased.MatchString(n.Text):
		number, _ := strconv.ParseInt(n.Text, 0, 64)
		return json.Number(strconv.FormatInt(number, 10))
	case coreFloat.MatchString(n.Text):
		number, _ := strconv.ParseFloat(unsigned, 64)
		return json.Number(strconv.FormatFloat(number, 'g', -1, 64))
	case coreBeyond.MatchString(n.Text):
		return json.Number(strings.TrimSuffix(unsigned, unsigned[strings.Index(unsigned, "."):]) + "1e99")
	default:
		return n.Text
	}
}

// told returns the places, as line:column, at which the schema refuses an instance.
func (in *instance) told(t *testing.T, s *jsonschema.Schema) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := s.Validate(in.value)
	if refused := (*jsonschema.ValidationError)(nil); errors.As(err, &refused) {
		in.gather(refused, all)
	} else if err != nil {
		t.Fatal(err)
	}
	return all
}

func (in *instance) gather(err *jsonschema.ValidationError, all map[string][]string) {
	add := func(nodes ...*source.Node) {
		for _, n := range nodes {
			place := fmt.Sprintf("%d:%d", n.Place.Line, n.Place.Column)
			all[place] = append(all[place], fmt.Sprintf("%T", err.ErrorKind))
		}
	}
	at := err.InstanceLocation
	name := func(field string) *source.Node { return in.at[pointer(append(slices.Clip(at), field)...)][1] }
	switch k := err.ErrorKind.(type) {
	case *errorkind.AdditionalProperties:
		for _, field := range k.Properties {
			add(name(field))
		}
	case *errorkind.PropertyNames:
		for path, nodes := range in.at { // the library does not return the place
			if strings.HasSuffix(path, pointer("", k.Property)) {
				add(nodes[1])
			}
		}
		return
	case *errorkind.Dependency:
		add(name(k.Prop))
	case *errorkind.Required:
		add(in.at[pointer(at...)][0])
	case *errorkind.MinItems, *errorkind.MinProperties: // what is empty, or what lacks it
		add(in.at[pointer(at...)][0], in.at[pointer(at[:len(at)-1]...)][0])
	default:
		if len(err.Causes) == 0 {
			add(in.at[pointer(at...)]...)
		}
	}
	for _, cause := range err.Causes {
		in.gather(cause, all)
	}
}
