package edit

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pmezard/go-difflib/difflib"

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
	Schedule      *schedules.Schedule // what the file means after it; nil where nothing changes
}

// AddEvent returns the change that writes a new event behind the others of a file, which may be a ConfigMap manifest.
// Comments, order and every other byte stay as they are. The error is Problems if the file is not valid, EventProblems
// if the event is not, for example because the file has an entry of its name. Where Start is "now", that is now.
func AddEvent(file source.File, event Event, now time.Time) (*Change, error) {
	e, err := open(file)
	if err != nil {
		return nil, err
	}
	if event.Start == "now" {
		location := e.entries.Location
		if event.TimeZone != "" {
			location, _ = config.ParseZone(event.TimeZone)
		}
		precision := time.Minute
		if d, err := config.ParseDuration(event.Duration); err == nil && d < 10*time.Minute {
			precision = time.Second // a short event would be half over
		}
		event.Start = wallClock(now.Truncate(precision), location)
	}
	var out source.Collector
	node := event.node(&out)
	added, problems := e.entries.ReadEvent(node)
	if out.Problems = append(out.Problems, problems...); len(out.Problems) > 0 {
		problems = out.Sorted()
		e.advise(problems, event.Name)
		return nil, EventProblems{problems}
	}
	splices, err := e.add(node)
	if err != nil {
		return nil, e.refused(err)
	}
	return e.finish(splices, append(e.entries.Events(), added), added)
}

// advise adds to problems of a new event what its flags, or other commands, can do about them.
func (e *editor) advise(problems source.Problems, name string) {
	for i := range problems {
		switch taken := func(other schedules.Event) bool { return other.Name == name }; {
		case problems[i].Rule == config.RuleMissingZone:
			problems[i].Message = "the file has no timeZone, so that the event needs one: --time-zone Europe/Paris"
		case problems[i].Rule == config.RuleDuplicateName && slices.ContainsFunc(e.entries.Events(), taken):
			problems[i].Message += "; for a later end of that event: event extend " + name + " --by 30m"
		}
	}
}

// PruneEvents returns the change that removes the events of a file that were over, ramps included, before an instant. The
// comments directly above an event go with it. The error is Problems if the file is not valid.
func PruneEvents(file source.File, over time.Time) (*Change, error) {
	e, err := open(file)
	if err != nil {
		return nil, err
	}
	var kept, removed []schedules.Event
	var items []int
	for i, event := range e.entries.Events() {
		if span := event.Span(); span.To.Add(span.RampDown).Before(over) {
			removed, items = append(removed, event), append(items, i)
		} else {
			kept = append(kept, event)
		}
	}
	if len(items) == 0 {
		return &Change{Before: file, After: file}, nil
	}
	splices, err := e.remove(items)
	if err != nil {
		return nil, e.refused(err)
	}
	return e.finish(splices, kept, removed...)
}

func open(file source.File) (*editor, error) {
	inner, err := editable(file)
	if err != nil {
		return nil, err
	}
	if _, err := config.OpenPart(inner); err != nil {
		return nil, err
	}
	e := &editor{textLines: newLines(inner.Data), file: file, inner: inner}
	e.root = source.AsWritten(e.text)
	// Where a file ends inside a block of text, the end of line that is missing becomes part of the text.
	inner.Data = []byte(e.text)
	e.entries, err = config.OpenPart(inner)
	return e, err
}

// finish returns what splices make of the file, for the events that they add or remove. kept are the events afterwards.
func (e *editor) finish(splices []splice, kept []schedules.Event, changed ...schedules.Event) (*Change, error) {
	want := schedules.New(e.entries.Windows(), kept)
	change, err := e.checked(splices, want)
	if err == nil && e.inner.Embedded() {
		change, err = e.inManifest(change, splices)
	}
	if err != nil {
		return nil, e.refused(err)
	}
	change.Events, change.Schedule = changed, want
	return change, nil
}

func (e *editor) refused(err error) error { return fmt.Errorf("cannot edit %s: %w", e.file.Name, err) }

// checked returns what splices make of the schedule, once it is certain that they change it to what is wanted and nothing
// else.
func (e *editor) checked(splices []splice, want *schedules.Schedule) (*Change, error) {
	text := e.spliced(0, len(e.text), splices)
	if len(text) > source.MaxFileSize {
		return nil, fmt.Errorf("it would be larger than %d bytes (1 MiB), which is all that a ConfigMap holds; prune old "+
			"events, or split it", source.MaxFileSize)
	}
	got, err := config.OpenPart(source.File{Name: e.inner.Name, Data: []byte(text)})
	if err != nil || !sameSchedule(got.Schedule, want) {
		return nil, fmt.Errorf("the way in which it is written does not allow to change only that; %w", errByHand)
	}
	after := source.File{Name: e.inner.Name, Data: e.bytes(text)}
	if bytes.Equal(after.Data, e.inner.Data) {
		return nil, fmt.Errorf("nothing would change; %w", errByHand)
	}
	return &Change{Before: e.inner, After: after}, nil
}

// sameSchedule reports whether two schedules have the same entries in the same order.
func sameSchedule(a, b *schedules.Schedule) bool { return reflect.DeepEqual(a, b) }

// Diff returns the change as a unified diff, and "" where nothing changes. Writing it to memory cannot fail.
func (c *Change) Diff() string {
	diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: lines(c.Before.Data), FromFile: c.Before.Name,
		B: lines(c.After.Data), ToFile: c.After.Name,
		Context: 3,
	})
	return diff
}

// Comments returns the comments that the change removes, in the order of the file.
func (c *Change) Comments() []string {
	before, after := lines(c.Before.Data), lines(c.After.Data)
	candidates := map[int]string{} // by line
	for _, op := range difflib.NewMatcher(before, after).GetOpCodes() {
		if op.Tag != 'd' && op.Tag != 'r' {
			continue
		}
		for i := op.I1; i < op.I2; i++ {
			comment := commentOf(before[i])
			stays := slices.ContainsFunc(after[op.J1:op.J2], func(line string) bool { return commentOf(line) == comment })
			if comment != "" && !stays {
				candidates[i] = comment
			}
		}
	}
	if !c.same(before, candidates) {
		maps.DeleteFunc(candidates, func(line int, comment string) bool { return !c.same(before, map[int]string{line: comment}) })
	}
	var gone []string
	for _, line := range slices.Sorted(maps.Keys(candidates)) {
		gone = append(gone, candidates[line])
	}
	return gone
}

// commentOf returns what looks like a comment in a line, and could also be text of a block.
func commentOf(line string) string {
	line = strings.TrimRight(line, "\r\n")
	var quote byte
	before := byte(' ')
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '#' && strings.IndexByte(" \t", before) >= 0:
			return line[i:]
		case strings.IndexByte(`"'`, c) >= 0 && strings.IndexByte(" \t[{,:-", before) >= 0:
			quote = c
		}
		before = c
	}
	return ""
}

// same reports whether the file without the comments, by line, means the same: then they are comments.
func (c *Change) same(before []string, comments map[int]string) bool {
	without := slices.Clone(before)
	for line, comment := range comments {
		without[line] = strings.TrimSuffix(strings.TrimRight(before[line], "\r\n"), comment) + "\n"
	}
	read := func(lines []string) *schedules.Schedule {
		inner, err := editable(source.File{Name: c.Before.Name, Data: []byte(strings.Join(lines, ""))})
		if err != nil {
			return nil
		}
		parsed, err := config.OpenPart(inner)
		if err != nil {
			return nil
		}
		for _, name := range parsed.Names() {
			parsed.Entry(name).Accepted = nil // which is read from comments
		}
		return parsed.Schedule
	}
	return sameSchedule(read(before), read(without))
}

// lines returns the lines of a file as a diff writes them, which also shows that the last one has no end.
func lines(data []byte) []string {
	all := slices.Collect(strings.Lines(string(data)))
	if last := len(all) - 1; last >= 0 && !strings.HasSuffix(all[last], "\n") {
		all[last] += "\n\\ No newline at end of file\n"
	}
	return all
}
