package schedules_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// byRule returns a zone of which no shift is listed, so that each follows from the rule, as in the database that Go embeds.
func byRule(t *testing.T, rule string) *time.Location {
	t.Helper()
	const standard = "CET\x00"
	header := func(types, letters int) string {
		counts := make([]byte, 24) // isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt (RFC 9636, section 3.1)
		binary.BigEndian.PutUint32(counts[16:], uint32(types))
		binary.BigEndian.PutUint32(counts[20:], uint32(letters))
		return "TZif2" + strings.Repeat("\x00", 15) + string(counts)
	}
	types := "\x00\x00\x0e\x10\x00\x00" + standard // an hour east of UTC
	data := header(1, len(standard)) + types + header(1, len(standard)) + types + "\n" + rule + "\n"
	loc, err := time.LoadLocationFromTZData("rule", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestShiftsEnd: on 31 December of a leap year, Time.ZoneBounds returns an end that has passed where the zone goes by its
// rule: from 2028 on with the database that Go embeds, from 2040 on with most zone files.
func TestShiftsEnd(t *testing.T) {
	for name, loc := range map[string]*time.Location{
		"by the rule alone": byRule(t, "CET-1CEST,M3.5.0,M10.5.0/3"), "of the database": zone(t, "Europe/Paris"),
	} {
		for year := 2026; year <= 2080; year++ {
			from := time.Date(year, 12, 31, 18, 0, 0, 0, loc)
			found := make(chan []schedules.Shift, 1)
			go func() { found <- schedules.Shifts(loc, from, from.AddDate(1, 0, 0)) }()
			select {
			case got := <-found:
				if len(got) != 2 || got[0].By != time.Hour || got[1].By != -time.Hour {
					t.Errorf("%s, the year after %d: %v", name, year, got)
				}
			case <-time.After(time.Minute):
				t.Fatalf("%s: it does not end on 31 December %d", name, year)
			}
		}
	}
}

func TestShifts(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	spring, autumn := instant(t, "2026-03-29T01:00:00Z"), instant(t, "2026-10-25T01:00:00Z")
	for name, test := range map[string]struct {
		from, to time.Time
		want     string
	}{
		"both of a year":           {spring.Add(-1), autumn.Add(1), "Sun 29 Mar 02:00 CET 03:00 CEST 1h, Sun 25 Oct 03:00 CEST 02:00 CET -1h"},
		"neither at the start":     {spring, autumn, ""},
		"of an empty range":        {autumn, autumn, ""},
		"of a range that ends ago": {autumn.Add(1), spring, ""},
	} {
		var got []string
		for _, s := range schedules.Shifts(paris, test.from, test.to) {
			by := strings.TrimSuffix(s.By.String(), "0m0s")
			got = append(got, s.Before.Format("Mon 2 Jan 15:04 MST ")+s.At.Format("15:04 MST ")+by)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestDayStart: midnight is skipped in Santiago, comes twice in Havana, and a whole date is missing in Apia.
func TestDayStart(t *testing.T) {
	for _, test := range []struct{ zone, date, want string }{
		{"Europe/Paris", "2026-12-18", "2026-12-18T00:00:00+01:00"},
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
	} {
		date, err := time.Parse(time.DateOnly, test.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := schedules.DayStart(schedules.DateOf(date, time.UTC), zone(t, test.zone)).Format(time.RFC3339); got != test.want {
			t.Errorf("%s of %s starts at %s, want %s", test.date, test.zone, got, test.want)
		}
	}
}
