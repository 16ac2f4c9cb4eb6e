package schedules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestNextStartAndEnd(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	evening := schedules.Window{
		Entry: schedules.Entry{Name: "evening", Location: paris, LeadTime: time.Hour, RampUp: time.Hour, RampDown: time.Hour},
		Start: 20 * 3600, End: 1 * 3600,
	}
	weekdays, suspended, over, long, holidays := evening, evening, evening, evening, evening
	weekdays.Days = []time.Weekday{time.Monday}
	suspended.Suspend = true
	over.LastDate = new(schedules.NewDate(2026, 12, 1))
	long.Duration = 30 * time.Hour
	holidays.ExceptDates = []schedules.DateRange{{First: schedules.NewDate(2026, 12, 18), Last: schedules.NewDate(2026, 12, 31)}}
	final := &schedules.Event{
		Entry: schedules.Entry{Name: "final", Location: paris, LeadTime: time.Hour, RampDown: time.Hour},
		Start: instant(t, "2026-12-18T19:00:00Z"), End: instant(t, "2026-12-18T23:00:00Z"),
	}
	for name, test := range map[string]struct {
		window         schedules.Window
		event          *schedules.Event
		at, start, end string
	}{
		"before the first ramp":                  {window: evening, at: "2026-12-18T12:00:00Z", start: "2026-12-18T19:00:00Z", end: "2026-12-19T00:00:00Z"},
		"the lead time has begun":                {window: evening, at: "2026-12-18T18:30:00Z", start: "2026-12-18T19:00:00Z", end: "2026-12-19T00:00:00Z"},
		"at the start, the next one counts":      {window: evening, at: "2026-12-18T19:00:00Z", start: "2026-12-19T19:00:00Z", end: "2026-12-19T00:00:00Z"},
		"at the end too":                         {window: evening, at: "2026-12-19T00:00:00Z", start: "2026-12-19T19:00:00Z", end: "2026-12-20T00:00:00Z"},
		"on Mondays":                             {window: weekdays, at: "2026-12-18T12:00:00Z", start: "2026-12-21T19:00:00Z", end: "2026-12-22T00:00:00Z"},
		"except holidays":                        {window: holidays, at: "2026-12-18T12:00:00Z", start: "2027-01-01T19:00:00Z", end: "2027-01-02T00:00:00Z"},
		"spans that overlap":                     {window: long, at: "2026-12-18T20:00:00Z", start: "2026-12-19T19:00:00Z", end: "2026-12-19T01:00:00Z"},
		"over a clock shift":                     {window: evening, at: "2026-03-28T12:00:00Z", start: "2026-03-28T19:00:00Z", end: "2026-03-29T00:00:00Z"},
		"suspended":                              {window: suspended, at: "2026-12-18T12:00:00Z"},
		"after its last date":                    {window: over, at: "2026-12-18T12:00:00Z"},
		"on its last night, only the end comes":  {window: over, at: "2026-12-01T20:00:00Z", end: "2026-12-02T00:00:00Z"},
		"an event to come":                       {event: final, at: "2026-12-18T12:00:00Z", start: "2026-12-18T19:00:00Z", end: "2026-12-18T23:00:00Z"},
		"an event that is open has only its end": {event: final, at: "2026-12-18T19:00:00Z", end: "2026-12-18T23:00:00Z"},
		"an event in its ramp down is over":      {event: final, at: "2026-12-18T23:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			s := schedules.New([]schedules.Window{test.window}, nil)
			if test.event != nil {
				s = schedules.New(nil, []schedules.Event{*test.event})
			}
			start, end := s.Next(s.Names()[0], instant(t, test.at))
			if text(start) != test.start || text(end) != test.end {
				t.Errorf("%s and %s, want %s and %s", text(start), text(end), test.start, test.end)
			}
		})
	}
	if start, end := schedules.New(nil, nil).Next("unknown", final.Start); !start.IsZero() || !end.IsZero() {
		t.Error("an entry that is not there starts")
	}
}

// TestNextIsTheNextEdge: without leads and ramps, starts and ends are the edges of spans.
func TestNextIsTheNextEdge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, false)
		for i := range w.windows {
			w.windows[i].LeadTime, w.windows[i].Suspend = 0, false
		}
		s := w.schedule()
		at := w.center.Add(time.Duration(rapid.IntRange(-3*24*60, 3*24*60).Draw(t, "minutes")) * time.Minute)
		for i := range w.windows {
			window := &w.windows[i]
			start, end := s.Next(window.Name, at)
			wantStart, wantEnd := edgesAfter(window, at)
			if !start.Equal(wantStart) || !end.Equal(wantEnd) {
				t.Fatalf("%+v at %s: %s and %s, want %s and %s", window, text(at), text(start), text(end), text(wantStart), text(wantEnd))
			}
		}
	})
}

// edgesAfter walks the edges of a window up to the next start.
func edgesAfter(w *schedules.Window, t time.Time) (start, end time.Time) {
	open, edge := w.Spans(t)
	for _, span := range open {
		end = schedules.Earlier(end, span.To)
	}
	for !edge.IsZero() {
		opened, next := w.Spans(edge)
		for _, span := range opened {
			if span.From.Equal(edge) {
				return edge, schedules.Earlier(end, span.To)
			}
		}
		edge = next
	}
	return time.Time{}, end
}
