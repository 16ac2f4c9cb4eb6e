package text_test

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
	"github.com/floorkeeper/floorkeeper/zones"
)

func TestInstants(t *testing.T) {
	paris, err := zones.Load("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 10, day, hour, minute, second, 0, paris)
	}
	now := at(24, 23, 0, 0)
	for _, c := range []struct{ got, want string }{
		{text.Clock(at(24, 9, 5, 0)), "09:05 CEST"},
		{text.Clock(at(24, 9, 5, 7)), "09:05:07 CEST"},
		{text.Clock(at(24, 9, 5, 7).Add(250 * time.Millisecond)), "09:05:07.25 CEST"},
		{text.Moment(at(25, 9, 5, 0)), "Sun 25 Oct 2026 09:05 CET"},
		{text.MomentAfter(at(24, 23, 30, 0), now.UTC()), "23:30 CEST"},
		{text.MomentAfter(at(25, 0, 30, 20), now.UTC()), "Sun 25 Oct 00:30:20 CEST"},
		{text.MomentAfter(at(24, 23, 30, 0).AddDate(1, 0, 0), now), "Sun 24 Oct 23:30 CEST"},
		{text.MomentAfter(at(27, 16, 36, 0), at(26, 21, 24, 0)), "Tue 27 Oct 16:36 CET"},
		{text.MomentAfter(at(26, 23, 10, 0), at(26, 21, 24, 0)), "23:10 CET"},
		{text.ClockShift(schedules.Shifts(paris, at(20, 0, 0, 0), at(30, 0, 0, 0))[0]), "Sun 25 Oct 03:00 CEST: clocks go back by 1h, to 02:00 CET"},
		{
			text.ClocksGo(schedules.Shifts(paris, at(20, 0, 0, 0).AddDate(0, -8, 0), at(1, 0, 0, 0))[0], " of Europe/Paris"),
			"clocks of Europe/Paris go forward by 1h, to 03:00 CEST",
		},
		{text.MomentAt(at(24, 23, 30, 5), now.UTC()), "23:30:05 CEST"},
		{text.MomentAt(at(25, 0, 30, 0), now), "Sun 00:30 CEST"},
		{text.MomentAt(at(30, 23, 0, 0), now), "2026-10-30 23:00 CET"},
		{text.Minute(at(24, 9, 5, 7)), "2026-10-24 09:05 CEST"},
		{text.UTC(at(24, 9, 5, 7)), "2026-10-24 07:05:07"},
		{text.Day(at(24, 9, 5, 7)), "Sat 24 Oct 2026"},
		{text.Dated(at(24, 9, 5, 0)), "Sat 2026-10-24 09:05 CEST"},
		{text.Span(at(24, 9, 5, 0), at(24, 10, 0, 30)), "Sat 2026-10-24 09:05 to 10:00:30 CEST (55m30s)"},
		{text.Span(at(24, 23, 0, 0), at(25, 5, 0, 0)), "Sat 2026-10-24 23:00 CEST to Sun 2026-10-25 05:00 CET (7h)"},
		{text.Range(at(26, 23, 0, 0), at(27, 5, 0, 0), "and"), "Mon 2026-10-26 23:00 and Tue 2026-10-27 05:00 CET"},
		{text.Ago(-time.Second), "0.0 s ago"},
		{text.Ago(1240 * time.Millisecond), "1.2 s ago"},
		{text.Ago(110 * time.Second), "110 s ago"},
		{text.Ago(119 * time.Minute), "119 min ago"},
		{text.Ago(47 * time.Hour), "47 h ago"},
		{text.Ago(50 * time.Hour), "2 days ago"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
