package schedules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// This file holds how the tables write down windows, events and what they expect.

var hpa = schedules.HPA{Namespace: "video", Name: "images", Labels: map[string]string{"app": "images"}, Baseline: 2}

// all returns one target that selects every HPA of the namespace of the tables.
func all(replicas int32) []schedules.Target {
	return []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: replicas}}}
}

// percent returns one target that asks for thousandths of the baseline.
func percent(thousandths schedules.Ratio) []schedules.Target {
	return []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Ratio: thousandths}}}
}

func date(tb rapid.TB, text string) schedules.Date {
	tb.Helper()
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		tb.Fatal(err)
	}
	return schedules.NewDate(t.Date())
}

func dateOf(tb rapid.TB, text string) *schedules.Date {
	tb.Helper()
	d := date(tb, text)
	return &d
}

// clock reads HH:MM or HH:MM:SS, 24:00 included.
func clock(tb rapid.TB, text string) schedules.Clock {
	tb.Helper()
	if strings.Count(text, ":") == 1 {
		text += ":00"
	}
	if text == "24:00:00" {
		return schedules.EndOfDay
	}
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil {
		tb.Fatal(err)
	}
	return schedules.ClockOf(t)
}

// window returns a daily window in UTC.
func window(tb rapid.TB, name, start, end string, targets []schedules.Target) schedules.Window {
	tb.Helper()
	return schedules.Window{
		Entry: schedules.Entry{Name: name, Location: time.UTC, Targets: targets},
		Start: clock(tb, start), End: clock(tb, end),
	}
}

// event returns an event in UTC; with a multiplier of 0 its targets have the amounts.
func event(tb rapid.TB, name, start, end string, multiplier schedules.Ratio, targets []schedules.Target) schedules.Event {
	tb.Helper()
	from := instant(tb, start)
	return schedules.Event{
		Entry: schedules.Entry{Name: name, Location: time.UTC, Targets: targets},
		Start: from, End: instant(tb, end), StartDate: schedules.NewDate(from.Date()), Multiplier: multiplier,
	}
}

// line is one segment of a timeline, as the tables write it.
type line struct {
	From    string
	Floor   int32
	Because string
	Until   string
}

const short = "01-02 15:04:05"

// lines returns the timeline of the HPA over two instants.
func lines(tb testing.TB, s *schedules.Schedule, hpa schedules.HPA, from, to string) []line {
	tb.Helper()
	var got []line
	for segment := range s.Timeline(hpa, instant(tb, from), instant(tb, to)) {
		l := line{From: segment.From.UTC().Format(short), Floor: segment.Floor, Because: segment.Because}
		if segment.Floor > 0 {
			l.Until = segment.Until.UTC().Format(short)
		}
		got = append(got, l)
	}
	return got
}

// opens returns the UTC dates on which the window opens within [from, to).
func opens(tb testing.TB, w schedules.Window, from, to string) []string {
	tb.Helper()
	var dates []string
	for s := range schedules.New([]schedules.Window{w}, nil).Timeline(hpa, instant(tb, from), instant(tb, to)) {
		if s.Floor > 0 {
			dates = append(dates, s.Since.UTC().Format(time.DateOnly))
		}
	}
	return slices.Compact(dates)
}
