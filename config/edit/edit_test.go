package edit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// added is an event that is older than all others.
func added() edit.Event {
	return edit.Event{
		Name: "added", Description: "It was: \"loud\"", TimeZone: "America/New_York", Start: "2020-02-01T20:00", End: "2020-02-01T23:59",
		LeadTime: "45m", RampUp: "10m", RampDown: "1h", Suspend: true,
		Targets: []edit.Target{{Namespace: "a", Name: "b", MinReplicas: "25"}, {Selector: "a=b,c in (d,e)", MinReplicas: "150%"}},
	}
}

// wanted is what added means.
func wanted(t rapid.TB) string {
	file := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nevents:\n- {name: added, description: 'It was: \"loud\"', " +
		"timeZone: America/New_York, start: 2020-02-01T20:00, end: 2020-02-01T23:59, leadTime: 45m, rampUp: 10m, rampDown: 1h, " +
		"suspend: true, targets: [{namespace: a, name: b, minReplicas: 25}, {selector: {matchLabels: {a: b}, " +
		"matchExpressions: [{key: c, operator: In, values: [d, e]}]}, minReplicas: 150%}]}\n"
	_, events := said(t, file)
	return events[0]
}

// said returns windows and events of a file in words. An end of line at the end of a text is left out: where it is the
// end of the file, it may be missing.
func said(t rapid.TB, text string) (windows string, events []string) {
	schedule, err := config.Parse(source.File{Name: "f", Data: []byte(text)})
	if err != nil {
		t.Fatalf("not valid: %v\n%s", err, text)
	}
	for _, e := range schedule.Events() {
		e.Description = strings.TrimRight(e.Description, "\n")
		events = append(events, fmt.Sprintf("%s %s %s %d %s %+v", e.Location, e.Start, e.End, e.StartDate, e.Multiplier, entryOf(&e.Entry)))
	}
	return fmt.Sprintf("%+v", schedule.Windows()), events
}

func entryOf(e *schedules.Entry) schedules.Entry {
	entry := *e
	entry.Location = nil
	return entry
}

func drawEvents(t *rapid.T) []event {
	var events []event
	for i := range rapid.IntRange(0, 4).Draw(t, "events") {
		events = append(events, event{name: fmt.Sprint("e", i), old: rapid.Bool().Draw(t, "old")})
	}
	return events
}

// However a file is written: an event that is added is there, nothing else is different, no line is gone, and when it
// is removed again, the file is what it was, byte for byte.
func TestAddAndPruneGiveTheFileBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := newPage(t).schedule(drawEvents(t))
		windows, events := said(t, before)
		change, err := edit.AddEvent(source.File{Name: "f", Data: []byte(before)}, added(), time.Time{})
		if err != nil {
			t.Fatalf("%v\n%s", err, before)
		}
		after := string(change.After.Data)
		gotWindows, gotEvents := said(t, after)
		if diff := cmp.Diff(append(events, wanted(t)), gotEvents); diff != "" || gotWindows != windows {
			t.Fatalf("the schedule is another (-want +got): %s\n%s", diff, after)
		}
		if strings.Contains(before, "\r\n") != (strings.Count(after, "\n") == strings.Count(after, "\r\n") && strings.Contains(after, "\n")) {
			t.Fatalf("ends of lines are mixed:\n%q", after)
		}
		pruned, err := edit.PruneEvents(change.After, time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%v\n%s", err, after)
		}
		back := string(pruned.After.Data)
		if !strings.Contains(before, "events:") {
			back = withoutEvents(t, back, before)
		}
		if diff := cmp.Diff(before, back); diff != "" {
			t.Fatalf("(-before +after both):\n%s\nin between:\n%s", diff, after)
		}
	})
}

// withoutEvents returns the file without the line events: [], which stays where the field was not there before, and
// without the empty line above it if that is new.
func withoutEvents(t rapid.TB, text, before string) string {
	eol := "\n"
	if strings.Contains(before, "\r\n") {
		eol = "\r\n"
	}
	head, tail, ok := strings.Cut(text+eol, "events: []"+eol)
	if !ok {
		t.Fatalf("events: [] is missing:\n%s", text)
	}
	for _, head := range []string{head, strings.TrimSuffix(head, eol)} {
		if strings.TrimSuffix(head+tail, eol) == before {
			return before
		}
	}
	return head + tail
}

// However a file is written: events that are old go with the comments directly above them, and all other lines stay.
func TestPruneRemovesWhatIsOldAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawEvents(t)
		before := newPage(t).schedule(drawn)
		windows, events := said(t, before)
		change, err := edit.PruneEvents(source.File{Name: "f", Data: []byte(before)}, time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%v\n%s", err, before)
		}
		var want []string
		for i, e := range drawn {
			if !e.old {
				want = append(want, events[i])
			}
		}
		after := string(change.After.Data)
		gotWindows, got := said(t, after)
		if diff := cmp.Diff(want, got); diff != "" || gotWindows != windows {
			t.Fatalf("the schedule is another (-want +got): %s\n%s", diff, after)
		}
		if strings.Count(before, "stays") != strings.Count(after, "stays") || strings.Contains(after, "goes") {
			t.Fatalf("comments are lost, or left:\n%s\nbefore:\n%s", after, before)
		}
		if len(want) == len(drawn) && before != after {
			t.Fatalf("nothing was old, and it changed:\n%s", after)
		}
		lines := slices.Collect(strings.Lines(before))
		for line := range strings.Lines(after) {
			i := slices.IndexFunc(lines, func(old string) bool { return strings.TrimSpace(old) == strings.TrimSpace(line) })
			if i < 0 && !strings.Contains(line, "events:") && !strings.Contains(line, "{name") {
				t.Fatalf("the line %q is new:\n%s\nbefore:\n%s", line, after, before)
			}
			lines = lines[max(i, 0):]
		}
	})
}

// An event that starts now starts in this minute, also when clocks show it twice or the zone has an offset of its own.
func TestAnEventStartsNow(t *testing.T) {
	for sentence, c := range map[string]struct{ now, zone, want string }{
		"on the wall clock":                    {"2026-07-01T18:15:42Z", "Europe/Paris", "2026-07-01T20:15"},
		"in the first hour that comes twice":   {"2026-10-25T00:30:59Z", "Europe/Paris", "2026-10-25T02:30"},
		"in the second hour that comes twice":  {"2026-10-25T01:30:00Z", "Europe/Paris", "2026-10-25T02:30:00+01:00"},
		"behind the hour that is skipped":      {"2026-03-29T01:30:00Z", "Europe/Paris", "2026-03-29T03:30"},
		"in the second half hour, comes twice": {"2026-04-04T15:15:00Z", "Australia/Lord_Howe", "2026-04-05T01:45:00+10:30"},
		"in UTC":                               {"2026-10-25T01:30:00Z", "UTC", "2026-10-25T01:30"},
	} {
		t.Run(sentence, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			for _, own := range []bool{true, false} {
				file := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nevents: []\n"
				event := edit.Event{Name: "e", Start: "now", Duration: "1h", Multiplier: "2"}
				if own {
					event.TimeZone = c.zone
				} else {
					file += "timeZone: " + c.zone + "\n"
				}
				change, err := edit.AddEvent(source.File{Name: "f", Data: []byte(file)}, event, now)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(change.After.Data), "start: \""+c.want+"\"\n") {
					t.Errorf("want %s:\n%s", c.want, change.After.Data)
				}
				if start := change.Events[0].Start; !start.Equal(now.Truncate(time.Minute)) {
					t.Errorf("it starts at %s", start)
				}
			}
		})
	}
}

// An edit is refused if what it gives differs in anything from what was wanted.
func TestSchedulesThatDifferAreNotTheSame(t *testing.T) {
	const text = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\nleadTime: 1m\nwindows:\n" +
		"- {name: w, days: [mon], daysOfMonth: [1], months: [jan], exceptDates: [2026-01-02], firstDate: 2026-01-01,\n" +
		"   lastDate: 2099-01-02, start: 10:00, end: 11:00, targets: [{namespace: n, minReplicas: 5}]}\n" +
		"events:\n- {name: e, start: 2026-01-01T10:00, end: 2026-01-01T11:00, targets: [{selector: {matchLabels: {a: b}}, minReplicas: 150%}]}\n" +
		"- {name: f, description: d, start: 2026-01-01T10:00, duration: 5h, rampUp: 2m, multiplier: 3}\n"
	read := func(text string) *schedules.Schedule {
		schedule, err := config.Parse(source.File{Name: "f", Data: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		return schedule
	}
	if !edit.SameSchedule(read(text), read(text+"# a comment\n")) {
		t.Error("a comment makes a difference")
	}
	for _, altered := range [][2]string{
		{"Europe/Paris", "Europe/Berlin"},
		{"leadTime: 1m", "leadTime: 2m"},
		{"rampUp: 2m", "rampDown: 2m"},
		{"[mon]", "[tue]"},
		{"[1]", "[2]"},
		{"[jan]", "[jan, feb]"},
		{"2026-01-02", "2026-01-03"},
		{"firstDate: 2026", "firstDate: 2025"},
		{"2099", "2098"},
		{"start: 10:00", "start: 09:00"},
		{"end: 11:00", "end: 12:00"},
		{"minReplicas: 5}", "minReplicas: 6}"},
		{"150%", "160%"},
		{"a: b", "a: c"},
		{"{selector", "{namespace: n, selector"},
		{"name: e", "name: g"},
		{"description: d", "description: x"},
		{"T11:00", "T11:01"},
		{"5h", "6h"},
		{"multiplier: 3", "multiplier: 3.001"},
		{"multiplier: 3", "multiplier: 3, suspend: true"},
		{"- {name: f", "- {name: g, start: 2026-01-01T10:00, duration: 5h, multiplier: 3}\n- {name: f"},
	} {
		if other := strings.Replace(text, altered[0], altered[1], 1); other == text || edit.SameSchedule(read(text), read(other)) {
			t.Errorf("%q for %q makes no difference", altered[1], altered[0])
		}
	}
}
