package manifests

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

const (
	// chunkSize is about how much text of a List is parsed at a time. The library needs some 25 times as much memory as
	// the text has, so that a List of 64 MiB is not parsed as a whole.
	chunkSize = 128 << 10
	// itemsApart stands for the items of a List while the rest of it is read.
	itemsApart = "floorkeeper-reads-the-items-apart"
)

// fromChunks reads a List in block style, as kubectl prints it, its items some at a time. It returns false where the
// document is something else, or is not surely the same when it is read in pieces.
//
// Why the pieces are the whole: YAML is read from left to right. Each piece begins where an item does, at the same
// indentation, and is complete in itself: no quotes and no bracket are open at its end, or it would not parse, and a
// plain or literal text ends before a line that is indented as little as the next item. So the whole is in the same
// state there as at the beginning of a List, unless an alias refers to an earlier piece, which then does not parse. The
// rest of the List proves in the same way that it is a mapping in block style of which the items are a field.
func fromChunks(d document, size int) (value, bool) {
	l, ok := d.list()
	if !ok || bytes.Contains(d.text, []byte(itemsApart)) {
		return value{}, false
	}
	c := &converter{first: d.line, last: d.last(), anchors: map[*yaml.Node]*anchor{}}
	v, content, ok := c.around(d, l)
	if !ok {
		return value{}, false
	}
	all := make([]any, 0, len(l.items))
	v.items = make([]value, 0, len(l.items))
	for from, to := 0, 0; from < len(l.items); from = to {
		end := l.end
		for to = from + 1; to < len(l.items) && l.items[to].at-l.items[from].at < size; to++ {
		}
		if to < len(l.items) {
			end = l.items[to].at
		}
		c.first = l.items[from].line
		items, ok := c.items(d.text[l.items[from].at:end])
		if !ok || len(items) != to-from {
			return value{}, false
		}
		for _, item := range items {
			all = append(all, item.value)
		}
		v.items = append(v.items, items...)
	}
	content["items"] = all
	return v, true
}

// around reads the List without its items.
func (c *converter) around(d document, l layout) (v value, content map[string]any, ok bool) {
	rest := bytes.Join([][]byte{d.text[:l.field], []byte("items: " + itemsApart + "\n"), d.text[l.end:]}, nil)
	root, err := nodes(rest)
	if err != nil || root.Kind == 0 || root.Content[0].Style&yaml.FlowStyle != 0 {
		return v, nil, false
	}
	v.line = c.line(root.Content[0])
	if v.value, err = c.convert(root.Content[0], 0); err != nil {
		return v, nil, false
	}
	content, _ = v.value.(map[string]any)
	return v, content, content["items"] == itemsApart
}

// items reads some items.
func (c *converter) items(text []byte) ([]value, bool) {
	root, err := nodes(text)
	if err != nil || root.Kind == 0 || root.Content[0].Kind != yaml.SequenceNode {
		return nil, false
	}
	var all []value
	for _, item := range root.Content[0].Content {
		v, err := c.convert(item, 2)
		if err != nil {
			return nil, false
		}
		all = append(all, value{line: c.line(item), value: v})
	}
	return all, true
}

// layout is where the items of a List in block style stand.
type layout struct {
	field int // where the line items: begins
	items []start
	end   int // where the items end
}

// start is where an item begins, and on which line.
type start struct{ at, line int }

// list returns where the items stand, and false where that cannot be told from the indentation of the lines.
func (d document) list() (l layout, ok bool) {
	l.field = -1
	indent, line := -1, d.line-1
	for at, next := 0, 0; at < len(d.text); at = next {
		next = at + lineLength(d.text[at:])
		line++
		text := bytes.TrimRight(d.text[at:next], " \r\n")
		blanks := len(text) - len(bytes.TrimLeft(text, " "))
		if l.field < 0 {
			if string(text) == "items:" {
				l.field = at
			}
			continue
		}
		content := text[blanks:]
		begins := len(content) > 0 && content[0] == '-' && (len(content) == 1 || content[1] == ' ')
		switch {
		case len(content) == 0 || content[0] == '#' || indent >= 0 && blanks > indent:
		case begins && (indent < 0 || blanks == indent):
			indent = blanks
			l.items = append(l.items, start{at, line})
		case indent >= 0 && blanks == 0:
			l.end = at
			return l, true
		default:
			return l, false
		}
	}
	l.end = len(d.text)
	return l, len(l.items) > 0
}
