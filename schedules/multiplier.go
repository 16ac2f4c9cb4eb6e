package schedules

import (
	"slices"
	"time"
)

// Multiplied is what the multiplier of an event multiplies for one HPA: the largest amount among the windows that start
// on the event's local start date, at whatever hour, or, where none does, among those whose season includes that date, or
// the baseline.
type Multiplied struct {
	Window *Window // nil for the baseline
	Amount int32
	Starts bool // whether the window starts on the event's local start date
	Open   bool // whether the window is open at some instant of the event
}

// String names what is multiplied, and what may surprise about it.
func (m Multiplied) String() string {
	switch {
	case m.Window == nil:
		return "the baseline"
	case !m.Starts:
		return "window " + m.Window.Name + ", as no window of the HPA starts on that day"
	case !m.Open:
		return "window " + m.Window.Name + ", which is not open during the event"
	default:
		return "window " + m.Window.Name
	}
}

// Multiplied returns what the event multiplies for the HPA, if it has a multiplier. Among equal amounts it names a window
// that is open during the event, then the first by name.
func (s *Schedule) Multiplied(event *Event, hpa HPA) Multiplied {
	covering := s.windowsCovering(nil, &hpa)
	m := event.multiplied(&hpa, covering)
	for _, c := range covering {
		w := c.window
		if c.amount != m.Amount || !w.inSeason(event.StartDate) || w.startsOn(event.StartDate) != m.Starts {
			continue
		}
		open := w.opensWithin(event.Start, event.End)
		if m.Window == nil || open && !m.Open || open == m.Open && w.Name < m.Window.Name {
			m.Window, m.Open = w, open
		}
	}
	return m
}

// opensWithin reports whether the window is open, leads and ramps included, at some instant of [from, to).
func (w *Window) opensWithin(from, to time.Time) bool {
	open, next := w.Spans(from)
	return len(open) > 0 || !next.IsZero() && next.Before(to)
}

// covers reports whether the event, unless suspended, selects the HPA, given the windows that do.
func (e *Event) covers(hpa *HPA, covering []coverage) bool {
	if e.Suspend {
		return false
	}
	if len(e.Targets) > 0 {
		_, selected := e.Entry.amountFor(hpa)
		return selected
	}
	return slices.ContainsFunc(covering, func(c coverage) bool { return c.window.inSeason(e.StartDate) })
}

func (e *Event) amountFor(hpa *HPA, covering []coverage) int32 {
	if e.Multiplier == 0 {
		amount, _ := e.Entry.amountFor(hpa)
		return amount
	}
	return e.Multiplier.Of(e.multiplied(hpa, covering).Amount)
}

// multiplied returns what [Schedule.Multiplied] does, without the window.
func (e *Event) multiplied(hpa *HPA, covering []coverage) Multiplied {
	m, inSeason := Multiplied{Amount: hpa.Baseline}, false
	for _, c := range covering {
		if !c.window.inSeason(e.StartDate) {
			continue
		}
		switch starts := c.window.startsOn(e.StartDate); {
		case !inSeason || starts && !m.Starts:
			m, inSeason = Multiplied{Amount: c.amount, Starts: starts}, true
		case starts == m.Starts:
			m.Amount = max(m.Amount, c.amount)
		}
	}
	return m
}
