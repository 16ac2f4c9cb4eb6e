package plan_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// calendar is what a strict reader of RFC 5545 sees: each VEVENT with its properties.
type calendar struct {
	properties map[string]string
	events     []map[string]string
}

// readCalendar refuses whatever RFC 5545 does.
func readCalendar(data []byte) (c calendar, err error) {
	lines, err := unfold(data)
	if err != nil {
		return c, err
	}
	c.properties = make(map[string]string)
	var within []string
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
			return c, fmt.Errorf("this is no content line: %q", line)
		}
		switch {
		case name == "BEGIN":
			if within = append(within, value); value == "VEVENT" {
				c.events = append(c.events, map[string]string{})
			}
		case name == "END":
			if len(within) == 0 || within[len(within)-1] != value {
				return c, fmt.Errorf("%s ends within %v", value, within)
			}
			within = within[:len(within)-1]
		case slices.Equal(within, []string{"VCALENDAR"}):
			c.properties[name] = value
		case slices.Contains(within, "VTIMEZONE"): // of an empty calendar
		case slices.Equal(within, []string{"VCALENDAR", "VEVENT"}):
			if _, twice := c.events[len(c.events)-1][name]; twice {
				return c, fmt.Errorf("%s comes twice", name)
			}
			c.events[len(c.events)-1][name] = value
		default:
			return c, fmt.Errorf("%q within %v", line, within)
		}
	}
	return c, nil
}

// unfold checks the lines and joins those that were folded.
func unfold(data []byte) (lines []string, err error) {
	text, ok := strings.CutSuffix(string(data), "\r\n")
	if !ok || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") {
		return nil, fmt.Errorf("lines do not end with CRLF")
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		switch {
		case len(line) > 75 || len(line) == 0:
			return nil, fmt.Errorf("a line has %d octets: %q", len(line), line)
		case !utf8.ValidString(line):
			return nil, fmt.Errorf("a character is torn apart: %q", line)
		case line[0] == ' ':
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// unescape reads a value of type TEXT and refuses what must have been escaped.
func unescape(t *testing.T, value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == ',' || c == ';' || c < ' ':
			t.Errorf("%q holds an unescaped %q", value, c)
		case c != '\\':
			b.WriteByte(c)
		default:
			i++
			switch value[i] {
			case 'n':
				b.WriteByte('\n')
			case '\\', ',', ';':
				b.WriteByte(value[i])
			default:
				t.Errorf("%q holds the escape \\%c", value, value[i])
			}
		}
	}
	return b.String()
}

func calendarOf(t *testing.T, p *plan.Plan) calendar {
	t.Helper()
	var b bytes.Buffer
	if err := p.ICS(&b); err != nil {
		t.Fatal(err)
	}
	c, err := readCalendar(b.Bytes())
	if err != nil {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	if c.properties["VERSION"] != "2.0" || c.properties["PRODID"] == "" {
		t.Errorf("the calendar has the properties %v", c.properties)
	}
	uids := make(map[string]bool)
	for _, event := range c.events {
		if event["UID"] == "" || uids[event["UID"]] {
			t.Errorf("the UID %q is empty or comes twice", event["UID"])
		}
		uids[event["UID"]] = true
		for _, name := range []string{"DTSTAMP", "DTSTART", "DTEND"} {
			if _, err := time.Parse("20060102T150405Z", event[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if event["DTEND"] <= event["DTSTART"] {
			t.Errorf("an event from %s ends at %s", event["DTSTART"], event["DTEND"])
		}
	}
	return c
}

func TestCalendarIsRead(t *testing.T) {
	c := calendarOf(t, night.plan(t))
	var got []string
	for _, event := range c.events {
		got = append(got, event["UID"]+" "+event["DTSTART"]+" "+event["DTEND"]+" "+unescape(t, event["SUMMARY"]))
	}
	want := []string{
		"prime-time.2026-12-18@floorkeeper.dev 20261218T182000Z 20261218T234800Z floorkeeper: window prime-time",
		"winter-sale.2026-12-18@floorkeeper.dev 20261218T062300Z 20261218T211800Z floorkeeper: window winter-sale",
		"winter-sale.2026-12-19@floorkeeper.dev 20261219T062300Z 20261219T211800Z floorkeeper: window winter-sale",
		"cup-final@floorkeeper.dev 20261218T181500Z 20261218T231700Z floorkeeper: event cup-final",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestCalendarWithHostileNames(t *testing.T) {
	c := calendarOf(t, hostile(t))
	if len(c.events) != 1 {
		t.Fatalf("there are %d events", len(c.events))
	}
	description := unescape(t, c.events[0]["DESCRIPTION"])
	if first, _, _ := strings.Cut(description, "\n"); !strings.HasPrefix(first, `a, b; c \ d, so long`) || !strings.HasSuffix(first, "日本語") {
		t.Errorf("the description begins with %q", first)
	}
	if lines := strings.Count(description, "\n"); lines != len(hostileNames)+1 {
		t.Errorf("the description has %d lines more than one:\n%s", lines, description)
	}
}

// TestCalendarOfAYear has one event for each night, over both changes of the clock.
func TestCalendarOfAYear(t *testing.T) {
	year := view{schedule: "shifts.schedule.yaml", zone: "UTC", from: "2026-01-01T12:00", span: 365 * day}
	c := calendarOf(t, year.plan(t))
	if len(c.events) != 3*365 {
		t.Errorf("there are %d events, want one for each of 365 nights and 3 windows", len(c.events))
	}
}

// TestUIDsAreStable asks at another time, for another range.
func TestUIDsAreStable(t *testing.T) {
	later := night
	later.from, later.now = "2026-12-18T21:00", ""
	before, after := calendarOf(t, night.plan(t)), calendarOf(t, later.plan(t))
	for _, event := range after.events[:1] {
		for _, name := range []string{"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"} {
			event[name] = before.events[0][name]
		}
		if diff := cmp.Diff(before.events[0], event); diff != "" {
			t.Errorf("the same opening (-before +after):\n%s", diff)
		}
	}
}

func TestSuspendedEntriesAreNotInTheCalendar(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	event := schedules.Event{Entry: schedules.Entry{Name: "e", Location: time.UTC, Suspend: true}, Start: at.Add(time.Hour), End: at.Add(2 * time.Hour), Multiplier: 2000}
	f := forecast.New(schedules.New(nil, []schedules.Event{event}), autoscaler.Scope{}, nil, at, at.Add(day))
	if c := calendarOf(t, forecastPlan(f, nil, time.UTC, at)); len(c.events) != 0 {
		t.Errorf("the calendar holds %v", c.events)
	}
}

func TestCalendarKeepsTheLinesOfADescription(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	event := schedules.Event{
		Entry: schedules.Entry{Name: "e", Location: time.UTC, Description: "France - Brazil\nsee the wiki\n"},
		Start: at.Add(time.Hour), End: at.Add(2 * time.Hour), Multiplier: 2000,
	}
	f := forecast.New(schedules.New(nil, []schedules.Event{event}), autoscaler.Scope{}, nil, at, at.Add(day))
	c := calendarOf(t, forecastPlan(f, nil, time.UTC, at))
	if got := unescape(t, c.events[0]["DESCRIPTION"]); !strings.HasPrefix(got, "France - Brazil\nsee the wiki\nThe full floor") {
		t.Errorf("the description is %q", got)
	}
}

// Samoa had no 30 December 2011: the window of that date begins at the same instant as that of the day before.
func TestCalendarWhereADayIsSkipped(t *testing.T) {
	apia, err := zones.Load("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	window := schedules.Window{
		Entry: schedules.Entry{Name: "w", Location: apia, Targets: []schedules.Target{{Namespace: "n", Amount: schedules.Amount{Replicas: 3}}}},
		Start: 10 * 3600, End: 12 * 3600,
	}
	from := time.Date(2011, 12, 28, 0, 0, 0, 0, apia)
	f := forecast.New(schedules.New([]schedules.Window{window}, nil), autoscaler.Scope{}, nil, from, from.Add(4*day))
	c := calendarOf(t, forecastPlan(f, nil, apia, from))
	uids := make(map[string]bool)
	for _, event := range c.events {
		uids[event["UID"]] = true
	}
	if len(uids) != len(c.events) || len(c.events) != 5 {
		t.Errorf("%d events with %d UIDs: %v", len(c.events), len(uids), c.events)
	}
}
