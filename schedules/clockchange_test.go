package schedules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// everyDay returns a window on every date, which ends at a time of day or after a duration.
func everyDay(t *testing.T, location, start, end string) schedules.Window {
	t.Helper()
	window := schedules.Window{
		Entry: schedules.Entry{Name: "w", Location: zone(t, location), Targets: all(7), LeadTime: 45 * time.Minute},
		Start: clock(t, start),
	}
	if elapsed, err := time.ParseDuration(end); err == nil {
		window.Duration = elapsed
	} else {
		window.End = clock(t, end)
	}
	return window
}

func sentences(changes []schedules.ClockChange) []string {
	var all []string
	for _, change := range changes {
		all = append(all, change.String())
	}
	return all
}

func TestClockChangesOfADailyWindow(t *testing.T) {
	const paris, newYork, santiago, lordHowe = "Europe/Paris", "America/New_York", "America/Santiago", "Australia/Lord_Howe"
	for name, test := range map[string]struct {
		zone, start, end string
		year             string
		want             []string
	}{
		"over both shifts": {paris, "01:30", "03:30", "2026", []string{
			"on 2026-03-29 it lasts one hour less than written: 01:30 CET to 03:30 CEST",
			"on 2026-10-25 it lasts one hour longer than written: 01:30 CEST to 03:30 CET",
		}},
		"the whole night": {paris, "22:00", "06:00", "2026", []string{
			"on 2026-03-28 it lasts one hour less than written: 22:00 CET to 06:00 CEST on 2026-03-29",
			"on 2026-10-24 it lasts one hour longer than written: 22:00 CEST to 06:00 CET on 2026-10-25",
		}},
		"starts inside": {paris, "02:30", "04:00", "2026", []string{
			"on 2026-03-29 it runs: 01:30 CET to 04:00 CEST (there is no 02:30)",
			"on 2026-10-25 it lasts one hour longer than written: 02:30 CEST to 04:00 CET (02:30 comes twice and it starts at the first)",
		}},
		"ends inside": {paris, "01:00", "02:30", "2026", []string{
			"on 2026-03-29 it runs: 01:00 CET to 03:30 CEST (there is no 02:30)",
			"on 2026-10-25 it lasts one hour longer than written: 01:00 CEST to 02:30 CET (02:30 comes twice and it ends at the second)",
		}},
		"lies inside": {paris, "02:15", "02:45", "2026", []string{
			"on 2026-03-29 it lasts one hour longer than written: 01:15 CET to 03:45 CEST (there is no 02:15, there is no 02:45)",
			"on 2026-10-25 it lasts one hour longer than written: 02:15 CEST to 02:45 CET " +
				"(02:15 comes twice and it starts at the first, 02:45 comes twice and it ends at the second)",
		}},
		"ends as the clock is put forward": {paris, "01:00", "02:00", "2026", []string{"on 2026-10-25 it lasts one hour longer than written: 01:00 CEST to 02:00 CET (02:00 comes twice and it ends at the second)"}},
		"begins when the shifts are over":  {paris, "03:00", "05:00", "2026", nil},
		"an evening":                       {paris, "19:30", "23:30", "2026", nil},
		"a duration over the shifts":       {paris, "01:30", "3h", "2026", nil},
		"a duration of days":               {paris, "12:00", "168h", "2026", nil},
		"a duration that starts inside": {paris, "02:30", "1h", "2026", []string{
			"on 2026-03-29 it runs: 01:30 CET to 03:30 CEST (there is no 02:30)",
			"on 2026-10-25 it runs: 02:30 CEST to 02:30 CET (02:30 comes twice and it starts at the first)",
		}},
		"New York": {newYork, "00:30", "02:30", "2026", []string{
			"on 2026-03-08 it runs: 00:30 EST to 03:30 EDT (there is no 02:30)",
			"on 2026-11-01 it lasts one hour longer than written: 00:30 EDT to 02:30 EST",
		}},
		"Santiago, whose midnights shift": {santiago, "22:00", "00:30", "2026", []string{
			"on 2026-04-04 it lasts one hour longer than written: 22:00 -03 to 00:30 -04 on 2026-04-05",
			"on 2026-09-05 it runs: 22:00 -04 to 01:30 -03 on 2026-09-06 (there is no 00:30)",
		}},
		"Santiago, until a midnight that is skipped": {santiago, "22:00", "24:00", "2026", []string{
			"on 2026-04-04 it lasts one hour longer than written: 22:00 -03 to 00:00 -04 on 2026-04-05",
		}},
		"Santiago, from a midnight that is skipped": {santiago, "00:00", "02:00", "2026", []string{
			"on 2026-09-06 it runs: 23:00 -04 on 2026-09-05 to 02:00 -03 on 2026-09-06 (there is no 00:00)",
		}},
		"Lord Howe, by half an hour": {lordHowe, "01:00", "03:00", "2026", []string{
			"on 2026-04-05 it lasts 30 minutes longer than written: 01:00 +11 to 03:00 +1030",
			"on 2026-10-04 it lasts 30 minutes less than written: 01:00 +1030 to 03:00 +11",
		}},
		"Lord Howe, starts inside": {lordHowe, "02:15:30", "03:00", "2026", []string{
			"on 2026-10-04 it runs: 01:45:30 +1030 to 03:00 +11 (there is no 02:15:30)",
		}},
		"São Paulo, which has no shifts any more": {"America/Sao_Paulo", "22:00", "06:00", "2026", nil},
		"São Paulo in its last years of shifts": {"America/Sao_Paulo", "22:00", "06:00", "2018", []string{
			"on 2018-02-17 it lasts one hour longer than written: 22:00 -02 to 06:00 -03 on 2018-02-18",
			"on 2018-11-03 it lasts one hour less than written: 22:00 -03 to 06:00 -02 on 2018-11-04",
		}},
		"a day that Apia skipped": {"Pacific/Apia", "20:00", "22:00", "2011", []string{
			"on 2011-12-30 it lasts 24 hours longer than written: 20:00 -10 on 2011-12-29 to 22:00 +14 on 2011-12-31 (there is no 20:00, there is no 22:00)",
		}},
		"UTC":                     {"UTC", "01:00", "03:00", "2026", nil},
		"a zone without shifts":   {"Asia/Kolkata", "22:00", "06:00", "2026", nil},
		"New Year of a leap year": {paris, "22:00", "01:00", "2040", nil},
		"the last day of a leap year, 6": {paris, "22:00", "06:00", "2040", []string{
			"on 2040-03-24 it lasts one hour less than written: 22:00 CET to 06:00 CEST on 2040-03-25",
			"on 2040-10-27 it lasts one hour longer than written: 22:00 CEST to 06:00 CET on 2040-10-28",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			window := everyDay(t, test.zone, test.start, test.end)
			from := instant(t, test.year+"-01-02T00:00:00Z")
			got := sentences(window.ClockChanges(from, from.AddDate(0, 11, 29)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("clock changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClockChangesKeepToConditionsAndRange(t *testing.T) {
	window := everyDay(t, "Europe/Paris", "22:00", "06:00")
	window.Days = []time.Weekday{time.Sunday}
	from, to := instant(t, "2026-01-01T00:00:00Z"), instant(t, "2027-01-01T00:00:00Z")
	if got := window.ClockChanges(from, to); len(got) > 0 {
		t.Errorf("a window that starts on Sundays only is touched: %v", got)
	}
	window.Days = nil
	for name, test := range map[string]struct {
		from, to string
		want     int
	}{
		"as it ends":       {"2026-10-25T04:59:59Z", "2026-10-25T05:00:00Z", 1},
		"when it is over":  {"2026-10-25T05:00:00Z", "2027-01-01T00:00:00Z", 0},
		"as it starts":     {"2026-10-01T00:00:00Z", "2026-10-24T20:00:01Z", 1},
		"before it starts": {"2026-10-01T00:00:00Z", "2026-10-24T20:00:00Z", 0},
		"two years":        {"2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", 4},
		"nothing":          {"2026-10-25T01:00:00Z", "2026-10-25T01:00:00Z", 0},
	} {
		if got := window.ClockChanges(instant(t, test.from), instant(t, test.to)); len(got) != test.want {
			t.Errorf("%s: %v, want %d", name, got, test.want)
		}
	}
}

func TestClockChangesOfASchedule(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	wall := func(d, c string) *schedules.Wall { return &schedules.Wall{Date: date(t, d), Clock: clock(t, c)} }
	event := func(name string, start, end *schedules.Wall) schedules.Event {
		e := schedules.Event{
			Entry: schedules.Entry{Name: name, Location: paris, Targets: all(7)}, StartWall: start, EndWall: end,
			Start: instant(t, "2026-10-25T01:30:00+02:00"), End: instant(t, "2026-10-25T03:30:00+01:00"), StartDate: date(t, "2026-10-25"),
		}
		return e
	}
	start, end := wall("2026-10-25", "01:30"), wall("2026-10-25", "03:30")
	suspended := event("suspended", start, end)
	suspended.Suspend = true
	gone := everyDay(t, "Europe/Paris", "01:30", "03:30")
	gone.Suspend = true
	twice := event("twice", wall("2026-10-25", "02:30"), nil)
	twice.Start = instant(t, "2026-10-25T02:30:00+02:00")
	schedule := schedules.New([]schedules.Window{gone, everyDay(t, "Europe/Paris", "01:30", "03:30")}, []schedules.Event{
		event("wall", start, end), event("duration", start, nil), event("offsets", nil, nil), suspended, twice,
	})
	want := []string{
		"w: on 2026-10-25 it lasts one hour longer than written: 01:30 CEST to 03:30 CET",
		"wall: on 2026-10-25 it lasts one hour longer than written: 01:30 CEST to 03:30 CET",
		"twice: on 2026-10-25 it runs: 02:30 CEST to 03:30 CET (02:30 comes twice and it starts at the first)",
	}
	var got []string
	for _, change := range schedule.ClockChanges(instant(t, "2026-10-01T00:00:00Z"), instant(t, "2026-11-01T00:00:00Z")) {
		got = append(got, change.Entry+": "+change.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clock changes (-want +got):\n%s", diff)
	}
	if late := schedule.ClockChanges(instant(t, "2026-11-01T00:00:00Z"), instant(t, "2026-12-01T00:00:00Z")); len(late) > 0 {
		t.Errorf("in November there are %v", late)
	}
}

// TestClockChangesMissNothing compares with each date on its own: what lasts as long as it is written, and starts and
// ends when the wall clock shows the times, is not touched, and everything else is.
func TestClockChangesMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := zones.Load(rapid.SampledFrom([]string{
			"Europe/Paris", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo",
			"Asia/Tehran", "Europe/Dublin", "Pacific/Apia", "Africa/Cairo", "Antarctica/Troll", "UTC",
		}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		quarter := func(name string) schedules.Clock { return schedules.Clock(900 * rapid.IntRange(0, 95).Draw(t, name)) }
		window := schedules.Window{Entry: schedules.Entry{Name: "w", Location: loc}, Start: quarter("start"), End: quarter("end")}
		if window.Start == window.End {
			window.End++
		}
		first := schedules.NewDate(rapid.IntRange(1990, 2050).Draw(t, "year"), 1, 1)
		from := schedules.StartInstant(first, 0, loc)
		touched := map[schedules.Date]bool{}
		for _, change := range window.ClockChanges(from, from.AddDate(1, 0, 0)) {
			touched[change.Date] = true
		}
		for date := first + 2; date < first+360; date++ {
			last, end := date, window.End
			if window.End < window.Start {
				last++
			}
			start, finish := schedules.StartInstant(date, window.Start, loc), schedules.EndInstant(last, end, loc)
			written := time.Duration(last-date)*24*time.Hour + time.Duration(end-window.Start)*time.Second
			plain := finish.Sub(start) == written && shows(start, date, window.Start) &&
				(shows(finish, last, end) || offset(finish) != offset(finish.Add(-1)))
			if plain == touched[date] {
				t.Errorf("%s from %s to %s: touched is %v", date, start, finish, touched[date])
			}
		}
	})
}

func offset(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

func shows(t time.Time, date schedules.Date, clock schedules.Clock) bool {
	hour, minute, second := t.Clock()
	return schedules.DateOf(t, t.Location()) == date && schedules.Clock(hour*3600+minute*60+second) == clock
}
