package schedules

import "time"

// Entry returns the common fields of the window or event of this name, or nil if there is none. They must not be
// changed.
func (s *Schedule) Entry(name string) *Entry {
	if window := s.Window(name); window != nil {
		return &window.Entry
	}
	if event := s.Event(name); event != nil {
		return &event.Entry
	}
	return nil
}

// Window returns the window of this name, or nil if there is none. It must not be changed.
func (s *Schedule) Window(name string) *Window {
	for i := range s.windows {
		if s.windows[i].Name == name {
			return &s.windows[i]
		}
	}
	return nil
}

// Event returns the event of this name, or nil if there is none. It must not be changed.
func (s *Schedule) Event(name string) *Event {
	for i := range s.events {
		if s.events[i].Name == name {
			return &s.events[i]
		}
	}
	return nil
}

// Kind returns "window" or "event", and "entry" for a name that the schedule does not have.
func (s *Schedule) Kind(name string) string {
	switch {
	case s.Window(name) != nil:
		return "window"
	case s.Event(name) != nil:
		return "event"
	default:
		return "entry"
	}
}

// Title returns an entry's name after its kind: "window prime-time".
func (s *Schedule) Title(name string) string { return s.Kind(name) + " " + name }

// Names returns the names of all entries, suspended ones included.
func (s *Schedule) Names() []string {
	names := make([]string, 0, len(s.windows)+len(s.events))
	for i := range s.windows {
		names = append(names, s.windows[i].Name)
	}
	for i := range s.events {
		names = append(names, s.events[i].Name)
	}
	return names
}

// Covering returns the names of the unsuspended entries that select the HPA, whether or not they are open.
func (s *Schedule) Covering(hpa HPA) []string {
	var names []string
	covering := s.windowsCovering(&hpa)
	for _, c := range covering {
		names = append(names, c.window.Name)
	}
	for i := range s.events {
		if s.events[i].covers(&hpa, covering) {
			names = append(names, s.events[i].Name)
		}
	}
	return names
}

// Opening is an entry that is open at some instant of a range of time.
type Opening struct {
	Name string
	From time.Time // when it opens, in the entry's zone; the start of the range if it is already open then
}

// Openings returns the unsuspended entries that are open, leads and ramps included, at any instant of [from, to).
func (s *Schedule) Openings(from, to time.Time) []Opening {
	var openings []Opening
	add := func(entry *Entry, opens time.Time) {
		if !entry.Suspend && !opens.IsZero() && opens.Before(to) {
			openings = append(openings, Opening{entry.Name, opens.In(entry.Location)})
		}
	}
	for i := range s.windows {
		open, next := s.windows[i].Spans(from)
		if len(open) > 0 {
			next = from
		}
		add(&s.windows[i].Entry, next)
	}
	for i := range s.events {
		if span := s.events[i].Span(); span.Closes().After(from) {
			add(&s.events[i].Entry, later(from, span.Opens()))
		}
	}
	return openings
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
