package page

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

// literal is HTML, SVG or CSS in the program's own words. A constant becomes one by itself, and a string does not, so that no
// name from a cluster or a file can be taken for markup.
type literal string

// markup is HTML or SVG that is being written. Whatever is no literal is escaped on the way in.
type markup struct{ b strings.Builder }

func (m *markup) String() string { return m.b.String() }

// put writes a literal. Each %s in it is replaced by a value, in the order of the values: by its text, escaped, or if it is a
// literal or markup by itself. Within a tag such a place has to be in double quotes.
func (m *markup) put(form literal, values ...any) {
	rest := string(form)
	for _, value := range values {
		before, after, _ := strings.Cut(rest, "%s")
		m.b.WriteString(before)
		if strings.HasSuffix(before, `href="`) {
			value = within(fmt.Sprint(value))
		}
		m.b.WriteString(written(value))
		rest = after
	}
	m.b.WriteString(rest)
}

// putln is put with a line break behind it.
func (m *markup) putln(form literal, values ...any) { m.put(form+"\n", values...) }

// when returns markup that is there on a condition.
func when(condition bool, form literal) literal {
	if condition {
		return form
	}
	return ""
}

// within returns where a link of the page may lead: to a place in the page, or to the page with another query. Anything else,
// such as a script or another site, leads to the top.
func within(address string) string {
	if strings.HasPrefix(address, "#") || strings.HasPrefix(address, "?") {
		return address
	}
	return "#"
}

// share is a place or a length on the horizontal axis.
type share float64

// written returns a value as it can stand between tags and in an attribute in double quotes.
func written(value any) string {
	switch v := value.(type) {
	case literal:
		return string(v)
	case *markup:
		return v.String()
	case share:
		return strconv.FormatFloat(float64(v)*100, 'f', 3, 64) + "%"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return html.EscapeString(text.Masked(fmt.Sprint(v)))
	}
}

// attr is one attribute of an element.
type attr struct {
	key   literal
	value any
}

// open writes the start tag of an element, without attributes that are empty.
func (m *markup) open(name literal, attrs ...attr) { m.tag(name, attrs, ">") }

func (m *markup) shut(name literal) { m.putln("</%s>", name) }

// draw writes an element without content.
func (m *markup) draw(name literal, attrs ...attr) { m.tag(name, attrs, "/>\n") }

func (m *markup) tag(name literal, attrs []attr, end literal) {
	m.put("<%s", name)
	for _, a := range attrs {
		if a.value != "" {
			m.put(` %s="%s"`, a.key, a.value)
		}
	}
	m.put(end)
}
