package schedules_test

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The instants are worked out by hand from the shifts: Paris and Berlin 2026-03-29 and 2026-10-25 at 01:00 UTC, New
// York 2026-03-08 07:00 and 2026-11-01 06:00, Santiago 2026-04-05 03:00 and 2026-09-06 04:00 (both at midnight), Lord
// Howe 2026-04-04 15:00 and 2026-10-03 15:30 (half an hour), Casablanca 2026-02-15 and 2026-03-22 at 02:00 (Ramadan
// has less offset, not more), Cairo 2026-04-23 22:00 (midnight), Apia 2011-12-30 10:00 (the 30th never was).
func TestReadingsOfAWallClockTime(t *testing.T) {
	tests := map[string]struct{ zone, date, clock, start, end string }{
		"the second before a gap":                {"Europe/Paris", "2026-03-29", "01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z"},
		"the first moment of a gap":              {"Europe/Paris", "2026-03-29", "02:00:00", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
		"inside a gap":                           {"Europe/Paris", "2026-03-29", "02:30:00", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		"the first moment after a gap":           {"Europe/Paris", "2026-03-29", "03:00:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		"the second before an overlap":           {"Europe/Paris", "2026-10-25", "01:59:59", "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z"},
		"the first moment of an overlap":         {"Europe/Paris", "2026-10-25", "02:00:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		"inside an overlap":                      {"Europe/Paris", "2026-10-25", "02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		"the first moment after an overlap":      {"Europe/Paris", "2026-10-25", "03:00:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
		"a gap in Berlin":                        {"Europe/Berlin", "2026-03-29", "02:30:00", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		"an overlap in Berlin":                   {"Europe/Berlin", "2026-10-25", "02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		"a gap in New York":                      {"America/New_York", "2026-03-08", "02:30:00", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"},
		"an overlap in New York":                 {"America/New_York", "2026-11-01", "01:30:00", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		"a midnight in a gap":                    {"America/Santiago", "2026-09-06", "00:00:00", "2026-09-06T03:00:00Z", "2026-09-06T04:00:00Z"},
		"24:00 in a gap is the same midnight":    {"America/Santiago", "2026-09-05", "24:00:00", "2026-09-06T03:00:00Z", "2026-09-06T04:00:00Z"},
		"after a midnight in a gap":              {"America/Santiago", "2026-09-06", "00:30:00", "2026-09-06T03:30:00Z", "2026-09-06T04:30:00Z"},
		"before midnight in an overlap":          {"America/Santiago", "2026-04-04", "23:30:00", "2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z"},
		"24:00 after an overlap comes once":      {"America/Santiago", "2026-04-04", "24:00:00", "2026-04-05T04:00:00Z", "2026-04-05T04:00:00Z"},
		"a gap of half an hour":                  {"Australia/Lord_Howe", "2026-10-04", "02:15:00", "2026-10-03T15:15:00Z", "2026-10-03T15:45:00Z"},
		"an overlap of half an hour":             {"Australia/Lord_Howe", "2026-04-05", "01:45:00", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
		"Ramadan begins with an overlap":         {"Africa/Casablanca", "2026-02-15", "02:30:00", "2026-02-15T01:30:00Z", "2026-02-15T02:30:00Z"},
		"Ramadan ends with a gap":                {"Africa/Casablanca", "2026-03-22", "02:30:00", "2026-03-22T01:30:00Z", "2026-03-22T02:30:00Z"},
		"a gap after midnight in Cairo":          {"Africa/Cairo", "2026-04-24", "00:30:00", "2026-04-23T21:30:00Z", "2026-04-23T22:30:00Z"},
		"half an hour from UTC, no shift":        {"Asia/Kolkata", "2026-03-29", "02:30:00", "2026-03-28T21:00:00Z", "2026-03-28T21:00:00Z"},
		"UTC":                                    {"UTC", "2026-03-29", "02:30:00", "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"},
		"the first moment of a skipped day":      {"Pacific/Apia", "2011-12-30", "00:00:00", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		"noon of a skipped day":                  {"Pacific/Apia", "2011-12-30", "12:00:00", "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"},
		"24:00 of a skipped day comes once":      {"Pacific/Apia", "2011-12-30", "24:00:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		"the last day of a leap year by rule":    {"Europe/Paris", "2040-12-31", "19:00:00", "2040-12-31T18:00:00Z", "2040-12-31T18:00:00Z"},
		"that day in a southern summer":          {"America/Santiago", "2044-12-31", "00:00:00", "2044-12-31T03:00:00Z", "2044-12-31T03:00:00Z"},
		"a gap that the rule of a zone foresees": {"Europe/Paris", "2040-03-25", "02:30:00", "2040-03-25T00:30:00Z", "2040-03-25T01:30:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			loc, on, at := zone(t, test.zone), date(t, test.date), clock(t, test.clock)
			if got := text(schedules.StartInstant(on, at, loc)); got != test.start {
				t.Errorf("as a start: got %s, want %s", got, test.start)
			}
			if got := text(schedules.EndInstant(on, at, loc)); got != test.end {
				t.Errorf("as an end: got %s, want %s", got, test.end)
			}
		})
	}
}

func TestWindowsOverClockShifts(t *testing.T) {
	tests := map[string]struct{ zone, date, start, end, from, to string }{
		"starts in a gap":             {"Europe/Paris", "2026-03-29", "02:30", "04:00", "2026-03-29T01:30:00+01:00", "2026-03-29T04:00:00+02:00"},
		"ends in a gap":               {"Europe/Paris", "2026-03-29", "01:00", "02:30", "2026-03-29T01:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		"lies in a gap":               {"Europe/Paris", "2026-03-29", "02:15", "02:45", "2026-03-29T01:15:00+01:00", "2026-03-29T03:45:00+02:00"},
		"ends as a gap ends":          {"Europe/Paris", "2026-03-29", "01:00", "03:00", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		"spans a gap, an hour less":   {"Europe/Paris", "2026-03-29", "01:00", "04:00", "2026-03-29T01:00:00+01:00", "2026-03-29T04:00:00+02:00"},
		"a night with a gap":          {"Europe/Paris", "2026-03-28", "22:00", "06:00", "2026-03-28T22:00:00+01:00", "2026-03-29T06:00:00+02:00"},
		"a night that ends in a gap":  {"Europe/Paris", "2026-03-28", "23:00", "02:30", "2026-03-28T23:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		"24:00 of a short day":        {"Europe/Paris", "2026-03-29", "00:00", "24:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"starts in a gap until next":  {"Europe/Paris", "2026-03-29", "02:30", "02:15", "2026-03-29T01:30:00+01:00", "2026-03-30T02:15:00+02:00"},
		"starts in an overlap":        {"Europe/Paris", "2026-10-25", "02:30", "04:00", "2026-10-25T02:30:00+02:00", "2026-10-25T04:00:00+01:00"},
		"ends in an overlap":          {"Europe/Paris", "2026-10-25", "01:00", "02:30", "2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+01:00"},
		"lies in an overlap":          {"Europe/Paris", "2026-10-25", "02:15", "02:45", "2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+01:00"},
		"starts as an overlap ends":   {"Europe/Paris", "2026-10-25", "03:00", "04:00", "2026-10-25T03:00:00+01:00", "2026-10-25T04:00:00+01:00"},
		"spans an overlap, one more":  {"Europe/Paris", "2026-10-25", "01:00", "04:00", "2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00"},
		"a night with an overlap":     {"Europe/Paris", "2026-10-24", "22:00", "06:00", "2026-10-24T22:00:00+02:00", "2026-10-25T06:00:00+01:00"},
		"24:00 of a long day":         {"Europe/Paris", "2026-10-25", "00:00", "24:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		"an overlap, until next":      {"Europe/Paris", "2026-10-25", "02:45", "02:15", "2026-10-25T02:45:00+02:00", "2026-10-26T02:15:00+01:00"},
		"a minute in Berlin's gap":    {"Europe/Berlin", "2026-03-29", "02:30", "02:31", "2026-03-29T01:30:00+01:00", "2026-03-29T03:31:00+02:00"},
		"a minute in New York's":      {"America/New_York", "2026-03-08", "02:30", "02:31", "2026-03-08T01:30:00-05:00", "2026-03-08T03:31:00-04:00"},
		"a minute twice, Berlin":      {"Europe/Berlin", "2026-10-25", "02:30", "02:31", "2026-10-25T02:30:00+02:00", "2026-10-25T02:31:00+01:00"},
		"a minute twice, New York":    {"America/New_York", "2026-11-01", "01:30", "01:31", "2026-11-01T01:30:00-04:00", "2026-11-01T01:31:00-05:00"},
		"ends at a midnight in a gap": {"America/Santiago", "2026-09-05", "22:00", "24:00", "2026-09-05T22:00:00-04:00", "2026-09-06T01:00:00-03:00"},
		"starts at such a midnight":   {"America/Santiago", "2026-09-06", "00:00", "02:00", "2026-09-05T23:00:00-04:00", "2026-09-06T02:00:00-03:00"},
		"lies in a midnight gap":      {"America/Santiago", "2026-09-06", "00:15", "00:45", "2026-09-05T23:15:00-04:00", "2026-09-06T01:45:00-03:00"},
		"over a midnight in a gap":    {"America/Santiago", "2026-09-05", "23:30", "00:30", "2026-09-05T23:30:00-04:00", "2026-09-06T01:30:00-03:00"},
		"24:00 after an overlap":      {"America/Santiago", "2026-04-04", "22:00", "24:00", "2026-04-04T22:00:00-03:00", "2026-04-05T00:00:00-04:00"},
		"a late evening twice":        {"America/Santiago", "2026-04-04", "23:30", "23:45", "2026-04-04T23:30:00-03:00", "2026-04-04T23:45:00-04:00"},
		"starts in half an hour":      {"Australia/Lord_Howe", "2026-10-04", "02:15", "03:00", "2026-10-04T01:45:00+10:30", "2026-10-04T03:00:00+11:00"},
		"ends in half an hour":        {"Australia/Lord_Howe", "2026-10-04", "01:00", "02:15", "2026-10-04T01:00:00+10:30", "2026-10-04T02:45:00+11:00"},
		"five minutes, twice half":    {"Australia/Lord_Howe", "2026-04-05", "01:45", "01:50", "2026-04-05T01:45:00+11:00", "2026-04-05T01:50:00+10:30"},
		"ends as half an hour ends":   {"Australia/Lord_Howe", "2026-04-05", "01:00", "02:00", "2026-04-05T01:00:00+11:00", "2026-04-05T02:00:00+10:30"},
		"Ramadan begins":              {"Africa/Casablanca", "2026-02-15", "02:30", "02:40", "2026-02-15T02:30:00+01:00", "2026-02-15T02:40:00Z"},
		"Ramadan ends":                {"Africa/Casablanca", "2026-03-22", "02:30", "04:00", "2026-03-22T01:30:00Z", "2026-03-22T04:00:00+01:00"},
		"in Kolkata all is quiet":     {"Asia/Kolkata", "2026-03-29", "02:00", "03:00", "2026-03-29T02:00:00+05:30", "2026-03-29T03:00:00+05:30"},
		"so it is in UTC":             {"UTC", "2026-03-29", "01:00", "02:30", "2026-03-29T01:00:00Z", "2026-03-29T02:30:00Z"},
		"ends on a skipped day":       {"Pacific/Apia", "2011-12-29", "20:00", "02:00", "2011-12-29T20:00:00-10:00", "2011-12-31T02:00:00+14:00"},
		"is on a skipped day":         {"Pacific/Apia", "2011-12-30", "20:00", "22:00", "2011-12-29T20:00:00-10:00", "2011-12-31T22:00:00+14:00"},
		"is on the day after":         {"Pacific/Apia", "2011-12-31", "00:00", "02:00", "2011-12-31T00:00:00+14:00", "2011-12-31T02:00:00+14:00"},
		"New Year of a leap year":     {"Europe/Paris", "2040-12-31", "22:00", "02:00", "2040-12-31T22:00:00+01:00", "2041-01-01T02:00:00+01:00"},

		"3h over a gap":             {"Europe/Paris", "2026-03-29", "01:30", "3h", "2026-03-29T01:30:00+01:00", "2026-03-29T05:30:00+02:00"},
		"1h from inside a gap":      {"Europe/Paris", "2026-03-29", "02:30", "1h", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"},
		"24h over a gap":            {"Europe/Paris", "2026-03-28", "12:00", "24h", "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00"},
		"a week over a gap":         {"Europe/Paris", "2026-03-25", "12:00", "168h", "2026-03-25T12:00:00+01:00", "2026-04-01T13:00:00+02:00"},
		"3h over an overlap":        {"Europe/Paris", "2026-10-25", "01:30", "3h", "2026-10-25T01:30:00+02:00", "2026-10-25T03:30:00+01:00"},
		"a week over an overlap":    {"America/New_York", "2026-10-28", "12:00", "168h", "2026-10-28T12:00:00-04:00", "2026-11-04T11:00:00-05:00"},
		"3 days over a skipped one": {"Pacific/Apia", "2011-12-28", "12:00", "72h", "2011-12-28T12:00:00-10:00", "2012-01-01T12:00:00+14:00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			on := date(t, test.date)
			window := schedules.Window{
				Entry: schedules.Entry{Name: "w", Location: zone(t, test.zone), Targets: all(7)},
				Start: clock(t, test.start), FirstDate: &on, LastDate: &on,
			}
			if elapsed, err := time.ParseDuration(test.end); err == nil {
				window.Duration = elapsed
			} else {
				window.End = clock(t, test.end)
			}
			checkSpan(t, window, test.from, test.to)
		})
	}
}

// checkSpan checks that the window is open over [from, to), which must be written in its zone, and at no other time.
func checkSpan(t *testing.T, window schedules.Window, from, to string) {
	t.Helper()
	schedule := schedules.New([]schedules.Window{window}, nil)
	start, end := instant(t, from), instant(t, to)
	middle := start.Add(end.Sub(start) / 2)
	for _, inside := range []time.Time{start, start.Add(1), middle, end.Add(-time.Second), end.Add(-1)} {
		d := schedule.At(hpa, inside)
		if d.Floor != 7 || !d.Next.Equal(end) {
			t.Errorf("at %s: floor %d until the edge %s, want 7 until %s", text(inside), d.Floor, d.Next, to)
		}
		if since, until := d.Since.Format(time.RFC3339), d.Until.Format(time.RFC3339); since != from || until != to {
			t.Errorf("at %s: [%s, %s), want [%s, %s)", text(inside), since, until, from, to)
		}
	}
	for _, outside := range []time.Time{start.Add(-90 * 24 * time.Hour), start.Add(-24 * time.Hour), start.Add(-1)} {
		if d := schedule.At(hpa, outside); d.Floor != 0 || !d.Next.Equal(start) {
			t.Errorf("at %s: floor %d until the edge %s, want 0 until %s", text(outside), d.Floor, d.Next, from)
		}
	}
	for _, outside := range []time.Time{end, end.Add(time.Hour), end.Add(24 * time.Hour), end.AddDate(1, 0, 0)} {
		if d := schedule.At(hpa, outside); d != (schedules.Decision{}) {
			t.Errorf("at %s: %+v, want nothing for ever", text(outside), d)
		}
	}
}

func TestOneSpanPerDateOverAShift(t *testing.T) {
	for name, test := range map[string]struct{ zone, clock, from, to string }{
		"a time that comes twice":     {"Europe/Paris", "02:30", "2026-10-23T00:00:00Z", "2026-10-28T00:00:00Z"},
		"a time that never comes":     {"America/New_York", "02:30", "2026-03-06T12:00:00Z", "2026-03-11T12:00:00Z"},
		"a midnight that never comes": {"America/Santiago", "00:00", "2026-09-03T12:00:00Z", "2026-09-08T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			window := schedules.Window{
				Entry: schedules.Entry{Name: "w", Location: zone(t, test.zone), Targets: all(7)},
				Start: clock(t, test.clock), Duration: time.Minute,
			}
			var opened int
			for s := range schedules.New([]schedules.Window{window}, nil).Timeline(hpa, instant(t, test.from), instant(t, test.to)) {
				if s.Floor > 0 {
					opened++
				}
			}
			if opened != 5 {
				t.Errorf("open %d times in 5 days, want 5", opened)
			}
		})
	}
}

// TestEdgesOverAShift compares each edge of windows near a shift with what is asked at it without any walk.
func TestEdgesOverAShift(t *testing.T) {
	for name, test := range map[string]struct {
		zone, clock string
		duration    time.Duration
		days        []time.Weekday
		from, to    string
	}{
		"the next one opens before the end":        {"Europe/Paris", "20:00", 23*time.Hour + 30*time.Minute, nil, "2026-03-26T00:00:00Z", "2026-04-01T00:00:00Z"},
		"one opens where clocks are put back":      {"Europe/Paris", "02:30", 3 * time.Hour, nil, "2026-10-23T00:00:00Z", "2026-10-28T00:00:00Z"},
		"one ends where clocks are put forward":    {"America/New_York", "22:00", 5 * time.Hour, nil, "2026-03-06T12:00:00Z", "2026-03-11T12:00:00Z"},
		"a date that never comes":                  {"Pacific/Apia", "10:00", 23 * time.Hour, nil, "2011-12-26T00:00:00Z", "2012-01-03T00:00:00Z"},
		"a shift between the end and the next one": {"Europe/Paris", "09:00", time.Hour, []time.Weekday{time.Saturday, time.Monday}, "2026-03-20T00:00:00Z", "2026-04-05T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := schedules.New([]schedules.Window{{
				Entry: schedules.Entry{Name: "w", Location: zone(t, test.zone), LeadTime: 10 * time.Minute, Targets: all(7)},
				Start: clock(t, test.clock), Duration: test.duration, Days: test.days,
			}}, nil)
			to := instant(t, test.to)
			for s := range schedule.Edges(hpa, instant(t, test.from), to) {
				if want := schedule.At(hpa, s.From); !sameInstants(want, s.Decision) || !s.To.Equal(schedules.Earlier(want.Next, to)) && !s.To.Equal(to) {
					t.Errorf("at %s the walk has %+v until %s, want %+v", text(s.From), s.Decision, text(s.To), want)
				}
			}
		})
	}
}
