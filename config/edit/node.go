package edit

import "github.com/floorkeeper/floorkeeper/config/source"

// field is a field of a mapping that is made up. It is left out where it has no value.
type field struct {
	name  string
	value *source.Node
}

// mapping returns a mapping whose problems lie at the flag.
func mapping(flag string, fields ...field) *source.Node {
	n := &source.Node{Kind: source.Mapping, Place: source.Place{File: flag}}
	for _, f := range fields {
		if f.value != nil {
			put(n, f.name, f.value)
		}
	}
	return n
}

func put(n *source.Node, name string, value *source.Node) {
	n.Fields = append(n.Fields, source.Field{Name: &source.Node{Text: name, Plain: true, Place: value.Place}, Value: value})
}

func list(flag string, items []*source.Node) *source.Node {
	if len(items) == 0 {
		return nil
	}
	return &source.Node{Kind: source.List, Place: source.Place{File: flag}, Items: items}
}

func value(flag, given string) *source.Node {
	return &source.Node{Text: given, Place: source.Place{File: flag}}
}

// text returns a value that is in quotes where it would not be text without, and nil for "".
func text(flag, given string) *source.Node {
	if given == "" {
		return nil
	}
	return value(flag, given)
}

// plain returns a value that never needs quotes, and nil for "".
func plain(flag, given string) *source.Node {
	n := text(flag, given)
	if n != nil {
		n.Plain = true
	}
	return n
}
