package schedules

import "time"

// Entry returns what the window or event of this name has in common with all entries, or nil if there is none. It must
// not be changed.
func (s *Schedule) Entry(name string) *Entry {
	entry, _ := s.entry(name)
	return entry
}

// Title returns an entry's name with its kind, such as "window prime-time". An entry that the schedule no longer has
// is plainly an entry.
func (s *Schedule) Title(name string) string {
	_, kind := s.entry(name)
	return kind + " " + name
}

func (s *Schedule) entry(name string) (entry *Entry, kind string) {
	for i := range s.windows {
		if s.windows[i].Name == name {
			return &s.windows[i].Entry, "window"
		}
	}
	for i := range s.events {
		if s.events[i].Name == name {
			return &s.events[i].Entry, "event"
		}
	}
	return nil, "entry"
}

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

// Opening is an entry that stands open at some instant of a range of time.
type Opening struct {
	Name string
	From time.Time // when it opens, in the entry's zone; the start of the range where it is open by then
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
