package schedules

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Schedule is a set of windows and events. It is immutable and safe for concurrent use.
type Schedule struct {
	windows []Window
	events  []Event

	window, event map[string]int // by name

	windowsIn, eventsIn namespaces
}

// New returns the schedule of these entries, whose names must be unique. Their order never matters.
func New(windows []Window, events []Event) *Schedule {
	s := &Schedule{windows: windows, events: events, window: make(map[string]int, len(windows)), event: make(map[string]int, len(events))}
	for i := range windows {
		s.window[windows[i].Name] = i
	}
	for i := range events {
		s.event[events[i].Name] = i
	}
	s.windowsIn = index(len(windows), func(i int) *Entry { return &windows[i].Entry })
	s.eventsIn = index(len(events), func(i int) *Entry { return &events[i].Entry })
	return s
}

// Windows returns the schedule's windows, which must not be changed.
func (s *Schedule) Windows() []Window { return s.windows }

// Events returns the schedule's events, which must not be changed.
func (s *Schedule) Events() []Event { return s.events }

// Ramp is the direction in which a floor moves between the baseline and the full floor of its entry.
type Ramp string

// The values of Ramp.
const (
	Steady     Ramp = ""
	Climbing   Ramp = "climbing"
	Descending Ramp = "descending"
)

// Decision is what a schedule asks of one HPA at one instant. Its times are in the zone of the entry that it names.
type Decision struct {
	Floor   int32     // the minReplicas asked for; 0 if no entry is open
	Because string    // the name of the entry that asks for it
	Full    int32     // the floor of that entry outside its ramps
	Ramp    Ramp      // Steady where Floor is Full
	Since   time.Time // the first instant of the entry's occurrence, lead and ramp included
	Until   time.Time // the first instant at which this floor may fall: the end, or the next step down of a ramp
	Next    time.Time // the decision is constant until this instant; the zero time: for ever
}

// At returns what the schedule asks of the HPA at the instant t: the largest floor of all entries that are open and
// select it. Among equal floors the decision names the entry whose floor falls last, then the first by name.
//
// The answer is constant over [t, Next). It costs time linear in the number of entries at worst.
func (s *Schedule) At(hpa HPA, t time.Time) Decision {
	var best Decision
	next := s.open(&hpa, t, func(o occurrence) {
		best.consider(o, hpa.Baseline, t)
	})
	best.Next = next
	return best
}

// Claims returns what each open entry that selects the HPA asks of it at the instant t, in the order of [Schedule.At]:
// the claim that applies comes first. An entry whose occurrences overlap has one claim for each. Next is not set.
func (s *Schedule) Claims(hpa HPA, t time.Time) []Decision {
	var claims []Decision
	s.open(&hpa, t, func(o occurrence) {
		var claim Decision
		if claim.consider(o, hpa.Baseline, t); claim.Floor > 0 {
			claims = append(claims, claim)
		}
	})
	sortClaims(claims)
	return claims
}

func sortClaims(claims []Decision) {
	slices.SortStableFunc(claims, func(a, b Decision) int {
		return cmp.Or(cmp.Compare(b.Floor, a.Floor), b.Until.Compare(a.Until), strings.Compare(a.Because, b.Because))
	})
}

// Occurrence returns the span of the entry that a decision of the instant t names.
func (s *Schedule) Occurrence(d Decision, t time.Time) Span {
	if event := s.Event(d.Because); event != nil {
		return event.Span()
	}
	open, _ := s.Window(d.Because).Spans(t)
	return open[slices.IndexFunc(open, func(span Span) bool { return span.Opens().Equal(d.Since) })]
}

// open visits every occurrence that contains t of the entries that select the HPA, with the amount that it asks, and
// returns the next edge of any of them after t, or the zero time if there is none.
func (s *Schedule) open(hpa *HPA, t time.Time, visit func(occurrence)) (next time.Time) {
	var coverages [8]coverage // on the stack, as the spans are: decisions are made for thousands of HPAs at a time
	var spans [4]Span
	var z zone
	covering := s.windowsCovering(coverages[:0], hpa)
	for _, c := range covering {
		if !z.holds(t, c.window.Location) {
			z = zoneAt(t, c.window.Location)
		}
		open, edge := c.window.spans(spans[:0], t, &z, &dated{})
		next = Earlier(next, edge)
		for _, span := range open {
			visit(occurrence{&c.window.Entry, span, c.amount})
		}
	}
	for _, i := range s.eventsIn.of(hpa.Namespace) {
		event := &s.events[i]
		span := event.Span()
		edge, ahead := span.edge(t)
		if !ahead || !event.covers(hpa, covering) {
			continue
		}
		next = Earlier(next, edge)
		if span.Contains(t) {
			visit(occurrence{&event.Entry, span, event.amountFor(hpa, covering)})
		}
	}
	return next
}

// coverage is an unsuspended window that selects an HPA, and the amount it gives it.
type coverage struct {
	window *Window
	amount int32
}

// windowsCovering appends the windows that select the HPA.
func (s *Schedule) windowsCovering(covering []coverage, hpa *HPA) []coverage {
	for _, i := range s.windowsIn.of(hpa.Namespace) {
		if amount, selected := s.windows[i].amountFor(hpa); selected {
			covering = append(covering, coverage{&s.windows[i], amount})
		}
	}
	return covering
}

// consider makes it the decision for the larger of two floors: the best so far and that of an occurrence open at t.
func (d *Decision) consider(o occurrence, baseline int32, t time.Time) {
	entry, span, full := o.entry, &o.span, o.amount
	floor := stepAmount(span.step(t), baseline, full)
	if floor == 0 || floor < d.Floor {
		return
	}
	until := span.falls(t, baseline, full)
	if floor == d.Floor {
		if order := until.Compare(d.Until); order < 0 || order == 0 && entry.Name >= d.Because {
			return
		}
	}
	d.Floor, d.Because, d.Full, d.Ramp = floor, entry.Name, full, span.ramp(t, floor, full)
	d.Since, d.Until = span.Opens().In(entry.Location), until.In(entry.Location)
}

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
	if i, known := s.window[name]; known {
		return &s.windows[i]
	}
	return nil
}

// Event returns the event of this name, or nil if there is none. It must not be changed.
func (s *Schedule) Event(name string) *Event {
	if i, known := s.event[name]; known {
		return &s.events[i]
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
	covering := s.windowsCovering(nil, &hpa)
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

// Next returns when an entry next starts after t and when it next ends after t, as written: without leads and ramps. The
// zero time is never, as for a suspended entry.
func (s *Schedule) Next(name string, t time.Time) (start, end time.Time) {
	if entry := s.Entry(name); entry == nil || entry.Suspend {
		return time.Time{}, time.Time{}
	}
	if window := s.Window(name); window != nil {
		return window.next(t)
	}
	event := s.Event(name)
	if event.Start.After(t) {
		start = event.Start
	}
	if event.End.After(t) {
		end = event.End
	}
	return start, end
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
			opens := span.Opens()
			if opens.Before(from) {
				opens = from
			}
			add(&s.events[i].Entry, opens)
		}
	}
	return openings
}
