package diff

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
	"github.com/floorkeeper/floorkeeper/zones"
)

// runDiff runs the command and returns its exit code and what it printed.
func runDiff(t testing.TB, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return command.Run(t, cli.ExitCode, NewCommand(func() time.Time { return time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC) }), stdin, args...)
}

const openNow = command.Head + `timeZone: UTC
events: [{name: open, start: 2026-11-22T10:00, end: 2026-11-23T10:00, rampDown: 1h, targets: [{namespace: video, minReplicas: 5}]}]
`

func TestDiff(t *testing.T) {
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{
		"empty": command.Head + "windows: []\n", "open": openNow, "bad": "windows: 1\n",
		"renamed":        strings.Replace(openNow, "name: open", "name: other", 1),
		"suspended":      strings.Replace(openNow, "name: open", "suspend: true, name: open", 1),
		"over":           strings.Replace(openNow, "end: 2026-11-23T10:00", "end: 2026-11-22T12:00", 1),
		"ends-now":       strings.Replace(openNow, "end: 2026-11-23T10:00", "end: 2026-11-22T19:54", 1),
		"in-2036":        strings.NewReplacer("2026", "2036").Replace(openNow),
		"none/README.md": "nothing yet", "manifests/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: video}\n",
		"nightly": nights("2026", 5), "nightly-2126": nights("2126", 6), "nightly-2016": nights("2016", 6),
		"hpas":       "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {namespace: video, name: images}\nspec: {minReplicas: 2, maxReplicas: 4}\n",
		"some-tiers": command.Head + tiers("In, values: [back, front]"), "one-tier": command.Head + tiers("In, values: [back]"),
	})
	const falls = "event open is open now: with this edit minReplicas falls at once, video/* from 5 to 1"
	for name, test := range map[string]struct {
		args      string
		stdin     string
		code      int
		want, not string
	}{
		"the same":                               {args: "open open", want: "No floor changes", not: "not known"},
		"standard input":                         {args: "- open", stdin: openNow, want: "No floor changes"},
		"an open event goes":                     {args: "open empty", code: 1, want: falls},
		"an open event is suspended":             {args: "open suspended", code: 1, want: falls},
		"an open event ended long ago":           {args: "open over", code: 1, want: falls},
		"an open event begins its rampDown":      {args: "open ends-now", code: 1, want: "5…2 → 4…1", not: "falls at once"},
		"an open event has another name":         {args: "open renamed", want: "Entries differ, but no floor changes", not: "falls at once"},
		"an event that is over":                  {args: "empty over", code: 1, want: " (in the past)"},
		"an event that is not":                   {args: "empty open", code: 1, not: "in the past"},
		"an event far ahead":                     {args: "empty in-2036", code: 1, want: "2036-11-22 10:00"},
		"a mistyped year":                        {args: "nightly nightly-2126", code: 1, want: ", and for events that differ Wed 2126-12-18 07:00 to 11:00 UTC.", not: "to 2126"},
		"a mistyped year in the past":            {args: "nightly nightly-2016", code: 1, want: "UTC, and between Sun 2016-12-18 08:00 and 10:00 UTC.", not: "from 2016"},
		"another name brings no new warning":     {args: "open renamed --hpas hpas", want: "renamed from open", not: "warning"},
		"an event beyond --for":                  {args: "empty in-2036 --for 7d", want: "no floor changes from Sun 2026-11-22 20:00 UTC to Sun 2026-11-29 20:00 UTC"},
		"an event before --from":                 {args: "open empty --from 2027-01-01", want: "no floor changes from Fri 2027-01-01"},
		"a selector that selects less":           {args: "some-tiers one-tier", code: 1, want: "*/tier in (back,front) with tier=front"},
		"--configmap without --live":             {args: "open empty --configmap a/b", code: 2, want: "with --live and one argument"},
		"--configmap that is not asked for OLD":  {args: "open empty --live --configmap a/b", code: 2, want: "with --live and one argument"},
		"an invalid schedule":                    {args: "bad open", code: 2, want: "bad:1:1: error"},
		"a file that is not there":               {args: "open nowhere", code: 2, want: "nowhere"},
		"an OLD that may be missing":             {args: "nowhere open --allow-missing", code: 1, want: "there is no schedule at nowhere"},
		"an OLD that is a directory without any": {args: "none open --allow-missing", code: 1, want: "there is no schedule at none"},
		"a NEW may not be missing":               {args: "open none --allow-missing", code: 2, want: "writes windows: []"},
		"an OLD that is manifests alone":         {args: "manifests open --allow-missing", code: 1, want: "no schedule at manifests"},
		"an OLD that is invalid, not missing":    {args: "bad open --allow-missing", code: 2, want: "bad:1:1: error"},
		"none that is missing":                   {args: "open open --allow-missing", want: "No floor changes", not: "no schedule"},
		"both missing":                           {args: "nowhere none --allow-missing", code: 2, want: "none: error: the directory holds no *.yaml file"},
		"one argument":                           {args: "open", code: 2, want: "OLD and NEW"},
		"standard input twice":                   {args: "- -", code: 2, want: "once only"},
		"a format that is none":                  {args: "open empty -o xml", code: 2, want: "xml"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runDiff(t, test.stdin, strings.Fields(test.args)...)
			if got := stdout + stderr; code != test.code || !strings.Contains(got, test.want) || test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("exit code %d, want %d, and with %q, without %q:\n%s", code, test.code, test.want, test.not, got)
			}
		})
	}
}

// nights is a window whose floor is so high, and an event in a year.
func nights(year string, floor int) string {
	return command.Head + fmt.Sprintf(`timeZone: UTC
windows: [{name: w, start: "20:00", end: "21:00", targets: [{namespace: video, minReplicas: %d}]}]
events: [{name: gala, start: %s-12-18T08:00, duration: 2h, multiplier: 3}]
`, floor, year)
}

// TestDiffTellsThatItCannotBeWritten writes to a full disk, whether floors change or not.
func TestDiffTellsThatItCannotBeWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{"empty": command.Head + "windows: []\n", "open": openNow})
	for _, args := range []string{"open open", "open empty", "open open -o markdown", "open empty -o markdown", "open open -o json"} {
		t.Run(args, func(t *testing.T) {
			cmd := NewCommand(time.Now)
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			cmd.SetArgs(strings.Fields(args))
			cmd.SetOut(command.FullDisk{})
			err := cmd.Execute()
			if code, err := cli.ExitCode(err, io.Discard); code != cli.ExitFailed ||
				err.Error() != "cannot write the comparison: no space left on device" {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// tiers is a window of the HPAs whose label tier matches the expression.
func tiers(expression string) string {
	return `timeZone: UTC
windows: [{name: w, start: "10:00", end: "11:00", targets: [{selector: {matchExpressions: [{key: tier, operator: ` + expression + `}]}, minReplicas: 5}]}]
`
}

// told is the part of diff -o json about floors.
type told struct {
	Floors []struct {
		From, To         time.Time
		Dates            []string
		HPAs             []struct{ OldMinReplicas, NewMinReplicas struct{ Least, Most int32 } } `json:"horizontalPodAutoscalers"`
		OldRamp, NewRamp string
	}
}

// at returns what is printed of an instant: the stretches that hold it, with each occurrence at the same time of its day.
func (d told) at(t time.Time, zone *time.Location) (old, current [2]int32, times int) {
	for _, floor := range d.Floors {
		begin := floor.From.In(zone)
		for _, date := range floor.Dates {
			day, _ := time.Parse(time.DateOnly, date)
			from := time.Date(day.Year(), day.Month(), day.Day(), begin.Hour(), begin.Minute(), begin.Second(), 0, zone)
			if len(floor.Dates) == 1 {
				from = floor.From
			}
			if !t.Before(from) && t.Before(from.Add(floor.To.Sub(floor.From))) {
				hpa := floor.HPAs[0]
				old, current = [2]int32{hpa.OldMinReplicas.Least, hpa.OldMinReplicas.Most}, [2]int32{hpa.NewMinReplicas.Least, hpa.NewMinReplicas.Most}
				times++
			}
		}
	}
	return old, current, times
}

// TestDiffTellsEveryMinute asks both schedules at many minutes around the clock changes, and compares what diff prints.
func TestDiffTellsEveryMinute(t *testing.T) {
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{"hpas": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {namespace: video, name: images}\nspec: {minReplicas: 4, maxReplicas: 60}\n"})
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "America/New_York"}).Draw(r, "zone")
		zone, err := zones.Load(name)
		if err != nil {
			r.Fatal(err)
		}
		day := rapid.SampledFrom([]string{"2027-03-28", "2027-10-31", "2027-04-04", "2027-10-03", "2027-09-05", "2027-03-14", "2027-11-07"}).Draw(r, "day")
		texts := [2]string{}
		for i := range texts {
			texts[i] = scheduleAround(r, name, day)
			if err := os.WriteFile(fmt.Sprint("schedule", i), []byte(texts[i]), 0o600); err != nil {
				r.Fatal(err)
			}
		}
		begin, _ := time.ParseInLocation(time.DateOnly, day, zone)
		begin = begin.AddDate(0, 0, -1)
		_, stdout, stderr := runDiff(t, "", "schedule0", "schedule1", "--hpas", "hpas", "-o", "json", "--tz", name, "--from", begin.Format(time.RFC3339), "--for", "72h")
		d := told{}
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			r.Fatalf("%v: %s %s\n%s\n%s", err, stdout, stderr, texts[0], texts[1])
		}
		was, becomes := parsed(r, texts[0]), parsed(r, texts[1])
		for minute := range 3 * 24 * 60 {
			at := begin.Add(time.Duration(minute) * time.Minute)
			before, after := clamped(was, at), clamped(becomes, at)
			old, current, times := d.at(at, zone)
			switch {
			case before == after && times == 0:
			case before != after && times == 1 && old[0] <= before && before <= old[1] && current[0] <= after && after <= current[1]:
			default:
				r.Fatalf("at %s minReplicas is %d and then %d; told %d times: %v and then %v\n%s\n%s\n%s", at, before, after, times, old, current, texts[0], texts[1], stdout)
			}
		}
	})
}

// TestDiffTellsEventsWhereverTheyAre edits an event near the begin or the end of what is looked at, or far from it, and asks
// both schedules at the minutes around.
func TestDiffTellsEventsWhereverTheyAre(t *testing.T) {
	t.Chdir(t.TempDir())
	command.WriteFiles(t, map[string]string{"hpas": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {namespace: video, name: images}\nspec: {minReplicas: 4, maxReplicas: 60}\n"})
	event := func(r *rapid.T, name string) (string, time.Time) {
		start := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.SampledFrom([]int{-3000, -1, 0, 1, 365, 366, 367, 36600}).Draw(r, name)).
			Add(time.Duration(10*rapid.IntRange(-30, 30).Draw(r, name+" minutes")) * time.Minute)
		return command.Head + fmt.Sprintf(`timeZone: UTC
windows: [{name: w, start: "20:00", duration: 2h, targets: [{namespace: video, minReplicas: 25}]}]
events: [{name: e, start: %s, duration: 3h, rampDown: 50m, targets: [{namespace: video, minReplicas: 40}]}]
`, start.Format(time.RFC3339)), start
	}
	rapid.Check(t, func(r *rapid.T) {
		old, first := event(r, "old")
		current, second := event(r, "new")
		command.WriteFiles(t, map[string]string{"old": old, "new": current})
		_, stdout, stderr := runDiff(t, "", "old", "new", "--hpas", "hpas", "-o", "json")
		d := told{}
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			r.Fatalf("%v: %s", err, stderr)
		}
		was, becomes := parsed(r, old), parsed(r, current)
		for minute := -60; minute < 5*60; minute += 5 {
			for _, at := range []time.Time{first.Add(time.Duration(minute) * time.Minute), second.Add(time.Duration(minute) * time.Minute)} {
				_, _, times := d.at(at, time.UTC)
				if differs := clamped(was, at) != clamped(becomes, at); differs != (times == 1) || times > 1 {
					r.Fatalf("at %s minReplicas differs: %v, and it is told %d times\n%s\n%s\n%s", at, differs, times, old, current, stdout)
				}
			}
		}
	})
}

func scheduleAround(r *rapid.T, zone, day string) string {
	clock := func(name string) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 5).Draw(r, name), 15*rapid.IntRange(0, 3).Draw(r, name+" minutes"))
	}
	length := func(name string) string { return fmt.Sprintf("%dm", 10*rapid.IntRange(0, 9).Draw(r, name)) }
	return command.Head + fmt.Sprintf(`timeZone: %s
windows: [{name: w, start: "%s", duration: 2h, rampUp: %s, rampDown: %s, targets: [{namespace: video, minReplicas: 25}]}]
events: [{name: e, start: "%sT%s", duration: 3h, leadTime: %s, rampDown: %s, multiplier: %d}]
`, zone, clock("start"), length("rampUp"), length("rampDown"), day, clock("event"), length("leadTime"), length("event's rampDown"), rapid.IntRange(1, 3).Draw(r, "multiplier"))
}

func parsed(r *rapid.T, text string) *schedules.Schedule {
	schedule, err := config.Parse(source.File{Name: "schedule", Data: []byte(text)})
	if err != nil {
		r.Fatal(err)
	}
	return schedule
}

// clamped returns the minReplicas that the HPA has, by the schedule alone.
func clamped(schedule *schedules.Schedule, at time.Time) int32 {
	floor := schedule.At(schedules.HPA{Namespace: "video", Name: "images", Baseline: 4}, at).Floor
	return max(4, min(floor, 60))
}
