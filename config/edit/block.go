package edit

import (
	"reflect"
	"sort"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// block is a list whose items begin with hyphens.
type block struct {
	list   *source.Outline
	column int // of the hyphens
	items  []blockItem
}

// blockItem is an item of a block: the lines [from, to) with the comments that belong to it, those directly above it and
// those below it that are indented more than its hyphen.
type blockItem struct {
	value            *source.Outline
	from, hyphen, to int
}

// block finds the items of a list that is the value of a field of the file.
func (s *editor) block(key, list *source.Outline) block {
	b := block{list: list, column: -1}
	for _, value := range list.Parts {
		hyphen := value.Line
		for hyphen > key.Line && !s.hyphen(hyphen, b.column) {
			hyphen--
		}
		if b.column < 0 {
			b.column = len(s.line(hyphen)) - len(strings.TrimLeft(s.line(hyphen), " "))
		}
		b.items = append(b.items, blockItem{value: value, hyphen: hyphen})
	}
	floor, end := key.Line+1, s.after(list)
	for i := range b.items {
		limit := end
		if i+1 < len(b.items) {
			limit = b.items[i+1].hyphen
		}
		s.extend(&b.items[i], floor, limit, b.column)
		floor = b.items[i].to
	}
	return b
}

// extend finds the lines of an item, which lie in [floor, limit).
func (s *editor) extend(item *blockItem, floor, limit, column int) {
	item.from = item.hyphen
	for item.from > floor && s.comment(item.from-1) {
		item.from--
	}
	item.to = s.content(item.hyphen, s.solid(item.hyphen, limit), limit, item.value)
	for item.to < limit && s.comment(item.to) && s.margin(item.to) > column {
		item.to++
	}
}

// hyphen reports whether an item of a list begins on the line, at the column unless that is not known yet.
func (s *editor) hyphen(line, column int) bool {
	text := s.line(line)
	rest := strings.TrimLeft(text, " ")
	return strings.HasPrefix(rest, "-") && (column < 0 || len(text)-len(rest) == column)
}

// solid returns the line behind the last of the lines [from, to) that looks neither empty nor like a comment.
func (s *editor) solid(from, to int) int {
	for to > from+1 && (s.blank(to-1, to) || s.comment(to-1)) {
		to--
	}
	return to
}

// content returns the line behind the last one that is part of a value, given that it begins on the line from and that
// all lines from solid to limit look empty or like comments: those can lie inside quotes or a block of text.
func (s *editor) content(from, solid, limit int, value *source.Outline) int {
	all := value.All()
	if last := all[len(all)-1]; solid == limit || last.Plain && last.Kind == source.Scalar {
		return solid
	}
	part := func(to int) *source.Outline { return source.OutlineOf([]byte(s.text[s.starts[from]:s.starts[to]])) }
	whole := part(limit)
	if whole == nil { // it has an alias for something before
		from = 0
		whole = part(limit)
	}
	return solid + sort.Search(limit-solid, func(more int) bool { return reflect.DeepEqual(part(solid+more), whole) })
}
