package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// fromJSON reads the JSON values of a document: one, or several as jq prints them.
func fromJSON(d document) ([]value, error) {
	r := newJSONReader(d)
	var all []value
	for {
		v, err := r.document()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case errors.As(err, new(source.Problems)):
			return nil, err
		case err != nil:
			return nil, r.syntax(err)
		}
		all = append(all, v)
	}
}

// jsonReader reads JSON and knows the lines.
type jsonReader struct {
	decoder *json.Decoder
	text    []byte
	line    int // of the text that was counted last
	counted int // bytes of text
}

func newJSONReader(d document) *jsonReader {
	text := d.text
	if marks(text, "---") {
		text = text[3:]
	}
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(text)), text: text, line: d.line}
	r.decoder.UseNumber()
	return r
}

// here returns the line of the value that is read next.
func (r *jsonReader) here() int {
	at := int(r.decoder.InputOffset())
	for at < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[at]) >= 0 {
		at++
	}
	return r.lineAt(at)
}

// lineAt returns the line of a byte that does not lie before those asked for earlier.
func (r *jsonReader) lineAt(at int) int {
	at = max(min(at, len(r.text)), r.counted)
	r.line += bytes.Count(r.text[r.counted:at], []byte("\n"))
	r.counted = at
	return r.line
}

// syntax says where the text is not JSON.
func (r *jsonReader) syntax(err error) error {
	at := int(r.decoder.InputOffset())
	if bad := (*json.SyntaxError)(nil); errors.As(err, &bad) {
		at = max(at, int(bad.Offset)-1)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		at, err = len(bytes.TrimRight(r.text, " \t\r\n")), errors.New("it ends too early")
	}
	return problem(r.lineAt(at), RuleSyntax, fmt.Sprintf("this is neither JSON nor YAML: %s; %s", err, hint))
}

// document reads the next value. An object is read field by field, and the items of a List one by one, so that each has
// its line.
func (r *jsonReader) document() (value, error) {
	v := value{line: r.here()}
	if r.counted == len(r.text) {
		return v, io.EOF
	}
	if r.text[r.counted] != '{' {
		err := r.decode(&v.value)
		return v, err
	}
	if _, err := r.decoder.Token(); err != nil {
		return v, err
	}
	content := map[string]any{}
	v.value = content
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return v, err
		}
		name, _ := token.(string)
		var field any
		if r.here(); name == "items" && r.counted < len(r.text) && r.text[r.counted] == '[' {
			v.items, field, err = r.list()
		} else {
			err = r.decode(&field)
		}
		if err != nil {
			return v, err
		}
		content[name] = field
	}
	_, err := r.decoder.Token()
	return v, unexpected(err)
}

// list reads the items of a List.
func (r *jsonReader) list() (items []value, field any, err error) {
	if _, err := r.decoder.Token(); err != nil {
		return nil, nil, err
	}
	all := []any{}
	for r.decoder.More() {
		item := value{line: r.here()}
		if err := r.decode(&item.value); err != nil {
			return nil, nil, err
		}
		items, all = append(items, item), append(all, item.value)
	}
	_, err = r.decoder.Token()
	return items, all, unexpected(err)
}

func (r *jsonReader) decode(v *any) error {
	if err := r.decoder.Decode(v); err != nil {
		return unexpected(err)
	}
	var deep bool
	if *v, deep = numbers(*v, 0); deep {
		return problem(r.line, RuleSyntax, fmt.Sprintf("values are nested more than %d deep here", maxDepth))
	}
	return nil
}

// unexpected returns the error of an end of text in the middle of a value.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// numbers replaces the numbers of a decoded value by the two kinds that unstructured objects have, in place, and says
// whether it is nested too deep.
func numbers(v any, depth int) (_ any, deep bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, each := range v {
			if v[name], deep = numbers(each, depth+1); deep {
				return nil, true
			}
		}
	case []any:
		for i, each := range v {
			if v[i], deep = numbers(each, depth+1); deep {
				return nil, true
			}
		}
	case json.Number:
		return fromNumber(v), false
	}
	return v, depth > maxDepth
}

// fromNumber returns an int64 or a float64, or the text of a number that is neither.
func fromNumber(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil && !math.IsInf(f, 0) {
		return f
	}
	return n.String()
}
