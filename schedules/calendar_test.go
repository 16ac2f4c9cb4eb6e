package schedules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestDatesOnWhichAWindowStarts(t *testing.T) {
	tests := map[string]struct {
		change   func(*schedules.Window)
		from, to string // midnights, UTC
		want     []string
	}{
		"every day by default": {
			func(*schedules.Window) {}, "2026-12-30", "2027-01-02",
			[]string{"2026-12-30", "2026-12-31", "2027-01-01"},
		},
		"the last day of each month": {
			func(w *schedules.Window) { w.DaysOfMonth = []int{-1} }, "2028-01-01", "2028-06-01",
			[]string{"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"},
		},
		"the 31st only where there is one": {
			func(w *schedules.Window) { w.DaysOfMonth = []int{31} }, "2026-01-01", "2026-08-01",
			[]string{"2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"},
		},
		"31 days from the end, the first of long months": {
			func(w *schedules.Window) { w.DaysOfMonth = []int{-31} }, "2026-01-01", "2026-06-01",
			[]string{"2026-01-01", "2026-03-01", "2026-05-01"},
		},
		"one date, counted from both ends, is one": {
			func(w *schedules.Window) { w.DaysOfMonth = []int{28, -1} }, "2026-02-01", "2026-03-02", []string{"2026-02-28"},
		},
		"29 February, over 1900 and 2100 that have none": {
			func(w *schedules.Window) { w.DaysOfMonth, w.Months = []int{29}, []time.Month{time.February} },
			"2095-01-01", "2109-01-01",
			[]string{"2096-02-29", "2104-02-29", "2108-02-29"},
		},
		"29 February on a Tuesday: the wait of 40 years": {
			func(w *schedules.Window) {
				w.DaysOfMonth, w.Months = []int{29}, []time.Month{time.February}
				w.Days = []time.Weekday{time.Tuesday}
			},
			"2084-01-01", "2125-01-01",
			[]string{"2084-02-29", "2124-02-29"},
		},
		"30 February never": {
			func(w *schedules.Window) { w.DaysOfMonth, w.Months = []int{30}, []time.Month{time.February} },
			"2026-01-01", "2030-01-01", nil,
		},
		"Friday the 13th: conditions are joined by and": {
			func(w *schedules.Window) { w.DaysOfMonth, w.Days = []int{13}, []time.Weekday{time.Friday} },
			"2026-01-01", "2027-01-01",
			[]string{"2026-02-13", "2026-03-13", "2026-11-13"},
		},
		"weekdays of one month": {
			func(w *schedules.Window) {
				w.Days, w.Months = []time.Weekday{time.Saturday, time.Sunday}, []time.Month{time.August}
			},
			"2026-01-01", "2027-01-01",
			[]string{
				"2026-08-01", "2026-08-02", "2026-08-08", "2026-08-09", "2026-08-15", "2026-08-16", "2026-08-22",
				"2026-08-23", "2026-08-29", "2026-08-30",
			},
		},
		"first and last date are included": {
			func(w *schedules.Window) {
				w.FirstDate, w.LastDate = dateOf(t, "2026-02-27"), dateOf(t, "2026-03-01")
			},
			"2026-01-01", "2027-01-01",
			[]string{"2026-02-27", "2026-02-28", "2026-03-01"},
		},
		"a first date far ahead": {
			func(w *schedules.Window) { w.FirstDate = dateOf(t, "2099-12-31") }, "2026-01-01", "2100-01-02",
			[]string{"2099-12-31", "2100-01-01"},
		},
		"exceptions are taken out, both ends included": {
			func(w *schedules.Window) {
				w.ExceptDates = []schedules.DateRange{
					{First: date(t, "2026-12-25"), Last: date(t, "2026-12-25")},
					{First: date(t, "2026-12-27"), Last: date(t, "2027-01-01")},
				}
			},
			"2026-12-24", "2027-01-04",
			[]string{"2026-12-24", "2026-12-26", "2027-01-02", "2027-01-03"},
		},
		"an exception longer than any wait ends": {
			func(w *schedules.Window) {
				w.ExceptDates = []schedules.DateRange{{First: date(t, "2026-01-01"), Last: date(t, "2099-12-30")}}
			},
			"2026-01-01", "2100-01-01",
			[]string{"2099-12-31"},
		},
		"excepted leap days are waited for one by one": {
			func(w *schedules.Window) {
				w.DaysOfMonth, w.Months, w.Days = []int{29}, []time.Month{time.February}, []time.Weekday{time.Tuesday}
				w.ExceptDates = []schedules.DateRange{{First: date(t, "2056-02-29"), Last: date(t, "2056-02-29")}}
			},
			"2028-03-01", "2090-01-01",
			[]string{"2084-02-29"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := window(t, "w", "10:00", "11:00", all(5))
			test.change(&w)
			got := opens(t, w, test.from+"T00:00:00Z", test.to+"T00:00:00Z")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The conditions are on the local date of the start as it is written: a Sunday that lasts until Monday is a Sunday.
func TestConditionsAreOnTheLocalDateOfTheStart(t *testing.T) {
	tests := map[string]struct {
		zone, start, end string
		change           func(*schedules.Window)
		from, to         string // of the only span
	}{
		"over midnight": {
			"Europe/Paris", "23:00", "01:00", func(w *schedules.Window) { w.Days = []time.Weekday{time.Sunday} },
			"2026-11-22T23:00:00+01:00", "2026-11-23T01:00:00+01:00",
		},
		"a Sunday that is still Saturday in UTC": {
			"Pacific/Auckland", "08:00", "09:00", func(w *schedules.Window) { w.Days = []time.Weekday{time.Sunday} },
			"2026-11-22T08:00:00+13:00", "2026-11-22T09:00:00+13:00",
		},
		"a Sunday that is already Monday in UTC": {
			"America/Los_Angeles", "20:00", "24:00", func(w *schedules.Window) { w.Days = []time.Weekday{time.Sunday} },
			"2026-11-22T20:00:00-08:00", "2026-11-23T00:00:00-08:00",
		},
		"the last date's span runs over several days": {
			"UTC", "20:00", "", func(w *schedules.Window) {
				w.Duration, w.DaysOfMonth = 5*24*time.Hour, []int{-9} // the 22nd of 30
			},
			"2026-11-22T20:00:00Z", "2026-11-27T20:00:00Z",
		},
		"a month's last night ends in the next month": {
			"UTC", "20:00", "06:00", func(w *schedules.Window) {
				w.DaysOfMonth, w.Months = []int{-1}, []time.Month{time.November}
			},
			"2026-11-30T20:00:00Z", "2026-12-01T06:00:00Z",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := schedules.Window{
				Entry: schedules.Entry{Name: "w", Location: zone(t, test.zone), Targets: all(7)}, Start: clock(t, test.start),
				FirstDate: dateOf(t, "2026-11-20"), LastDate: dateOf(t, "2026-11-30"),
			}
			test.change(&w)
			if w.Duration == 0 {
				w.End = clock(t, test.end)
			}
			from, to := instant(t, test.from), instant(t, test.to)
			schedule := schedules.New([]schedules.Window{w}, nil)
			for at, want := range map[time.Time]int32{
				from.Add(-1): 0, from: 7, from.Add(to.Sub(from) / 2): 7, to.Add(-1): 7, to: 0,
			} {
				if d := schedule.At(hpa, at); d.Floor != want {
					t.Errorf("at %s: %d, want %d", text(at), d.Floor, want)
				}
			}
			if d := schedule.At(hpa, from); !d.Since.Equal(from) || !d.Until.Equal(to) {
				t.Errorf("open over [%s, %s), want [%s, %s)", d.Since, d.Until, test.from, test.to)
			}
		})
	}
}

// A lead reaches back into the day before the date that the conditions admit.
func TestALeadBelongsToTheDateOfTheStart(t *testing.T) {
	w := window(t, "w", "00:05", "01:00", all(5))
	w.Days, w.LeadTime = []time.Weekday{time.Monday}, 10*time.Minute
	schedule := schedules.New([]schedules.Window{w}, nil)
	want := []line{
		{"11-22 00:00:00", 0, "", ""}, {"11-22 23:55:00", 5, "w", "11-23 01:00:00"}, {"11-23 01:00:00", 0, "", ""},
	}
	if diff := cmp.Diff(want, lines(t, schedule, hpa, "2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]time.Weekday{
		"1900-02-28": time.Wednesday, "1969-12-31": time.Wednesday, "1970-01-01": time.Thursday,
		"2024-02-29": time.Thursday, "2026-11-22": time.Sunday, "9999-12-31": time.Friday,
	} {
		d := date(t, text)
		if d.Weekday() != want || d.String() != text {
			t.Errorf("%s: got %s, a %s, want a %s", text, d, d.Weekday(), want)
		}
		if year, month, day := d.Civil(); schedules.NewDate(year, month, day) != d {
			t.Errorf("%s does not survive being taken apart", text)
		}
	}
	if got := schedules.DateOf(instant(t, "2026-11-22T23:30:00Z"), zone(t, "Europe/Paris")).String(); got != "2026-11-23" {
		t.Errorf("half an hour past midnight in Paris is on %s, want 2026-11-23", got)
	}
}
