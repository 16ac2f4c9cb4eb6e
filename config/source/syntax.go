package source

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

const (
	// probeBudget bounds how many bytes are parsed again to find where a broken file breaks: about a second.
	probeBudget = 8 << 20
	// probeAhead is how many lines an unfinished list or quoted text may be long for the search to look behind it.
	probeAhead = 100
	// probeColumns is how far into a line the column is searched.
	probeColumns = 300

	tabs    = "lines are indented with spaces, and here is a tab"
	escapes = "in double quotes a backslash begins an escape; write two, or use single quotes"
)

// ReportSyntax reports why and where a file is not YAML. The library's own line is often wrong, and it has no column:
// the place is where the longest beginning of the file ends that still is YAML, first by lines and then by characters.
func ReportSyntax(file File, err error, out *Collector) {
	rule, message := explain(err.Error())
	p, at := probe(file.Data)
	start := bytes.LastIndexByte(p.data[:at], '\n') + 1
	finds := func(either string) bool { return at < len(p.data) && strings.IndexByte(either, p.data[at]) >= 0 }
	switch open := p.unclosed(at); {
	case finds("\t"):
		message = tabs
	case message == escapes || rule != RuleSyntax:
	case finds(`"'`) && !strings.Contains(err.Error(), "','"):
		message = "the quoted text that begins here is not closed, or more text follows its end"
	case open >= 0:
		message = notClosed(p.data[open])
		at, start = open, bytes.LastIndexByte(p.data[:open], '\n')+1
	case strings.Contains(err.Error(), "could not find expected ':'"):
		at = start + leading(p.data[start:]) // the name itself, and not what is where the colon should be
	}
	line := bytes.Count(p.data[:start], []byte("\n")) + 1
	out.AddAt(file.place(line, utf8.RuneCount(p.data[start:at])+1), rule, message)
}

type prober struct {
	data   []byte
	ends   []int // ends[k] is the length of the first k lines
	good   int   // how many lines are known to be YAML
	flow   int   // where a [ or { is that is closed for every beginning, or -1
	budget int
}

// probe returns where the data stops being YAML. If that is a [ or {, the mistake is inside, and is searched there.
func probe(data []byte) (p *prober, at int) {
	p = &prober{data: data, ends: []int{0}, flow: -1, budget: probeBudget}
	for _, text := range bytes.SplitAfter(data, []byte("\n")) {
		p.ends = append(p.ends, p.ends[len(p.ends)-1]+len(text))
	}
	if at = p.stop(); at < len(data) && strings.IndexByte("[{", data[at]) >= 0 {
		p.flow = at
		at = p.stop()
	}
	return p, at
}

// stop returns how many bytes are YAML, and white space.
func (p *prober) stop() int {
	p.good = p.lines()
	text, start := p.data[p.ends[p.good]:p.ends[p.good+1]], p.ends[p.good]
	text = bytes.TrimRight(text, "\r\n")
	blanks := leading(text)
	if tab := bytes.IndexByte(text[:blanks], '\t'); tab >= 0 {
		return start + tab
	}
	at := blanks
	for length := min(len(text), probeColumns); length > blanks; length-- {
		if (length == len(text) || utf8.RuneStart(text[length])) && p.parses(start+length) {
			at = length
			break
		}
	}
	for at+1 < len(text) && text[at] == ' ' {
		at++
	}
	return start + at
}

// lines returns the largest number of whole lines that are YAML. That more lines are not does not mean that yet more
// are not either, in the middle of a list for example, so that halving alone could stop too early.
func (p *prober) lines() int {
	good, bad := p.good, len(p.ends)-1
	for {
		good += sort.Search(bad-good-1, func(more int) bool { return !p.parses(p.ends[good+more+1]) })
		ahead := min(good+probeAhead, bad-1)
		for ahead > good && !p.parses(p.ends[ahead]) {
			ahead--
		}
		if ahead == good {
			return good
		}
		good = ahead
	}
}

func leading(text []byte) int { return len(text) - len(bytes.TrimLeft(text, " \t\r\n")) }

// parses reports whether so many bytes of the data are YAML, and false once the budget is spent.
func (p *prober) parses(length int) bool {
	p.budget -= length
	if p.budget <= 0 {
		return false
	}
	if p.flow < 0 || p.flow >= length {
		return IsYAML(p.data[:length])
	}
	text := slices.Clone(p.data[:length])
	for _, i := range slices.Backward(brackets(text[p.flow:])) {
		text = append(text, closer(text[p.flow+i]))
	}
	return IsYAML(text)
}

// unclosed returns where the innermost [ or { is that begins before the place and is not closed, or -1.
func (p *prober) unclosed(place int) int {
	if p.flow >= 0 {
		for _, i := range slices.Backward(brackets(p.data[p.flow:])) {
			if p.flow+i < place {
				return p.flow + i
			}
		}
	}
	return -1
}

// brackets returns where those are that are open at the end of text, which begins with one, or at the first that
// closes another kind. Once the first is closed, nothing matters. Those in quotes and comments do not count.
func brackets(text []byte) (open []int) {
	var until byte // what ends the quotes or the comment
	before := byte('\n')
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case until == '"' && c == '\\':
			i++
		case until != 0:
			if c == until {
				until = 0
			}
		case strings.IndexByte("[{", c) >= 0:
			open = append(open, i)
		case strings.IndexByte("]}", c) >= 0:
			if c != closer(text[open[len(open)-1]]) {
				return open
			}
			open = open[:len(open)-1]
		default:
			until = opens(before, c)
		}
		if before = c; len(open) == 0 {
			return nil
		}
	}
	return open
}

// closer returns what closes a bracket: ] follows [, and } follows {, at a distance of two.
func closer(bracket byte) byte { return bracket + 2 }

// opens returns what ends the quotes or the comment that c begins after the character before it, or 0.
func opens(before, c byte) byte {
	switch {
	case (c == '"' || c == '\'') && strings.IndexByte(" [{,:\n", before) >= 0, c == '\'' && before == c: // '' is a '
		return c
	case c == '#' && (before == ' ' || before == '\n'):
		return '\n'
	}
	return 0
}

func explain(complaint string) (rule, message string) {
	if strings.Contains(complaint, "exceeded max depth") {
		return RuleTooDeep, "values are nested too deep"
	}
	for _, known := range []struct{ part, message string }{
		{"mapping values are not allowed", "a colon with a space after it is not allowed here; check the indentation, or put " +
			"the text in quotes"},
		{"could not find expected ':'", "this is not a field: after its name come a colon, a space and the value"},
		{"did not find expected key", "this fits nothing before it; check the indentation and the quotes"},
		{"did not find expected '-'", "a list item begins with a hyphen and a space; check the indentation"},
		{"expected ',' or ']'", notClosed('[')},
		{"expected ',' or '}'", notClosed('{')},
		{"unexpected end of stream", "the quoted text that begins here is not closed"},
		{"unexpected document indicator", "the quoted text that begins here is not closed"},
		{"cannot start any token", "this character cannot begin a value; put the text in quotes"},
		{"tab character", tabs},
		{"unknown anchor", "no anchor of this name is defined before the alias; put text that begins with * in quotes"},
		{"block sequence entries", "a list item cannot begin here; put it on a line of its own"},
		{"expected node content", "a value is missing, or a [ or { is not closed"},
		{"expected alphabetic or numeric", "the name of an anchor or alias is missing; put text that begins with & or * in " +
			"quotes"},
		{"escape c", escapes}, // unknown escape character, invalid Unicode character escape code
		{"hexdecimal", escapes},
		{"<document start>", "this fits nothing before it; check the indentation"},
		{"directive", "a line that begins with % is a directive, which is not used in a schedule; remove it"},
		{"incompatible", "a line that begins with % is a directive, which is not used in a schedule; remove it"},
	} {
		if strings.Contains(complaint, known.part) {
			return RuleSyntax, known.message
		}
	}
	return RuleSyntax, "this is not YAML; check the indentation and the quotes"
}

// notClosed returns the message for a list or mapping that begins with the bracket and does not end.
func notClosed(bracket byte) string {
	if bracket == '[' {
		return "the list in [ ] is not closed, or lacks a comma"
	}
	return "the mapping in { } is not closed, or lacks a comma"
}
