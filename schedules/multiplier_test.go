package schedules_test

import (
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The event of these tables is on Friday 2026-12-18 from 20:00 to 22:00 UTC, with a multiplier of 3 unless it is given.
func TestMultipliers(t *testing.T) {
	base := func(change func(*schedules.Window)) schedules.Window {
		w := window(t, "base", "08:00", "09:00", all(10))
		change(&w)
		return w
	}
	plain := base(func(*schedules.Window) {})
	elsewhere := []schedules.Target{{Namespace: "other", Amount: schedules.Amount{Replicas: 10}}}
	here, there := []schedules.Target{{Namespace: "video"}}, []schedules.Target{{Namespace: "other"}}

	tests := map[string]struct {
		windows    []schedules.Window
		targets    []schedules.Target
		multiplier schedules.Ratio
		want       int32
	}{
		"times the amount of a window that is not open": {windows: []schedules.Window{plain}, want: 30},
		"rounded up":                                           {windows: []schedules.Window{plain}, multiplier: 1001, want: 11},
		"once is the amount itself":                            {windows: []schedules.Window{plain}, multiplier: 1000, want: 10},
		"at most what is legal":                                {windows: []schedules.Window{base(func(w *schedules.Window) { w.Targets = all(999_999) })}, multiplier: 1_000_000, want: 999_999},
		"times the largest amount of several windows":          {windows: []schedules.Window{plain, base(func(w *schedules.Window) { w.Name, w.Targets = "b", all(12) })}, want: 36},
		"times a percentage of the baseline, rounded up twice": {windows: []schedules.Window{base(func(w *schedules.Window) { w.Targets = percent(1250) })}, multiplier: 1500, want: 5}, // 2 -> 3 -> 5
		"times an amount below the baseline":                   {windows: []schedules.Window{base(func(w *schedules.Window) { w.Targets = all(1) })}, want: 3},

		"days do not matter":          {windows: []schedules.Window{base(func(w *schedules.Window) { w.Days = []time.Weekday{time.Monday} })}, want: 30},
		"days of month do not matter": {windows: []schedules.Window{base(func(w *schedules.Window) { w.DaysOfMonth = []int{-1} })}, want: 30},
		"dates of exception do not matter": {windows: []schedules.Window{base(func(w *schedules.Window) {
			w.ExceptDates = []schedules.DateRange{{First: date(t, "2026-12-18"), Last: date(t, "2026-12-18")}}
		})}, want: 30},
		"a month that admits the date":      {windows: []schedules.Window{base(func(w *schedules.Window) { w.Months = []time.Month{time.December} })}, want: 30},
		"a month that does not":             {windows: []schedules.Window{base(func(w *schedules.Window) { w.Months = []time.Month{time.November} })}, want: 0},
		"a first date on the day":           {windows: []schedules.Window{base(func(w *schedules.Window) { w.FirstDate = dateOf(t, "2026-12-18") })}, want: 30},
		"a first date on the day after":     {windows: []schedules.Window{base(func(w *schedules.Window) { w.FirstDate = dateOf(t, "2026-12-19") })}, want: 0},
		"a last date on the day":            {windows: []schedules.Window{base(func(w *schedules.Window) { w.LastDate = dateOf(t, "2026-12-18") })}, want: 30},
		"a last date on the day before":     {windows: []schedules.Window{base(func(w *schedules.Window) { w.LastDate = dateOf(t, "2026-12-17") })}, want: 0},
		"a suspended window does not count": {windows: []schedules.Window{base(func(w *schedules.Window) { w.Suspend = true })}, want: 0},
		"a window of another HPA neither":   {windows: []schedules.Window{base(func(w *schedules.Window) { w.Targets = elsewhere })}, want: 0},
		"no window and no target":           {want: 0},

		"with a target and a window":                      {windows: []schedules.Window{plain}, targets: here, want: 30},
		"with a target but no window, times the baseline": {targets: here, want: 6},
		"with a target and only a suspended window":       {windows: []schedules.Window{base(func(w *schedules.Window) { w.Suspend = true })}, targets: here, want: 6},
		"with a target and a window out of season":        {windows: []schedules.Window{base(func(w *schedules.Window) { w.Months = []time.Month{time.May} })}, targets: here, want: 6},
		"with a target that does not select the HPA":      {windows: []schedules.Window{plain}, targets: there, want: 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.multiplier == 0 {
				test.multiplier = 3000
			}
			night := event(t, "night", "2026-12-18T20:00:00Z", "2026-12-18T22:00:00Z", test.multiplier, test.targets)
			schedule := schedules.New(test.windows, []schedules.Event{night})
			if d := schedule.At(hpa, night.Start); d.Floor != test.want {
				t.Errorf("got %d, want %d", d.Floor, test.want)
			}
			if d := schedule.At(hpa, night.End); d.Floor != 0 {
				t.Errorf("got %d after the end, want 0", d.Floor)
			}
			night.Suspend = true
			if d := schedules.New(test.windows, []schedules.Event{night}).At(hpa, night.Start); d.Floor != 0 {
				t.Errorf("got %d while suspended, want 0", d.Floor)
			}
		})
	}
}

// Two events with multipliers at once: each is over the windows' amounts, never over the other.
func TestMultipliersDoNotCompound(t *testing.T) {
	base := window(t, "base", "19:00", "23:00", all(10))
	twice := event(t, "twice", "2026-12-18T20:00:00Z", "2026-12-18T22:00:00Z", 2000, nil)
	thrice := event(t, "thrice", "2026-12-18T20:00:00Z", "2026-12-18T21:00:00Z", 3000, nil)
	absolute := event(t, "absolute", "2026-12-18T20:00:00Z", "2026-12-18T22:00:00Z", 0, all(25))
	schedule := schedules.New([]schedules.Window{base}, []schedules.Event{twice, thrice, absolute})
	for at, want := range map[string]line{
		"2026-12-18T19:30:00Z": {Floor: 10, Because: "base"},
		"2026-12-18T20:30:00Z": {Floor: 30, Because: "thrice"},
		"2026-12-18T21:30:00Z": {Floor: 25, Because: "absolute"},
		"2026-12-18T22:30:00Z": {Floor: 10, Because: "base"},
	} {
		if d := schedule.At(hpa, instant(t, at)); d.Floor != want.Floor || d.Because != want.Because {
			t.Errorf("at %s: %d because of %s, want %d because of %s", at, d.Floor, d.Because, want.Floor, want.Because)
		}
	}
}

// The season of a window is asked for the event's own local date, though it is another day in UTC by then.
func TestTheEventsLocalDateDecides(t *testing.T) {
	base := window(t, "base", "08:00", "09:00", all(10))
	base.LastDate = dateOf(t, "2026-12-18")
	night := event(t, "night", "2026-12-19T01:00:00Z", "2026-12-19T02:00:00Z", 3000, nil)
	night.Location = zone(t, "America/New_York")
	night.StartDate = schedules.DateOf(night.Start, night.Location)
	schedule := schedules.New([]schedules.Window{base}, []schedules.Event{night})
	if d := schedule.At(hpa, night.Start); d.Floor != 30 {
		t.Errorf("got %d on the evening of the 18th in New York, want 30", d.Floor)
	}
}
