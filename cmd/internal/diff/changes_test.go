package diff_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/diff"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/zones"
)

const nightly = `
windows:
  - {name: prime-time, start: "19:30", end: "00:30", targets: [{namespace: video, minReplicas: 25}]}
`

func TestReports(t *testing.T) {
	for name, edit := range edits() {
		t.Run(name, func(t *testing.T) {
			report := compare(t, parse(t, edit[0]), parse(t, edit[1]))
			var text, markdown, machine bytes.Buffer
			if err := errors.Join(report.Text(&text), report.Markdown(&markdown), report.JSON(&machine)); err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name+".txt", text.Bytes())
			compareGolden(t, name+".md", markdown.Bytes())
			compareGolden(t, name+".json", machine.Bytes())
		})
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	golden.Compare(t, filepath.Join("testdata", filepath.Base(name)), got)
}

// TestNothingInAReportUpsets feeds a cluster's names that nobody would choose.
func TestNothingInAReportUpsets(t *testing.T) {
	hostile := "a|b`<script>alert(1)</script>\n# @all [x](y) \x1b[31m\u202e"
	hpas := []autoscalingv2.HorizontalPodAutoscaler{hpa("video", hostile, 4, 1000)}
	report := diff.NewReport(oneYear(parse(t, "windows: []"), hpas), oneYear(parse(t, nightly), hpas), time.UTC)
	report.Warnings = []string{hostile}
	var text, markdown bytes.Buffer
	if err := errors.Join(report.Text(&text), report.Markdown(&markdown)); err != nil {
		t.Fatal(err)
	}
	compareGolden(t, "hostile.txt", text.Bytes())
	compareGolden(t, "hostile.md", markdown.Bytes())
	for _, forbidden := range []string{"\x1b", "\u202e", "<script", "\n# "} {
		if bytes.Contains(markdown.Bytes(), []byte(forbidden)) || forbidden != "<script" && bytes.Contains(text.Bytes(), []byte(forbidden)) {
			t.Errorf("%q is printed", forbidden)
		}
	}
}

// TestFloorsAreWhereTheSchedulesDiffer asks both schedules at many instants.
func TestFloorsAreWhereTheSchedulesDiffer(t *testing.T) {
	all := edits()
	rapid.Check(t, func(r *rapid.T) {
		names := []string{"an event moves by an hour over the autumn change", "a window begins half an hour earlier", "an entry goes and another comes"}
		before := parse(t, all[rapid.SampledFrom(names).Draw(r, "before")][rapid.IntRange(0, 1).Draw(r, "side")])
		after := parse(t, all[rapid.SampledFrom(names).Draw(r, "after")][rapid.IntRange(0, 1).Draw(r, "other side")])
		hpas := []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "images", 4, rapid.Int32Range(4, 80).Draw(r, "maxReplicas"))}
		from := begin.Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(r, "minute")) * time.Minute)
		to := from.Add(time.Hour)
		forecasts := func(schedule *schedules.Schedule) *forecast.Forecast {
			return forecast.New(schedule, autoscaler.Scope{}, hpas, from, to)
		}
		floors := diff.Compare(forecasts(before), forecasts(after), time.UTC)
		for minute := range 60 {
			at := from.Add(time.Duration(minute) * time.Minute)
			old, current := minReplicas(before, &hpas[0], at), minReplicas(after, &hpas[0], at)
			told := false
			for _, floor := range floors {
				told = told || !at.Before(floor.From) && at.Before(floor.To)
			}
			if told != (old != current) {
				r.Fatalf("at %s minReplicas is %d and %d, and a change is told: %v", at, old, current, told)
			}
		}
	})
}

func minReplicas(schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) int32 {
	look := autoscaler.Scope{}.Judge(schedule, hpa, at)
	return look.Desired.MinReplicas
}

// begin is when all forecasts of the tests begin.
var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func compare(t *testing.T, before, after *schedules.Schedule) diff.Report {
	t.Helper()
	paris, err := zones.Load("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	hpas := []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "images", 4, 100), hpa("video", "player", 30, 60), hpa("shop", "web", 2, 10)}
	return diff.NewReport(oneYear(before, hpas), oneYear(after, hpas), paris)
}

func oneYear(schedule *schedules.Schedule, hpas []autoscalingv2.HorizontalPodAutoscaler) *forecast.Forecast {
	return forecast.New(schedule, autoscaler.Scope{}, hpas, begin, begin.AddDate(1, 0, 1))
}

func hpa(namespace, name string, minReplicas, maxReplicas int32) autoscalingv2.HorizontalPodAutoscaler {
	return autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &minReplicas, MaxReplicas: maxReplicas},
	}
}

func parse(t *testing.T, text string) *schedules.Schedule {
	t.Helper()
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(
		"apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}
