package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// MoveEnd returns the change that gives an event of a file another end: its end or its duration, whichever is written. The
// error is Problems if the file is not valid, and that of to, which returns the new end, as it is.
func MoveEnd(file source.File, name string, to func(schedules.Event) (time.Time, error)) (*Change, error) {
	e, err := open(file)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(e.entries.Events())
	at := slices.IndexFunc(all, func(event schedules.Event) bool { return event.Name == name })
	if at < 0 {
		return nil, fmt.Errorf("%s has no event %s%s", file.Name, source.Quote(name), e.others(name))
	}
	event := &all[at]
	end, err := to(*event)
	if err != nil {
		return nil, err
	}
	field, err := e.endField(at)
	if err != nil {
		return nil, e.refused(err)
	}
	written := schedules.FormatDuration(end.Sub(event.Start))
	if event.End = event.Start.Add(end.Sub(event.Start)); field.Name.Text == "end" {
		written = endAs(event, end, field.Value.Text)
	}
	if long := event.End.Sub(event.Start); field.Name.Text == "duration" && long > 7*24*time.Hour {
		return nil, e.refused(fmt.Errorf("its duration would be %s, and is at most 7d; write an end in its place, and try again", written))
	}
	cut, err := e.scalarAt(field.Value)
	if err != nil {
		return nil, e.refused(err)
	}
	cut.text = written
	return e.finish([]splice{cut}, all, *event)
}

// others returns what to write in place of a name that no event has.
func (s *editor) others(name string) string {
	var names []string
	for _, event := range s.entries.Events() {
		names = append(names, event.Name)
	}
	switch {
	case s.entries.Entry(name) != nil:
		return "; it is a window, whose end is edited by hand"
	case len(names) == 0:
		return ", and no other"
	}
	return "; its events are " + text.List(names, ", ", 10)
}

// endField returns the field of an event that ends it: end or duration.
func (s *editor) endField(event int) (source.Field, error) {
	events := s.root.Child("events")
	if events == nil || events.Alias != nil || events.Items[event].Alias != nil {
		return source.Field{}, errAlias
	}
	for _, name := range []string{"end", "duration"} {
		if field := events.Items[event].Field(name); field.Value != nil {
			return field, nil
		}
	}
	return source.Field{}, fmt.Errorf("its end comes from a merge key; %w", errByHand)
}

// scalarAt returns the splice that replaces the text of a value, and leaves its quotes.
func (s *editor) scalarAt(value *source.Node) (splice, error) {
	if value.Alias != nil || value.Anchor != "" {
		return splice{}, fmt.Errorf("line %d shares the value with others, by an alias or an anchor; %w", value.Place.Line, errByHand)
	}
	from := s.offset(value)
	if !value.Plain {
		from++ // the quote
	}
	if !strings.HasPrefix(s.text[from:], value.Text) {
		return splice{}, fmt.Errorf("line %d does not hold the value as a text of one line; %w", value.Place.Line, errByHand)
	}
	return splice{from: from, to: from + len(value.Text)}, nil
}

// endAs gives the event the end, and returns how it is written: on the wall clock of the zone where the end was before, and
// with the offset that it had, or that a clock which shows the time twice needs.
func endAs(event *schedules.Event, end time.Time, before string) string {
	zone := event.Location
	if offset := regexp.MustCompile(`(Z|[+-]\d\d:\d\d)$`).FindString(before[strings.IndexByte(before, 'T')+1:]); offset != "" {
		t, _ := time.Parse("Z07:00", offset) // it has been read before
		zone = t.Location()
	}
	wall := wallIn(end, zone)
	event.End, event.EndWall = schedules.EndInstant(wall.Date, wall.Clock, zone), &wall
	if zone == event.Location && event.End.Equal(end) {
		return shown(end, zone)
	}
	_, offset := end.In(zone).Zone()
	zone = time.FixedZone("", offset)
	wall = wallIn(end, zone)
	event.End, event.EndWall = schedules.EndInstant(wall.Date, wall.Clock, zone), nil
	return end.In(zone).Format(time.RFC3339)
}

func wallIn(at time.Time, zone *time.Location) schedules.Wall {
	return schedules.Wall{Date: schedules.DateOf(at, zone), Clock: schedules.ClockOf(at.In(zone))}
}
