package config

import (
	"bytes"
	"slices"
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

	tabs = "lines are indented with spaces, and here is a tab"
)

// reportSyntax reports why and where a file is not YAML. The library's own line is often wrong, and it has no column:
// the place is where the longest beginning of the file ends that still is YAML, first by lines and then by characters.
func reportSyntax(file File, err error, out *collector) {
	p := newProber(file.Data)
	rule, message := explain(err.Error())
	line, at := p.place()
	text := p.data[p.ends[line-1]:p.ends[line]]
	switch blanks := leading(text); {
	case at < blanks && text[at] == '\t':
		message = tabs
	case strings.Contains(err.Error(), "could not find expected ':'"):
		at = blanks // the name itself, and not what stands where the colon should
	case at < len(text) && (text[at] == '"' || text[at] == '\'') && !strings.Contains(err.Error(), "','"):
		message = "the quoted text that begins here is not closed, or more text follows its end"
	}
	out.addAt(file.Name, line, utf8.RuneCount(text[:at])+1, rule, message)
}

// prober asks again and again whether a beginning of the data is YAML.
type prober struct {
	data   []byte
	ends   []int // ends[k] is the length of the first k lines
	flow   int   // where a [ or { stands that is closed for every beginning, or -1
	budget int
}

func newProber(data []byte) *prober {
	p := &prober{data: data, ends: []int{0}, flow: -1, budget: probeBudget}
	for _, text := range bytes.SplitAfter(data, []byte("\n")) {
		p.ends = append(p.ends, p.ends[len(p.ends)-1]+len(text))
	}
	return p
}

// place returns the line at which the data stops being YAML, and the byte of the line. That may be a [ or {. If it is
// closed further on, what is wrong stands inside, and is searched there.
func (p *prober) place() (line, at int) {
	good, at := p.stop()
	start := p.ends[good]
	if _, open := closers(p.data[start+at:]); !open {
		p.flow = start + at
		good, at = p.stop()
	}
	return good + 1, at
}

// stop returns how many lines are YAML and how many bytes of the next.
func (p *prober) stop() (good, at int) {
	good = p.lines()
	start, end := p.ends[good], p.ends[good+1]
	text := p.data[start:end]
	blanks := leading(text)
	if tab := bytes.IndexByte(text[:blanks], '\t'); tab >= 0 {
		return good, tab
	}
	at = blanks
	for length := min(len(bytes.TrimRight(text, "\r\n")), probeColumns); length > blanks; length-- {
		if (length == len(text) || utf8.RuneStart(text[length])) && p.parses(start+length) {
			at = length
			break
		}
	}
	for at+1 < len(text) && text[at] == ' ' {
		at++
	}
	return good, at
}

// lines returns the largest number of whole lines that are YAML. That more lines are not does not mean that yet more
// are not either, in the middle of a list for example, so that halving alone could stop too early.
func (p *prober) lines() int {
	good, bad := 0, len(p.ends)-1
	for {
		for low, high := good, bad; ; {
			if high-low <= 1 {
				good = low
				break
			}
			if middle := (low + high) / 2; p.parses(p.ends[middle]) {
				low = middle
			} else {
				high = middle
			}
		}
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

// leading returns how many bytes of white space text begins with.
func leading(text []byte) int { return len(text) - len(bytes.TrimLeft(text, " \t\r\n")) }

// parses says whether so many bytes of the data are YAML, and false once the budget is spent.
func (p *prober) parses(length int) bool {
	p.budget -= length
	if p.budget <= 0 {
		return false
	}
	if p.flow < 0 || p.flow >= length {
		return parses(p.data[:length])
	}
	ends, _ := closers(p.data[p.flow:length])
	return parses(append(slices.Clone(p.data[:length]), ends...))
}

// closers returns what closes the brackets that are open at the end of text, which begins with one, and whether the
// first is open until there. Brackets in quotes and comments do not count.
func closers(text []byte) (ends []byte, open bool) {
	var until byte // what ends the quotes or the comment
	before := byte('\n')
	for i, c := range text {
		switch {
		case until != 0:
			if c == until && before != '\\' {
				until = 0
			}
		case strings.IndexByte("[{", c) >= 0:
			ends = append(ends, c+2) // ] follows [, and } follows {, at a distance of two
		case strings.IndexByte("]}", c) >= 0 && len(ends) > 0:
			ends = ends[:len(ends)-1]
		default:
			until = opens(before, c)
		}
		if before = c; len(ends) == 0 {
			return nil, i == 0 // no bracket at all counts as one that stays open
		}
	}
	slices.Reverse(ends)
	return ends, true
}

// opens returns what ends the quotes or the comment that c begins after the character before it, or 0.
func opens(before, c byte) byte {
	switch {
	case (c == '"' || c == '\'') && strings.IndexByte(" [{,:\n", before) >= 0:
		return c
	case c == '#' && (before == ' ' || before == '\n'):
		return '\n'
	}
	return 0
}

// explain says in plain words what the YAML library complains of.
func explain(complaint string) (rule, message string) {
	if strings.Contains(complaint, "exceeded max depth") {
		return RuleTooDeep, "values are nested too deep"
	}
	for _, known := range complaints() {
		if strings.Contains(complaint, known.of) {
			return RuleSyntax, known.message
		}
	}
	return RuleSyntax, "this is not YAML; check the indentation and the quotes"
}

// complaint is a piece of what the YAML library says, and what to say instead.
type complaint struct{ of, message string }

func complaints() []complaint {
	return []complaint{
		{"mapping values are not allowed", "a colon with a space after it cannot stand here; check the indentation, or put " +
			"the text in quotes"},
		{"could not find expected ':'", "this is not a field: after its name come a colon, a space and the value"},
		{"did not find expected key", "this fits nothing before it; check the indentation and the quotes"},
		{"did not find expected '-'", "a list item begins with a hyphen and a space; check the indentation"},
		{"expected ',' or ']'", "the list in [ ] is not closed, or lacks a comma"},
		{"expected ',' or '}'", "the mapping in { } is not closed, or lacks a comma"},
		{"unexpected end of stream", "the quoted text that begins here is not closed"},
		{"unexpected document indicator", "the quoted text that begins here is not closed"},
		{"cannot start any token", "this character cannot begin a value; put the text in quotes"},
		{"tab character", tabs},
		{"unknown anchor", "no anchor of this name stands before the alias; put text that begins with * in quotes"},
		{"block sequence entries", "a list item cannot begin here; put it on a line of its own"},
		{"expected node content", "a value is missing, or a [ or { is not closed"},
		{"expected alphabetic or numeric", "the name of an anchor or alias is missing; put text that begins with & or * in " +
			"quotes"},
		{"unknown escape character", "in double quotes a backslash begins an escape; write two, or use single quotes"},
		{"<document start>", "this fits nothing before it; check the indentation"},
		{"directive", "a line that begins with % is a directive, which is not used in a schedule; remove it"},
		{"incompatible", "a line that begins with % is a directive, which is not used in a schedule; remove it"},
	}
}
