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
// rest of the List proves in the same way that it is a mapping in block style of which the items are a field; no alias
// may stand behind the items, because it could mean an anchor in them.
func fromChunks(d document, size int) (value, bool) {
	l, ok := d.list()
	if !ok || bytes.Contains(d.text, []byte(itemsApart)) || bytes.IndexByte(d.text[l.end:], '*') >= 0 {
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
		var end int
		to, end = l.piece(from, size)
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

// piece returns the item before which the piece ends that begins with an item, and where that is. It has one item at
// least.
func (l layout) piece(from, size int) (to, end int) {
	for to = from + 1; to < len(l.items); to++ {
		if l.items[to].at-l.items[from].at >= size {
			return to, l.items[to].at
		}
	}
	return to, l.end
}

// list returns where the items stand, and false where that cannot be told from the indentation of the lines.
func (d document) list() (l layout, ok bool) {
	at, line := 0, d.line
	for at < len(d.text) && string(bytes.TrimRight(firstLine(d.text[at:]), " \r\n")) != "items:" {
		at += lineLength(d.text[at:])
		line++
	}
	l.field, l.end = at, len(d.text)
	at += lineLength(d.text[at:])
	indent := -1
	for ; at < len(d.text); at += lineLength(d.text[at:]) {
		line++
		blanks, begins, empty := shape(firstLine(d.text[at:]))
		switch {
		case empty || indent >= 0 && blanks > indent: // in an item
		case begins && (indent < 0 || blanks == indent):
			indent = blanks
			l.items = append(l.items, start{at, line})
		default:
			l.end = at
			return l, indent >= 0 && blanks == 0
		}
	}
	return l, indent >= 0
}

func firstLine(text []byte) []byte { return text[:lineLength(text)] }

// shape returns how far a line is indented, and whether it begins an item, or holds nothing, or a comment.
func shape(line []byte) (blanks int, begins, empty bool) {
	content := bytes.TrimLeft(line, " ")
	blanks = len(line) - len(content)
	content = bytes.TrimRight(content, " \r\n")
	if len(content) == 0 || content[0] == '#' {
		return blanks, false, true
	}
	return blanks, content[0] == '-' && (len(content) == 1 || content[1] == ' '), false
}
