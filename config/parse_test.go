package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

const examples = "../schedules/examples"

// comparing compares locations by name and selectors by their text.
func comparing() cmp.Options {
	return cmp.Options{
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
		cmp.Comparer(func(a, b labels.Selector) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
		cmpopts.EquateEmpty(),
	}
}

// parse reads and parses a file or a directory.
func parse(path string) (*schedules.Schedule, error) {
	files, err := config.Read(path)
	if err != nil {
		return nil, err
	}
	return config.Parse(files...)
}

func load(t *testing.T, path string) *schedules.Schedule {
	t.Helper()
	schedule, err := parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := zones.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func selector(t *testing.T, text string) labels.Selector {
	t.Helper()
	s, err := labels.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func date(year int, month time.Month, day int) schedules.Date {
	return schedules.NewDate(year, month, day)
}

func on(year int, month time.Month, day int) *schedules.Date {
	d := date(year, month, day)
	return &d
}

func utc(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestExampleHoldsEveryField(t *testing.T) {
	paris := location(t, "Europe/Paris")
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	entry := func(e schedules.Entry) schedules.Entry {
		if e.Location == nil {
			e.Location = paris
		}
		if e.LeadTime == 0 {
			e.LeadTime = 10 * time.Minute
		}
		e.RampDown = 20 * time.Minute
		return e
	}
	wantWindows := []schedules.Window{{
		Entry: entry(schedules.Entry{
			Name: "prime-time", Description: "The evening, when most people watch",
			Targets: []schedules.Target{
				{Namespace: "video", Name: "images", Amount: schedules.Amount{Replicas: 25}},
				{Selector: selector(t, "prescale=front"), Amount: schedules.Amount{Ratio: 1500}},
			},
		}),
		Days: append(weekdays, time.Sunday),
		ExceptDates: []schedules.DateRange{
			{First: date(2026, 12, 24), Last: date(2026, 12, 24)},
			{First: date(2026, 12, 25), Last: date(2026, 12, 25), Holidays: "france"},
			{First: date(2026, 12, 31), Last: date(2027, 1, 1), Holidays: "france"},
		},
		Start: 19*3600 + 30*60, End: 30 * 60,
	}, {
		Entry: entry(schedules.Entry{
			Name: "month-end-billing", Location: time.UTC,
			Targets: []schedules.Target{{Namespace: "billing", Amount: schedules.Amount{Replicas: 12}}},
		}),
		DaysOfMonth: []int{-1}, Start: 22 * 3600, Duration: 8 * time.Hour,
	}, {
		Entry: entry(schedules.Entry{
			Name: "winter-sale", RampUp: 30 * time.Minute,
			Targets: []schedules.Target{{
				Namespace: "shop", Selector: selector(t, "!canary,tier in (checkout,web)"),
				Amount: schedules.Amount{Replicas: 12},
			}},
		}),
		OnlyDates: []schedules.DateRange{
			{First: date(2026, 11, 27), Last: date(2026, 11, 27), Holidays: "sales"},
			{First: date(2027, 1, 6), Last: date(2027, 1, 19), Holidays: "sales"},
		},
		Months:    []time.Month{time.November, time.December, time.January},
		FirstDate: on(2026, 11, 27), LastDate: on(2027, 1, 31), Start: 8 * 3600, End: 22 * 3600,
	}}
	wantEvents := []schedules.Event{{
		Entry: entry(schedules.Entry{
			Name: "cup-final", Description: "Four million viewers expected", LeadTime: 45 * time.Minute,
		}),
		Start: utc("2026-12-18T19:00:00Z"), End: utc("2026-12-18T22:59:00Z"),
		StartDate: date(2026, 12, 18), Multiplier: 3000,
		StartWall: &schedules.Wall{Date: date(2026, 12, 18), Clock: 20 * 3600},
		EndWall:   &schedules.Wall{Date: date(2026, 12, 18), Clock: 23*3600 + 59*60},
	}, {
		Entry: entry(schedules.Entry{
			Name: "load-test", Suspend: true,
			Targets: []schedules.Target{{Namespace: "staging", Name: "api", Amount: schedules.Amount{Replicas: 20}}},
		}),
		Start: utc("2026-12-02T09:00:00Z"), End: utc("2026-12-02T11:00:00Z"), StartDate: date(2026, 12, 2),
	}}
	got := load(t, filepath.Join(examples, "complete.yaml"))
	if diff := cmp.Diff(wantWindows, got.Windows(), comparing()); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantEvents, got.Events(), comparing()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestExamplesAreValidAloneAndTogether(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(paths) < 5 {
		t.Fatalf("found %d examples, %v; want 5 or more", len(paths), err)
	}
	for _, path := range append(paths, examples) {
		load(t, path)
	}
}

func TestLimits(t *testing.T) {
	got := load(t, "testdata/valid/limits.yaml")
	const fullDay = 24 * time.Hour
	wantWindow := schedules.Window{
		Entry: schedules.Entry{
			Name:     "a23456789-123456789-123456789-123456789-123456789-123456789-123",
			Location: location(t, "Australia/Lord_Howe"), LeadTime: fullDay - time.Second, RampDown: fullDay,
			Targets: []schedules.Target{
				{Namespace: "0", Name: "a.b-c.d", Amount: schedules.Amount{Replicas: 1}},
				{Namespace: "x", Amount: schedules.Amount{Replicas: 999_999}},
				{Namespace: "x", Selector: selector(t, "example.com/A_b.c="), Amount: schedules.Amount{Ratio: 1001}},
				{Selector: selector(t, "k"), Amount: schedules.Amount{Ratio: 1_000_000}},
			},
		},
		Days:        []time.Weekday{time.Friday, time.Saturday, time.Sunday, time.Monday, time.Wednesday},
		DaysOfMonth: []int{1, 31, -1, -31},
		Months:      []time.Month{time.November, time.December, time.January, time.February, time.July},
		FirstDate:   on(2024, 2, 29), LastDate: on(2024, 12, 31),
		End: schedules.EndOfDay,
	}
	if diff := cmp.Diff(wantWindow, got.Windows()[0], comparing()); diff != "" {
		t.Errorf("window (-want +got):\n%s", diff)
	}
	if d := got.Windows()[1].Duration; d != 7*fullDay {
		t.Errorf("duration is %s, want 7 days", d)
	}
	type event struct {
		Start, End time.Time
		StartDate  string
		Multiplier schedules.Ratio
	}
	want := []event{
		{utc("2026-01-01T12:00:00Z"), utc("2026-01-01T12:00:01Z"), "2026-01-01", 1000},
		{utc("2025-12-31T10:00:00Z"), utc("2026-01-01T10:00:00Z"), "2026-01-01", 1_000_000},
		{utc("2026-01-01T00:00:00Z"), utc("2026-01-02T01:00:00Z"), "2026-01-01", 1001},
		{utc("2026-01-01T23:00:00Z"), utc("2026-01-03T00:30:00Z"), "2026-01-02", 2500},
	}
	var events []event
	for _, e := range got.Events() {
		events = append(events, event{e.Start, e.End, e.StartDate.String(), e.Multiplier})
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestMergeKeys(t *testing.T) {
	got := load(t, "testdata/valid/merge-keys.yaml")
	type window struct {
		Name       string
		Suspend    bool
		Lead       time.Duration
		Start, End schedules.Clock
		Targets    string
	}
	want := []window{
		{"base", true, 5 * time.Minute, 36000, 39600, "shop/web 4"},
		{"late", false, 5 * time.Minute, 36000, 43200, "shop/web 4"},
		{"both", false, time.Minute, 32400, 43200, "shop/web 4, shop/checkout 4, / tier=c,zone=b 0"},
	}
	var windows []window
	for _, w := range got.Windows() {
		var targets []string
		for _, target := range w.Targets {
			text := target.Namespace + "/" + target.Name
			if target.Selector != nil {
				text += " " + target.Selector.String()
			}
			targets = append(targets, fmt.Sprint(text, " ", target.Amount.Replicas))
		}
		windows = append(windows, window{w.Name, w.Suspend, w.LeadTime, w.Start, w.End, strings.Join(targets, ", ")})
	}
	if diff := cmp.Diff(want, windows); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	if n := len(got.Events()[0].Targets); n != 1 {
		t.Errorf("the event has %d targets, want the one of its alias", n)
	}
}

func TestEventsTakeTheWiderReadingOfAClockShift(t *testing.T) {
	want := map[string]time.Duration{"gap": 75 * time.Minute, "twice": 75 * time.Minute, "offset": time.Hour}
	for _, event := range load(t, "testdata/valid/clock-shifts.yaml").Events() {
		if got := event.End.Sub(event.Start); got != want[event.Name] {
			t.Errorf("%s takes %s, want %s", event.Name, got, want[event.Name])
		}
	}
}

func TestValidFiles(t *testing.T) {
	for name, want := range map[string][2]int{
		"crlf-and-byte-order-mark": {1, 0}, "merge-keys": {3, 1}, "limits": {2, 4}, "clock-shifts": {0, 3}, "no-windows": {0, 0},
	} {
		got := load(t, filepath.Join("testdata/valid", name+".yaml"))
		if counts := [2]int{len(got.Windows()), len(got.Events())}; counts != want {
			t.Errorf("%s has %v windows and events, want %v", name, counts, want)
		}
	}
}

// window returns a schedule of one window with a field more, or another value for one.
func window(field, value string) source.File {
	fields := map[string]string{
		"name": "w", "timeZone": "UTC", "start": "10:00", "end": "11:00", "targets": "[{namespace: n, minReplicas: 5}]",
	}
	if field == "duration" {
		delete(fields, "end")
	}
	fields[field] = value
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindows:\n  -\n"
	for name, value := range fields {
		text += "    " + name + ": " + value + "\n"
	}
	return source.File{Name: "schedule.yaml", Data: []byte(text)}
}

func TestValuesOfFields(t *testing.T) {
	for sentence, c := range map[string]struct {
		field, value string
		rule         string // "" is valid
	}{
		"a duration in days and hours":             {"duration", "1d12h", ""},
		"a duration in hours and minutes":          {"duration", "1h30m", ""},
		"a duration in fractions of an hour":       {"duration", "1.5h", ""},
		"a duration of 7 days in hours":            {"duration", "168h", ""},
		"a duration with a sign":                   {"duration", "+1h", "bad-duration"},
		"a duration with a day behind the hours":   {"duration", "1h1d", "bad-duration"},
		"a duration with half a second":            {"duration", "1h0.5s", "bad-duration"},
		"a duration that would overflow":           {"duration", "106752d", "duration-range"},
		"a lead time of nothing":                   {"leadTime", "0", ""},
		"a lead time of zero, quoted":              {"leadTime", `"0"`, ""},
		"a lead time of zeros":                     {"leadTime", "00", "bad-duration"},
		"a start with seconds":                     {"start", "10:00:01", ""},
		"a start, single-quoted":                   {"start", "'09:59'", ""},
		"a start before the end of the day before": {"start", "23:00", ""},
		"a start in one digit":                     {"start", "9:00", "bad-time"},
		"a percentage, quoted":                     {"targets", `[{namespace: n, minReplicas: "150%"}]`, ""},
		"a percentage with a decimal":              {"targets", "[{namespace: n, minReplicas: 112.5%}]", ""},
		"an HPA's name that is a number":           {"targets", "[{namespace: n, name: 5, minReplicas: 5}]", ""},
		"a label value that looks like a boolean":  {"targets", "[{selector: {matchLabels: {a: true}}, minReplicas: 5}]", ""},
		"a day of the month and a weekday":         {"daysOfMonth", "[13]\n    days: [fri]", ""},
		"29 February of a weekday":                 {"daysOfMonth", "[29]\n    months: [feb]\n    days: [sun]", ""},
		"the 31st from the end, in February":       {"daysOfMonth", "[-31]\n    months: [feb]", "never-starts"},
		"the 31st of April to June":                {"daysOfMonth", "[31]\n    months: [apr-jun]", ""},
		"the 31st of April and June":               {"daysOfMonth", "[31]\n    months: [4, 6]", "never-starts"},
		"a window that is over":                    {"lastDate", "1999-12-31", ""},
		"a window of one date":                     {"lastDate", "2026-01-01\n    firstDate: 2026-01-01", ""},
		"a window of one date, excepted":           {"lastDate", "2026-01-01\n    firstDate: 2026-01-01\n    exceptDates: [2026-01-01]", "never-starts"},
		"a window excepted until 9998":             {"exceptDates", "[0000-01-01/9998-12-31]", ""},
		"a window excepted in pieces":              {"exceptDates", "[2026-01-03, 2026-01-01/2026-01-02, 2026-01-05]\n    firstDate: 2026-01-01\n    lastDate: 2026-01-05", ""},
		"a description over lines":                 {"description", "|\n      one\n      two", ""},
		"a description that is a number":           {"description", "2026", ""},
		"suspended":                                {"suspend", "true", ""},
		"a zone whose name is an abbreviation":     {"timeZone", "CET", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := config.Parse(window(c.field, c.value))
			if c.rule == "" {
				if err != nil {
					t.Errorf("%s: %s is refused: %v", c.field, c.value, err)
				}
				return
			}
			problems := problemsOf(t, sentence, err)
			if len(problems) != 1 || problems[0].Rule != c.rule {
				t.Errorf("%s: %s gives %v, want one problem of rule %s", c.field, c.value, problems, c.rule)
			}
		})
	}
}

func TestEveryZoneOfTheDatabaseIsAccepted(t *testing.T) {
	for name := range zones.Names() {
		if _, err := config.Parse(window("timeZone", name)); err != nil {
			t.Errorf("zone %s: %v", name, err)
		}
	}
}

func TestDefaultsHoldForTheirOwnFile(t *testing.T) {
	const head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"
	schedule, err := config.Parse(
		source.File{Name: "a", Data: []byte(head + "timeZone: Asia/Tokyo\nleadTime: 5m\nevents: []\n")},
		source.File{Name: "b", Data: []byte(head + "timeZone: UTC\nwindows: [{name: w, start: 10:00, end: 11:00, " +
			"targets: [{namespace: n, minReplicas: 5}]}]\n")},
	)
	if err != nil {
		t.Fatal(err)
	}
	if w := schedule.Windows()[0]; w.LeadTime != 0 || w.Location.String() != "UTC" {
		t.Errorf("lead time %s and zone %s come from another file", w.LeadTime, w.Location)
	}
}

func TestPlacesOfEntries(t *testing.T) {
	files, err := config.Read(filepath.Join(examples, "complete.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, source.File{Name: "flow.yaml", Data: []byte("\ufeffapiVersion: floorkeeper.dev/v1\nkind: Schedule\n" +
		"timeZone: UTC\nevents: [{start: 2026-12-01T10:00, name: &n \"flow\", duration: 1h, multiplier: 2}]\n")})
	schedule, err := config.Open(files...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range schedule.Names() {
		at := schedule.Places[name]
		for _, file := range files {
			if file.Name != at.File {
				continue
			}
			line := strings.Split(strings.TrimPrefix(string(file.Data), "\ufeff"), "\n")[at.Line-1]
			if rest := strings.TrimLeft(line[at.Column-1:], `"`); !strings.HasPrefix(rest, name) {
				t.Errorf("%s is said to stand at %s, where %q stands", name, at, rest)
			}
		}
	}
	if places := schedule.Places; len(places) != len(schedule.Names()) || places["flow"].File != "flow.yaml" {
		t.Errorf("the places are %v, want one for each of %v", places, schedule.Names())
	}
}

func TestParseTimeRefusesYearsTooFarAway(t *testing.T) {
	t.Parallel()
	for text, legal := range map[string]bool{
		"2000-01-01": true, "2199-12-31T23:59": true, "1999-12-31T23:59:59": false, "2200-01-01": false, "9999-12-30T10:00": false, "0001-01-02": false,
	} {
		if at, err := config.ParseTime(text, time.UTC); legal != (err == nil) {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
}
