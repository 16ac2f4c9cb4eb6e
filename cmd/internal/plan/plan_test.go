package plan_test

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/zones"
)

// view is what a plan is made of.
type view struct {
	schedule, hpas string // files below testdata; without hpas they are stand-ins
	zone, from     string
	span           time.Duration
	now            string // from, unless it is given
}

func (v view) plan(t *testing.T) *plan.Plan {
	t.Helper()
	schedule := readSchedule(t, v.schedule)
	zone, err := zones.Load(v.zone)
	if err != nil {
		t.Fatal(err)
	}
	from := local(t, v.from, zone)
	now := from
	if v.now != "" {
		now = local(t, v.now, zone)
	}
	var snapshot *cluster.Snapshot
	hpas := placeholders.For(schedule)
	if v.hpas != "" {
		snapshot = readSnapshot(t, v.hpas)
		hpas = snapshot.HPAs
	}
	return of(schedule, snapshot, hpas, zone, from, from.Add(v.span), now)
}

func of(schedule *schedules.Schedule, snapshot *cluster.Snapshot, hpas []autoscalingv2.HorizontalPodAutoscaler, zone *time.Location, from, to, now time.Time) *plan.Plan {
	f := forecast.New(schedule, autoscaler.Scope{}, hpas, from, to)
	return forecastPlan(f, snapshot, zone, now)
}

func forecastPlan(f *forecast.Forecast, snapshot *cluster.Snapshot, zone *time.Location, now time.Time) *plan.Plan {
	f.Context = forecast.Context{Now: now, Assumed: snapshot == nil}
	return plan.New(f, snapshot, zone)
}

func readSchedule(t *testing.T, file string) *schedules.Schedule {
	t.Helper()
	files, err := config.Read(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := config.Parse(files...)
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func readSnapshot(t *testing.T, file string) *cluster.Snapshot {
	t.Helper()
	files, _, err := manifests.Read(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	objects, passed := manifests.Parse("", files...)
	if passed != nil {
		t.Fatal(passed)
	}
	snapshot, err := cluster.FromObjects(objects, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func local(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05"[:len(text)], text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const day = 24 * time.Hour

var night = view{schedule: "night.schedule.yaml", hpas: "night.hpas.yaml", zone: "Europe/Paris", from: "2026-12-18T12:00", span: day, now: "2026-12-18T15:30"}

func TestGolden(t *testing.T) {
	text := func(terminal page.Terminal) func(*plan.Plan, io.Writer) error {
		return func(p *plan.Plan, w io.Writer) error { return p.Text(w, terminal) }
	}
	steps := func(p *plan.Plan, w io.Writer) error {
		p.Steps = true
		return p.Text(w, page.Terminal{Width: 100})
	}
	targets, autumn := night, view{schedule: "shifts.schedule.yaml", zone: "Europe/Paris", from: "2026-10-25T00:00", span: day}
	targets.hpas, targets.span = "", 7*day
	open := night
	open.from, open.now, open.span = "2026-12-19T00:05", "2026-12-19T00:05", 2*time.Hour
	short, shorter := open, open
	short.from, short.span = "2026-12-19T00:06:10", 80*time.Second
	shorter.from, shorter.span = "2026-12-19T00:06:10", 40*time.Second
	week := autumn
	week.from, week.span = "2026-10-20T00:00", 9*day
	year := night
	year.from, year.span = "2026-09-01T00:00", 365*day
	spring := autumn
	spring.from = "2027-03-28T00:00"
	fall := view{schedule: "shifts.schedule.yaml", zone: "America/New_York", from: "2026-11-01T00:00", span: 25 * time.Hour}
	lordHowe := view{schedule: "shifts.schedule.yaml", zone: "Australia/Lord_Howe", from: "2027-04-04T00:00", span: day}
	for name, c := range map[string]struct {
		view
		write func(*plan.Plan, io.Writer) error
	}{
		"night-40.txt":          {night, text(page.Terminal{Width: 40})},
		"night-80.txt":          {night, text(page.Terminal{Width: 80})},
		"night-200.txt":         {night, text(page.Terminal{Width: 200})},
		"night-ascii.txt":       {night, text(page.Terminal{Width: 80, ASCII: true})},
		"night-colour.txt":      {night, text(page.Terminal{Width: 80, Colour: true})},
		"night-steps.txt":       {night, steps},
		"night.md":              {night, (*plan.Plan).Markdown},
		"night.json":            {night, (*plan.Plan).JSON},
		"night.ics":             {night, (*plan.Plan).ICS},
		"open.txt":              {open, text(page.Terminal{Width: 80})},
		"open-80s.txt":          {short, lanesOnly},
		"open-40s.txt":          {shorter, lanesOnly},
		"targets.txt":           {targets, text(page.Terminal{Width: 80})},
		"targets.md":            {targets, (*plan.Plan).Markdown},
		"year-lanes.txt":        {year, lanesOnly},
		"autumn-paris.txt":      {autumn, text(page.Terminal{Width: 80})},
		"autumn-paris-week.txt": {week, text(page.Terminal{Width: 80})},
		"spring-paris.txt":      {spring, text(page.Terminal{Width: 80})},
		"autumn-new-york.txt":   {fall, text(page.Terminal{Width: 80})},
		"autumn-lord-howe.txt":  {lordHowe, text(page.Terminal{Width: 80})},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.write(c.plan(t), &b); err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", name), b.Bytes())
		})
	}
}

func lanesOnly(p *plan.Plan, w io.Writer) error {
	return page.Lanes(w, p.Forecast, p.Zone, p.Now, page.Terminal{Width: 100})
}

// hostileNames are such as only a manifest can hold.
var hostileNames = []string{
	"\x1b[31mred\x1b[0m", "<script>alert(1)</script>", "a|b", "`code`", "two\nlines", "@everyone", "#1", "\u202eleft", "\xff\xfe",
	"[link](http://example.test)", "::error::x", "%0Ax", "\r\nEND:VCALENDAR", `"quoted",\`, "*", strings.Repeat("long", 80),
}

func hostile(t *testing.T) *plan.Plan {
	t.Helper()
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i, name := range hostileNames {
		hpas = append(hpas, autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: name},
			Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(1 + i%2)), MaxReplicas: int32(5 + i%3)},
		})
	}
	from := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return of(readSchedule(t, "hostile.schedule.yaml"), &cluster.Snapshot{HPAs: hpas}, hpas, time.UTC, from, from.Add(day), from)
}

// TestHostileNamesDoNoHarm looks for what would have a meaning to a terminal or to Markdown.
func TestHostileNamesDoNoHarm(t *testing.T) {
	p := hostile(t)
	for _, ascii := range []bool{false, true} {
		var text bytes.Buffer
		if err := p.Text(&text, page.Terminal{Width: 80, ASCII: ascii}); err != nil {
			t.Fatal(err)
		}
		for i, r := range text.String() {
			if r != '\n' && (r < ' ' || r == 0x7f || r == '\u202e' || r == '\ufffd' || ascii && r > '~') {
				t.Errorf("ascii %v: there is %q in %q", ascii, r, text.String()[max(0, i-20):min(text.Len(), i+20)])
			}
		}
	}
	var markdown bytes.Buffer
	if err := p.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(markdown.String()) {
		plain := strings.NewReplacer("<code>", "", "</code>", "", "<details>", "", "</details>", "", "<summary>", "", "</summary>", "", "**", "").Replace(line)
		if strings.ContainsAny(plain, "<>`*[]\x1b@\u202e") {
			t.Errorf("this has a meaning in Markdown or HTML: %q", line)
		}
		if strings.HasPrefix(line, "| ") {
			if rows++; strings.Count(line, "|") != 6 {
				t.Errorf("this row has not five cells: %q", line)
			}
		}
	}
	if rows < 10 {
		t.Errorf("the table has %d rows:\n%s", rows, markdown.String())
	}
}

// TestMarkdownFitsIntoAComment keeps below the 65,536 characters of GitHub.
func TestMarkdownFitsIntoAComment(t *testing.T) {
	year := night
	year.span = 365 * day
	var b bytes.Buffer
	if err := year.plan(t).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 65_000 || !strings.Contains(b.String(), "do not fit here") {
		t.Errorf("a year takes %d bytes:\n%s", b.Len(), b.String()[b.Len()-200:])
	}
}

// TestColumnsMeanTheSameTime looks where bars begin and end: each column is as much elapsed time as any other.
func TestColumnsMeanTheSameTime(t *testing.T) {
	for _, c := range []struct{ zone, from, hpa string }{
		{"Europe/Paris", "2026-10-25T00:00", "paris"},
		{"Europe/Paris", "2027-03-28T00:00", "paris"},
		{"Europe/Paris", "2026-07-01T00:00", "paris"},
		{"America/New_York", "2026-11-01T00:00", "new-york"},
		{"America/New_York", "2027-03-14T00:00", "new-york"},
		{"Australia/Lord_Howe", "2027-04-04T00:00", "lord-howe"},
		{"Australia/Lord_Howe", "2026-10-04T00:00", "lord-howe"},
	} {
		for _, width := range []int{60, 80, 100, 200} {
			p := view{schedule: "shifts.schedule.yaml", zone: c.zone, from: c.from, span: 12 * time.Hour}.plan(t)
			var b bytes.Buffer
			if err := page.Lanes(&b, p.Forecast, p.Zone, p.Now, page.Terminal{Width: width, ASCII: true}); err != nil {
				t.Fatal(err)
			}
			bar := barOf(b.String(), "a/"+c.hpa)
			want := []byte(strings.Repeat(".", len(bar)))
			for i := range p.Forecast.Outlooks {
				o := &p.Forecast.Outlooks[i]
				for s := range o.Stretches() {
					for column := range want {
						begin := p.Forecast.From.Add(12 * time.Hour * time.Duration(column) / time.Duration(len(bar)))
						end := p.Forecast.From.Add(12 * time.Hour * time.Duration(column+1) / time.Duration(len(bar)))
						if o.HPA.Name == c.hpa && s.Floor > 0 && s.From.Before(end) && s.To.After(begin) {
							want[column] = '#'
						}
					}
				}
			}
			if diff := cmp.Diff(string(want), bar); diff != "" {
				t.Errorf("%s %s in %d columns (-want +got):\n%s", c.zone, c.from, width, diff)
			}
		}
	}
}

// barOf returns the bar of a lane: the last field but one.
func barOf(text, name string) string {
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 4 && fields[0] == name {
			return fields[2]
		}
	}
	return fmt.Sprintf("there is no lane %s in:\n%s", name, text)
}
