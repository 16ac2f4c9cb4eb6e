package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	maxDepth    = 50      // the deepest legal schedule has 9 levels
	maxExpanded = 250_000 // values that aliases may expand to, so that no small file becomes a large one
)

const emptyFile = "the file is empty; an intended empty schedule has apiVersion, kind and windows: []"

// Document reads the one YAML document of a file into nodes. It returns nil after reporting why there is none.
func Document(file File, out *Collector) *Node {
	decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
	var first, second yaml.Node
	err := decode(decoder, &first)
	if errors.Is(err, io.EOF) {
		out.AddAt(file.place(1, 1), RuleEmptyFile, emptyFile)
		return nil
	}
	if err == nil {
		err = decode(decoder, &second)
	}
	switch {
	case err == nil:
		message, nothing := reportSecond(first.Content[0], second.Content[0])
		out.AddAt(file.place(second.Line, second.Column), RuleSecondDocument, message)
		if nothing {
			return nil
		}
	case !errors.Is(err, io.EOF):
		ReportSyntax(file, err, out)
		return nil
	}
	lines := strings.Split(string(file.Data), "\n")
	c := nodeReader{file: file, lines: lines, depth: maxDepth, untagged: true, out: out, done: map[*yaml.Node]*Node{}}
	root := c.convert(first.Content[0], 0)
	switch {
	case c.refused:
		return nil
	case root.Null():
		out.AddAt(file.place(1, 1), RuleEmptyFile, emptyFile)
		return nil
	}
	return root
}

// reportSecond returns what to do about a second document, and whether nothing else is to be reported.
func reportSecond(first, second *yaml.Node) (message string, nothing bool) {
	switch {
	case first.Tag == "!!null":
		return "a schedule file holds one document, and an empty one is before this; remove one of the two ---", true
	case second.Tag == "!!null" && second.Value == "":
		return "a schedule file holds one document, and this --- begins a second, empty one; remove it", false
	default:
		return "a schedule file holds one document, and here a second one begins; put it into a file of its own", false
	}
}

// AsWritten returns what one YAML document holds as it is written: aliases are not followed, and the place of what has an
// anchor is that of the anchor. It returns nil where the text is no YAML. Editing needs that.
func AsWritten(text string) *Node {
	var document yaml.Node
	if decode(yaml.NewDecoder(strings.NewReader(text)), &document) != nil || len(document.Content) == 0 {
		return nil
	}
	c := nodeReader{depth: maxDepth, written: true, out: &Collector{}, done: map[*yaml.Node]*Node{}}
	return c.convert(document.Content[0], 0)
}

// Documents reads all YAML documents of a file, whatever they hold. After an error, it returns those before it.
func Documents(file File) ([]*Node, error) { return DocumentsTo(file, maxDepth, &Collector{}) }

// DocumentsTo reads all YAML documents of a file as far as they are nested at most so deep, and reports what makes one
// useless. After an error, which is that of the YAML library, it returns the documents before it.
func DocumentsTo(file File, depth int, out *Collector) ([]*Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
	lines := strings.Split(string(file.Data), "\n")
	var all []*Node
	for {
		var document yaml.Node
		if err := decode(decoder, &document); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
		c := nodeReader{file: file, lines: lines, depth: depth, out: out, done: map[*yaml.Node]*Node{}}
		for _, root := range document.Content {
			all = append(all, c.convert(root, 0))
		}
	}
}

// IsYAML reports whether a text is YAML, of any number of documents.
func IsYAML(text []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		if err := decode(decoder, &yaml.Node{}); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// decode reads the next document. The library panics on some input that it cannot read, and a controller must survive
// any file.
func decode(decoder *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("unreadable")
		}
	}()
	return decoder.Decode(into)
}

// nodeReader turns the library's nodes into ours: aliases resolved, without loops, and of bounded size.
type nodeReader struct {
	file     File
	lines    []string // nil: places are those of anchors
	depth    int
	untagged bool // tags are problems
	written  bool // aliases are not followed
	out      *Collector
	done     map[*yaml.Node]*Node // nil while a node is being converted
	expanded int
	refused  bool
}

func (c *nodeReader) convert(y *yaml.Node, depth int) *Node {
	if y.Kind == yaml.AliasNode && !c.written {
		return c.alias(y)
	}
	n := &Node{
		Place: c.file.place(y.Line, c.column(y)), Text: y.Value, size: 1,
		Flow: y.Style&yaml.FlowStyle != 0, Anchor: y.Anchor, Alias: c.done[y.Alias],
	}
	if depth > c.depth {
		c.refuse(n, RuleTooDeep, "values are nested more than %d deep here", c.depth)
		return n
	}
	if c.untagged && y.Style&yaml.TaggedStyle != 0 {
		n.Place, n.Refused = c.file.place(y.Line, y.Column), true
		c.out.Add(n, RuleTag, "a YAML tag is not used in a schedule; remove it")
	}
	c.done[y] = nil
	switch y.Kind {
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			n.Items = append(n.Items, c.convert(item, depth+1))
			n.size += n.Items[len(n.Items)-1].size
		}
	case yaml.MappingNode:
		n.Kind = Mapping
		for i := 0; i+1 < len(y.Content); i += 2 {
			f := Field{Name: c.convert(y.Content[i], depth+1), Value: c.convert(y.Content[i+1], depth+1)}
			f.merge = y.Content[i].Kind == yaml.ScalarNode && y.Content[i].Tag == "!!merge"
			n.Fields = append(n.Fields, f)
			n.size += f.Name.size + f.Value.size
		}
	default:
		n.tag = y.Tag
		n.Plain = y.Style&^yaml.TaggedStyle == 0
		n.Literal = y.Style&yaml.LiteralStyle != 0
	}
	c.done[y] = n
	return n
}

func (c *nodeReader) alias(y *yaml.Node) *Node {
	at := &Node{Place: c.file.place(y.Line, y.Column), size: 1}
	target := c.done[y.Alias]
	if target == nil {
		c.refuse(at, RuleAliasLoop, "*%s is inside what it refers to, so that it would never end", y.Value)
		return at
	}
	if c.expanded += target.size; c.expanded > maxExpanded {
		c.refuse(at, RuleAliasBomb, "aliases stand for more than %d values in all from here on; write less by alias",
			maxExpanded)
		return at
	}
	return target
}

// refuse reports, once for a file, what makes its tree useless.
func (c *nodeReader) refuse(at *Node, rule, format string, args ...any) {
	if !c.refused {
		c.out.Add(at, rule, format, args...)
	}
	c.refused = true
}

// column returns the column of the node's value, where the library gives that of its anchor.
func (c *nodeReader) column(y *yaml.Node) int {
	const longest = 1000 // a line with very many anchors would take very long
	if y.Anchor == "" || y.Line > len(c.lines) || len(c.lines[y.Line-1]) > longest {
		return y.Column
	}
	line := []rune(c.lines[y.Line-1])
	written := fmt.Sprintf("&%s", y.Anchor)
	if y.Column > len(line) || !strings.HasPrefix(string(line[y.Column-1:]), written) {
		return y.Column
	}
	rest := string(line[y.Column-1:])[len(written):]
	value := strings.TrimLeft(rest, " \t")
	if value == "" || strings.ContainsAny(value[:1], "#\r|>") {
		return y.Column
	}
	return y.Column + utf8.RuneCountInString(written) + len(rest) - len(value)
}
