package config

import (
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Editable is a valid schedule file whose entries package edit takes one by one.
type Editable struct{ parser *parser }

// Open parses a file that is to be edited. The error is Problems.
func Open(file source.File) (*Editable, error) {
	p := newParser()
	p.read(file)
	if problems := p.Sorted(); len(problems) > 0 {
		return nil, problems
	}
	return &Editable{p}, nil
}

// Windows returns the windows of the file, in the order in which they are written.
func (e *Editable) Windows() []schedules.Window { return e.parser.windows }

// Events returns the events of the file, in the order in which they are written.
func (e *Editable) Events() []schedules.Event { return e.parser.events }

// Location returns the time zone of the file, or nil where it has none.
func (e *Editable) Location() *time.Location { return e.parser.defaults.location }

// AddEvent reads a value as one more event of the file. The problems lie where the value does.
func (e *Editable) AddEvent(n *source.Node) (schedules.Event, source.Problems) {
	e.parser.event(n)
	events := e.parser.events
	return events[len(events)-1], e.parser.Sorted()
}
