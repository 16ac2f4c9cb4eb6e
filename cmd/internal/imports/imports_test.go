package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/zones"
)

// tester is a testing.T or a rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// converter is one of the tools.
type converter func([]manifests.Object, imports.Options) *imports.Draft

var converters = map[string]converter{
	"prescaling-exporter":  imports.PrescalingExporter,
	"hpa-time-scaler":      imports.HPATimeScaler,
	"keda":                 imports.KEDA,
	"kube-metrics-adapter": imports.KubeMetricsAdapter,
}

func parseObjects(t tester, name, text string) []manifests.Object {
	t.Helper()
	objects, passed := manifests.Parse("", source.File{Name: name, Data: []byte(text)})
	if passed != nil {
		t.Fatal(passed)
	}
	return objects
}

func fixture(t tester, tool string) []manifests.Object {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", tool+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return parseObjects(t, tool+".yaml", string(text))
}

func parseSchedule(t tester, draft *imports.Draft) *schedules.Schedule {
	t.Helper()
	text, _ := draft.Write()
	schedule, err := config.Parse(source.File{Name: "draft", Data: []byte(text)})
	if err != nil {
		t.Fatalf("the draft is not a schedule: %v\n%s", err, text)
	}
	return schedule
}

func TestGolden(t *testing.T) {
	for tool, convert := range converters {
		t.Run(tool, func(t *testing.T) {
			draft := convert(fixture(t, tool), imports.Options{})
			parseSchedule(t, draft)
			var got strings.Builder
			text, notes := draft.Write()
			got.WriteString(text)
			got.WriteString("\n# Notes:\n")
			for _, note := range notes {
				got.WriteString("# " + note.String() + "\n")
			}
			golden.Compare(t, filepath.Join("testdata", tool+".golden"), got.String())
		})
	}
}

// TestFloors asks the imported schedules for floors at instants, written with the zone that the source means.
func TestFloors(t *testing.T) {
	type floors map[string]int32 // by instant
	for _, c := range []struct {
		tool, zone, hpa string
		floors          floors
	}{
		{"prescaling-exporter", "Europe/Paris", "video/images", floors{
			"2026-11-02T19:29:59": 0, "2026-11-02T19:30:00": 25, "2026-11-02T23:59:59": 25, "2026-11-03T00:00:00": 0,
			"2026-07-02T19:30:00": 25, // in summer time, too
			"2026-12-18T19:45:00": 25, "2026-12-18T20:00:00": 75, "2026-12-19T00:59:59": 75, "2026-12-19T01:00:00": 0,
		}},
		{"prescaling-exporter", "Europe/Paris", "video/encoder", floors{
			"2026-11-02T21:59:59": 0, "2026-11-02T22:00:00": 6, "2026-11-03T01:59:59": 6, "2026-11-03T02:00:00": 0,
			"2026-12-18T20:30:00": 18,
		}},
		{"prescaling-exporter", "Europe/Paris", "video/idle", floors{
			"2026-11-02T08:00:00": 0, "2026-12-18T19:59:59": 0, "2026-12-18T20:30:00": 9, "2026-12-19T01:00:00": 0,
		}},
		{"hpa-time-scaler", "Australia/Melbourne", "shop/checkout", floors{
			"2026-11-02T07:59:59": 0, "2026-11-02T08:00:00": 5, "2026-11-02T13:29:59": 5, "2026-11-02T13:30:00": 0,
			"2026-11-06T08:00:00": 5, "2026-11-07T08:00:00": 0, "2026-11-08T08:00:00": 0,
		}},
		{"hpa-time-scaler", "UTC", "shop/batch", floors{"2026-11-02T23:00:00": 0}}, // suspended
		{"hpa-time-scaler", "Europe/Berlin", "shop/reports", floors{
			"2026-11-02T08:59:59": 4, "2026-11-02T09:00:00": 0, "2026-11-02T16:59:59": 0, "2026-11-02T17:00:00": 4,
			"2026-11-08T03:00:00": 4,
		}},
		{"keda", "Europe/Berlin", "shop/keda-hpa-web", floors{
			"2026-11-02T06:29:59": 0, "2026-11-02T06:30:00": 10, "2026-11-02T22:09:59": 10, "2026-11-02T22:10:00": 0,
			"2026-11-06T21:59:59": 10, "2026-11-06T22:00:00": 20, "2026-11-07T03:59:59": 20, "2026-11-07T04:00:00": 0,
			"2026-11-07T12:00:00": 0, "2026-11-08T12:00:00": 0,
		}},
		{"keda", "UTC", "billing/billing-hpa", floors{
			"2026-11-01T07:59:59": 0, "2026-11-01T08:00:00": 6, "2026-11-03T17:59:59": 6, "2026-11-03T18:00:00": 0,
			"2026-11-04T08:00:00": 0, "2026-12-20T07:59:59": 0, "2026-12-20T08:00:00": 9, "2026-12-25T00:00:00": 9,
			"2026-12-31T23:59:59": 9, "2027-01-01T00:00:00": 9, "2027-01-04T23:59:59": 9, "2027-01-05T19:59:59": 9,
			"2027-01-05T20:00:00": 0,
			"2026-11-13T20:00:00": 4, "2026-11-13T22:00:00": 0, // Friday 13th
			"2026-11-20T21:00:00": 4, // a Friday
			"2026-10-13T21:00:00": 4, // a 13th
			"2026-11-12T21:00:00": 0,
		}},
		{"keda", "America/New_York", "billing/billing-hpa", floors{
			"2026-11-09T07:59:59": 0, "2026-11-09T08:00:00": 3, "2026-11-09T11:59:59": 3, "2026-11-10T11:00:00": 0,
		}},
		{"keda", "UTC", "jobs/worker-own", floors{"2026-11-04T12:00:00": 0}}, // paused
		{"kube-metrics-adapter", "Europe/Berlin", "shop/web", floors{
			"2026-11-27T08:00:00": 100, "2026-11-27T22:59:59": 100, "2026-11-27T23:20:00": 27,
			"2026-11-27T07:39:59": 0, "2026-11-27T07:50:00": 51, // half way from a baseline of 1
			"2026-11-30T15:45:00": 12, "2026-11-30T15:54:59": 12, "2026-12-01T15:45:00": 0,
			"2026-11-29T21:59:59": 0, "2026-11-29T22:00:00": 27, "2026-11-30T01:59:59": 27, "2026-11-30T02:00:00": 0,
			"2026-11-26T22:00:00": 40, "2026-11-27T01:59:59": 40, "2026-11-27T02:00:00": 0,
			"2026-11-29T01:59:59": 27, "2026-11-29T02:00:00": 0,
		}},
		{"kube-metrics-adapter", "Europe/Berlin", "shop/search", floors{
			"2026-11-27T08:00:00": 15, "2026-11-30T15:45:00": 2,
		}},
	} {
		schedule := parseSchedule(t, converters[c.tool](fixture(t, c.tool), imports.Options{}))
		location, err := zones.Load(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		namespace, name, _ := strings.Cut(c.hpa, "/")
		for at, want := range c.floors {
			instant, err := time.ParseInLocation("2006-01-02T15:04:05", at, location)
			if err != nil {
				t.Fatal(err)
			}
			decision := schedule.At(schedules.HPA{Namespace: namespace, Name: name, Baseline: 1}, instant)
			if decision.Floor != want {
				t.Errorf("%s: %s at %s in %s: the floor is %d by %q, want %d", c.tool, c.hpa, at, c.zone, decision.Floor,
					decision.Because, want)
			}
		}
	}
}
