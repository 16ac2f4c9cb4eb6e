package edit

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// errByHand ends what cannot be edited. The text of a file is changed only where that is certain to change nothing else.
var errByHand = errors.New("edit it by hand")

// Change is a change to a schedule file, made and checked but not written yet.
type Change struct {
	Before, After source.File
	Events        []schedules.Event   // those that it adds or removes, in the order of the file
	Schedule      *schedules.Schedule // what the file says after it; nil where nothing changes
	changes       []lineChange
}

// Comments returns the lines of comments that the edit removes, in the order of the file.
func (e *Change) Comments() []string {
	lines := slices.Collect(strings.Lines(string(e.Before.Data)))
	var gone []string
	for _, c := range e.changes {
		for _, line := range lines[c.from:c.to] {
			if comment := strings.TrimSpace(line); strings.HasPrefix(comment, "#") && !slices.Contains(c.lines, line) {
				gone = append(gone, comment)
			}
		}
	}
	return gone
}

// AddEvent returns the edit that writes a new event behind the others of a file, which may be a ConfigMap manifest.
// Comments, order and every other byte stay as they are. The error is Problems if the file is not valid, EventProblems
// if the event is not, for example because the file has an entry of its name. Where Start is "now", that is now.
func AddEvent(file source.File, event Event, now time.Time) (*Change, error) {
	return editing(file, func(sheet *editor, from *config.Editable) ([]splice, *schedules.Schedule, []schedules.Event, error) {
		if event.Start == "now" {
			location := from.Location()
			if event.TimeZone != "" {
				location, _ = config.ParseZone(event.TimeZone)
			}
			event.Start = wallClock(now.Truncate(event.precision()), location)
		}
		var out source.Collector
		draft := event.draft(&out)
		added, problems := from.AddEvent(draft)
		if out.Problems = append(out.Problems, problems...); len(out.Problems) > 0 {
			return nil, nil, nil, inFlags(out.Sorted())
		}
		splices, err := sheet.add(draft)
		return splices, schedules.New(from.Windows(), from.Events()), []schedules.Event{added}, err
	})
}

// PruneEvents returns the edit that removes the events of a file that were over, ramps included, before an instant. The
// comments directly above an event go with it. The error is Problems if the file is not valid.
func PruneEvents(file source.File, over time.Time) (*Change, error) {
	return editing(file, func(sheet *editor, from *config.Editable) ([]splice, *schedules.Schedule, []schedules.Event, error) {
		var kept, removed []schedules.Event
		var items []int
		for i, event := range from.Events() {
			if span := event.Span(); span.To.Add(span.RampDown).Before(over) {
				removed, items = append(removed, event), append(items, i)
			} else {
				kept = append(kept, event)
			}
		}
		if len(items) == 0 {
			return nil, nil, nil, nil
		}
		splices, err := sheet.remove(items)
		return splices, schedules.New(from.Windows(), kept), removed, err
	})
}

// editing returns what an editor makes of the schedule in a file: it returns the splices, the schedule that they are to
// give, and the events that it is about, if there are any.
func editing(file source.File, editor func(*editor, *config.Editable) ([]splice, *schedules.Schedule, []schedules.Event, error)) (*Change, error) {
	inner, err := editable(file)
	if err != nil {
		return nil, err
	}
	sheet, from, err := open(inner)
	if err != nil {
		return nil, err
	}
	splices, want, events, err := editor(sheet, from)
	if wrong := (EventProblems{}); errors.As(err, &wrong) {
		return nil, wrong
	}
	if err == nil && len(events) == 0 {
		return &Change{Before: file, After: file}, nil
	}
	var edit *Change
	if err == nil {
		edit, err = sheet.edit(inner, splices, want)
	}
	if err == nil {
		edit, err = edit.inManifest(file)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot edit %s: %w", file.Name, err)
	}
	edit.Events, edit.Schedule = events, want
	return edit, nil
}

// open reads a file that is to be edited.
func open(file source.File) (*editor, *config.Editable, error) {
	if _, err := config.Parse(file); err != nil {
		return nil, nil, err
	}
	sheet := newEditor(file.Data)
	// Where a file ends inside a block of text, the end of line that is missing becomes part of the text.
	file.Data = []byte(sheet.text)
	from, err := config.Open(file)
	return sheet, from, err
}

// edit returns what splices make of the file, once it is certain that they change the schedule to what is wanted and
// nothing else.
func (s *editor) edit(file source.File, splices []splice, want *schedules.Schedule) (*Change, error) {
	changes := s.changes(splices)
	text := s.changed(changes)
	if len(text) > source.MaxFileSize {
		return nil, fmt.Errorf("it would be larger than %d bytes (1 MiB), which is all that a ConfigMap holds; prune old "+
			"events, or split it", source.MaxFileSize)
	}
	got, err := config.Parse(source.File{Name: file.Name, Data: []byte(text)})
	if err != nil || !sameSchedule(got, want) {
		return nil, fmt.Errorf("the way in which it is written does not allow to change only that; %w", errByHand)
	}
	after := source.File{Name: file.Name, Data: s.bytes(text)}
	if bytes.Equal(after.Data, file.Data) {
		return nil, fmt.Errorf("nothing would change; %w", errByHand)
	}
	return &Change{Before: file, After: after, changes: changes}, nil
}

// sameSchedule says whether two schedules have the same entries in the same order.
func sameSchedule(a, b *schedules.Schedule) bool {
	return slices.EqualFunc(a.Windows(), b.Windows(), sameWindow) && slices.EqualFunc(a.Events(), b.Events(), sameEvent)
}

func sameWindow(a, b schedules.Window) bool {
	same := sameEntry(&a.Entry, &b.Entry)
	a.Entry, b.Entry = schedules.Entry{}, schedules.Entry{}
	return same && reflect.DeepEqual(a, b)
}

func sameEvent(a, b schedules.Event) bool {
	same := sameEntry(&a.Entry, &b.Entry) && a.Start.Equal(b.Start) && a.End.Equal(b.End)
	a.Entry, b.Entry = schedules.Entry{}, schedules.Entry{}
	a.Start, b.Start, a.End, b.End = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return same && reflect.DeepEqual(a, b)
}

func sameEntry(a, b *schedules.Entry) bool {
	left, right := *a, *b
	left.Location, right.Location = nil, nil
	return a.Location.String() == b.Location.String() && reflect.DeepEqual(left, right)
}
