package edit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// editable returns the schedule that a file holds: itself, or the text of a ConfigMap.
func editable(file source.File) (source.File, error) {
	files, problems := config.Unwrap(file)
	switch {
	case problems.Errors() > 0:
		return source.File{}, problems
	case len(files) != 1:
		return source.File{}, fmt.Errorf("cannot edit %s: it holds %d schedules, and it is not clear which one is meant; %w", file.Name,
			len(files), errByHand)
	case !files[0].Embedded():
		return files[0], nil
	}
	if _, _, literal := files[0].Margin(); !literal {
		return source.File{}, fmt.Errorf("cannot edit %s: its schedule is not written as a block of text, as schedule.yaml: | begins one; %w",
			files[0].Title(), errByHand)
	}
	return files[0], nil
}

func (e *editor) inManifest(inner *Change, splices []splice) (*Change, error) {
	first, indent, _ := inner.Before.Margin()
	m := manifest{newLines(e.file.Data), e, first, indent}
	var all []splice
	for _, p := range splices {
		all = append(all, m.outer(p))
	}
	after := source.File{Name: e.file.Name, Data: m.bytes(m.spliced(0, len(m.text), all))}
	if got, err := editable(after); err != nil || !bytes.Equal(got.Data, inner.After.Data) {
		return nil, errors.Join(fmt.Errorf("the way in which the manifest is written does not allow to change only that; %w", errByHand), err)
	}
	return &Change{Before: e.file, After: after}, nil
}

// manifest is the text around a schedule, which begins on a line and is indented.
type manifest struct {
	textLines
	schedule      *editor
	first, indent int
}

// outer returns what a splice of the schedule is in the manifest. One of whole lines takes their margins with it.
func (m manifest) outer(p splice) splice {
	from, to := m.schedule.position(p.from), m.schedule.position(p.to)
	whole := from.column == 0 && to.column == 0 && (p.text == "" || strings.HasSuffix(p.text, "\n"))
	near := m.first + from.line // the line that is replaced, or the one above
	if whole && from == to {
		near--
	}
	text := m.indented(p.text, whole, m.eol(near))
	if whole {
		return splice{m.starts[m.first+from.line], m.starts[m.first+to.line], text}
	}
	return splice{m.offsetOf(from), m.offsetOf(to), text}
}

// indented returns text with the margin of the schedule before its lines, but before the first only if that is a whole
// line.
func (m manifest) indented(text string, whole bool, eol string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		content, ended := strings.CutSuffix(line, "\n")
		if content != "" && (whole || b.Len() > 0) {
			b.WriteString(strings.Repeat(" ", m.indent))
		}
		if b.WriteString(content); ended {
			b.WriteString(eol)
		}
	}
	return b.String()
}

func (m manifest) offsetOf(at position) int { return m.starts[m.first+at.line] + m.indent + at.column }
