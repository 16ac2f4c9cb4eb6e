package schedules_test

import (
	"fmt"
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
	saturday := base(func(w *schedules.Window) {
		w.Name, w.Days, w.Targets = "saturday", []time.Weekday{time.Saturday}, all(14)
	})
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

		"a window that starts on another day, as none does on that": {windows: []schedules.Window{base(func(w *schedules.Window) { w.Days = []time.Weekday{time.Monday} })}, want: 30},
		"a window of other days of month, as none starts that day":  {windows: []schedules.Window{base(func(w *schedules.Window) { w.DaysOfMonth = []int{-1} })}, want: 30},
		"a window that pauses that day, as none starts on it": {windows: []schedules.Window{base(func(w *schedules.Window) {
			w.ExceptDates = []schedules.DateRange{{First: date(t, "2026-12-18"), Last: date(t, "2026-12-18")}}
		})}, want: 30},
		"times a window of the day, not a larger one of another day": {windows: []schedules.Window{plain, saturday}, want: 30},
		"whatever their order":                              {windows: []schedules.Window{saturday, plain}, want: 30},
		"the larger of the season, as none starts that day": {windows: []schedules.Window{saturday, base(func(w *schedules.Window) { w.Days = []time.Weekday{time.Monday} })}, want: 42},
		"a window of the day that gives nothing":            {windows: []schedules.Window{saturday, base(func(w *schedules.Window) { w.Targets = percent(1) })}, want: 3},
		"a month that admits the date":                      {windows: []schedules.Window{base(func(w *schedules.Window) { w.Months = []time.Month{time.December} })}, want: 30},
		"a month that does not":                             {windows: []schedules.Window{base(func(w *schedules.Window) { w.Months = []time.Month{time.November} })}, want: 0},
		"a first date on the day":                           {windows: []schedules.Window{base(func(w *schedules.Window) { w.FirstDate = dateOf(t, "2026-12-18") })}, want: 30},
		"a first date on the day after":                     {windows: []schedules.Window{base(func(w *schedules.Window) { w.FirstDate = dateOf(t, "2026-12-19") })}, want: 0},
		"a last date on the day":                            {windows: []schedules.Window{base(func(w *schedules.Window) { w.LastDate = dateOf(t, "2026-12-18") })}, want: 30},
		"a last date on the day before":                     {windows: []schedules.Window{base(func(w *schedules.Window) { w.LastDate = dateOf(t, "2026-12-17") })}, want: 0},
		"a suspended window does not count":                 {windows: []schedules.Window{base(func(w *schedules.Window) { w.Suspend = true })}, want: 0},
		"a window of another HPA neither":                   {windows: []schedules.Window{base(func(w *schedules.Window) { w.Targets = elsewhere })}, want: 0},
		"no window and no target":                           {want: 0},

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

// The window is named that gives the amount: one that is open during the event, where several give as much.
func TestMultiplied(t *testing.T) {
	named := func(name, start, end string, amount int32, days ...time.Weekday) schedules.Window {
		w := window(t, name, start, end, all(amount))
		w.Days = days
		return w
	}
	night := event(t, "night", "2026-12-18T20:00:00Z", "2026-12-18T22:00:00Z", 3000, nil) // a Friday
	for name, test := range map[string]struct {
		windows []schedules.Window
		want    string
	}{
		"no window":                 {nil, "baseline 2"},
		"open at its start":         {[]schedules.Window{named("evening", "19:00", "20:01", 10)}, "evening 10 starts open"},
		"opens before it ends":      {[]schedules.Window{named("late", "21:59", "23:00", 10)}, "late 10 starts open"},
		"opens as it ends":          {[]schedules.Window{named("late", "22:00", "23:00", 10)}, "late 10 starts"},
		"ends as it begins":         {[]schedules.Window{named("early", "19:00", "20:00", 10)}, "early 10 starts"},
		"as much, and open":         {[]schedules.Window{named("a", "08:00", "09:00", 10), named("b", "19:00", "23:00", 10)}, "b 10 starts open"},
		"as much, both open":        {[]schedules.Window{named("b", "19:00", "23:00", 10), named("a", "19:00", "23:00", 10)}, "a 10 starts open"},
		"more, and not open":        {[]schedules.Window{named("a", "08:00", "09:00", 11), named("b", "19:00", "23:00", 10)}, "a 11 starts"},
		"of another day":            {[]schedules.Window{named("saturday", "19:00", "23:00", 14, time.Saturday)}, "saturday 14"},
		"open since the day before": {[]schedules.Window{named("thursday", "19:00", "19:00", 14, time.Thursday), named("b", "08:00", "09:00", 10)}, "b 10 starts"},
	} {
		t.Run(name, func(t *testing.T) {
			m := schedules.New(test.windows, []schedules.Event{night}).Multiplied(&night, hpa)
			got := "baseline"
			if m.Window != nil {
				got = m.Window.Name
			}
			got += fmt.Sprint(" ", m.Amount)
			if m.Starts {
				got += " starts"
			}
			if m.Open {
				got += " open"
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
