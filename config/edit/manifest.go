package edit

import (
	"bytes"
	"errors"
	"fmt"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"strings"
)

// editable returns the schedule that a file holds: itself, or the text of a ConfigMap.
func editable(file source.File) (source.File, error) {
	files, problems := config.Unwrap(file)
	switch {
	case problems.Errors() > 0:
		return source.File{}, problems
	case len(files) != 1:
		return source.File{}, fmt.Errorf("cannot edit %s: it holds %d schedules, and which one is meant cannot be told; %w", file.Name,
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

// inManifest returns the edit of the file that holds the schedule: the same lines, as far to the right as the schedule
// stands there.
func (e *Change) inManifest(file source.File) (*Change, error) {
	if !e.Before.Embedded() {
		return e, nil
	}
	first, indent, _ := e.Before.Margin()
	s := newLines(file.Data)
	margin := strings.Repeat(" ", indent)
	var changes []lineChange
	for _, inner := range e.changes {
		outer := lineChange{from: first + inner.from, to: first + inner.to}
		near := outer.from // the line that is replaced, or the one above
		if outer.from == outer.to {
			near--
		}
		for _, line := range inner.lines {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				line = margin + line
			}
			outer.lines = append(outer.lines, line+s.eol(near))
		}
		changes = append(changes, outer)
	}
	after := source.File{Name: file.Name, Data: s.bytes(s.changed(changes))}
	if got, err := editable(after); err != nil || !bytes.Equal(got.Data, e.After.Data) {
		return nil, errors.Join(errManifest, err)
	}
	return &Change{Before: file, After: after, changes: changes}, nil
}

// errManifest is why a manifest was not edited. It takes an odd one.
var errManifest = fmt.Errorf("the way in which the manifest is written does not allow to change only that; %w", errByHand)
