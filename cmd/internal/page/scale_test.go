package page

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/zones"
)

// TestHoursOf knows the days on which clocks change, at whatever hour, and one that there was none of.
func TestHoursOf(t *testing.T) {
	for name, test := range map[string]struct {
		zone, noon string
		want       float64
	}{
		"an ordinary day":                 {"Europe/Paris", "2026-12-18T12:00:00Z", 24},
		"forward at two":                  {"Europe/Paris", "2026-03-29T12:00:00Z", 23},
		"back at three":                   {"Europe/Paris", "2026-10-25T12:00:00Z", 25},
		"forward at midnight":             {"America/Santiago", "2026-09-06T15:00:00Z", 23},
		"back at midnight":                {"America/Santiago", "2026-04-04T15:00:00Z", 25},
		"back at one, to midnight":        {"America/Havana", "2025-11-02T15:00:00Z", 25},
		"by half an hour":                 {"Australia/Lord_Howe", "2026-04-05T02:00:00Z", 24.5},
		"before a day that was left out":  {"Pacific/Apia", "2011-12-29T20:00:00Z", 24},
		"in a zone a quarter off an hour": {"Asia/Kathmandu", "2026-12-18T12:00:00Z", 24},
	} {
		zone, err := zones.Load(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		noon, err := time.Parse(time.RFC3339, test.noon)
		if err != nil {
			t.Fatal(err)
		}
		if got := hoursOf(noon.In(zone)); got != test.want {
			t.Errorf("%s: %v hours, want %v", name, got, test.want)
		}
	}
}

// TestTicks counts the hours of days on which the clock changes: each has a tick at every full hour that it shows.
func TestTicks(t *testing.T) {
	for day, want := range map[string]int{"2026-03-29": 23, "2026-10-25": 25, "2026-12-18": 24} {
		zone, err := zones.Load("Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.ParseInLocation(time.DateOnly, day, zone)
		if err != nil {
			t.Fatal(err)
		}
		s := scale{from, from.AddDate(0, 0, 1), zone}
		if got := len(s.ticks(s.smallest())); got != want {
			t.Errorf("%s has %d ticks, want %d", day, got, want)
		}
	}
}

func TestLasting(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"59 s": 59 * time.Second, "59 min": 59*time.Minute + 59*time.Second, "2 h 45 min": 165 * time.Minute, "3 h": 3 * time.Hour, "2 days 1 h": 49 * time.Hour,
	} {
		if got := lasting(d); got != want {
			t.Errorf("%s is told as %q, want %q", d, got, want)
		}
	}
}
