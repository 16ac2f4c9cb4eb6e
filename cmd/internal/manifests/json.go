package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// fromJSON reads the JSON values of a document: one, or several as jq prints them.
func fromJSON(d document) (all []value, err error) {
	text := d.unmarked()
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(text)), text: text, line: d.line}
	r.decoder.UseNumber()
	for r.next() >= 0 {
		v, err := r.read(0, "")
		switch {
		case errors.As(err, new(source.Problems)):
			return nil, err
		case err != nil:
			return nil, r.syntax(err)
		}
		all = append(all, v)
	}
	return all, nil
}

type jsonReader struct {
	decoder *json.Decoder
	text    []byte
	line    int // of the text that was counted last
	counted int // bytes of text
}

// next returns the first byte of the value that is read next, -1 at the end, and counts the lines before it.
func (r *jsonReader) next() int {
	at := int(r.decoder.InputOffset())
	for at < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[at]) >= 0 {
		at++
	}
	if r.lineAt(at); at < len(r.text) {
		return int(r.text[at])
	}
	return -1
}

// lineAt returns the line of a byte that does not lie before those asked for earlier.
func (r *jsonReader) lineAt(at int) int {
	at = max(min(at, len(r.text)), r.counted)
	r.line += bytes.Count(r.text[r.counted:at], []byte("\n"))
	r.counted = at
	return r.line
}

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

// read reads the next value, the field name of one at depth 0 where depth is 1. An object there is read field by field, and the items of
// a List one by one, so that each has its line.
func (r *jsonReader) read(depth int, name string) (v value, err error) {
	first := r.next()
	v.line = r.line
	switch {
	case depth == 0 && first == '{':
		content := map[string]any{}
		v.value = content
		return v, r.each(func() error {
			token, err := r.decoder.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			field, err := r.read(1, name)
			if content[name] = field.value; name == "items" {
				v.items = field.items
			}
			return err
		})
	case depth == 1 && first == '[' && name == "items":
		all := []any{}
		err = r.each(func() error {
			item, err := r.read(2, "")
			all, v.items = append(all, item.value), append(v.items, item.line)
			return err
		})
		v.value = all
		return v, err
	}
	return v, r.decode(&v.value)
}

// each calls read for each field or item of the object or list that is read next.
func (r *jsonReader) each(read func() error) error {
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	for r.decoder.More() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err := r.decoder.Token()
	return unexpected(err)
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

// numbers replaces the numbers of a decoded value by the two kinds that unstructured objects have, in place, and reports
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
		if i, err := v.Int64(); err == nil {
			return i, false
		}
		if f, err := v.Float64(); err == nil { // of one that is too large the text remains
			return f, false
		}
		return v.String(), false
	}
	return v, depth > maxDepth
}
