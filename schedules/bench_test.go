package schedules_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/schedules"
)

var benchHPA = schedules.HPA{
	Namespace: "video", Name: "images", Labels: map[string]string{"app": "images", "prescale": "front"}, Baseline: 4,
}

// benchEntries returns n windows of which the first selecting ones select benchHPA.
func benchEntries(tb testing.TB, n, selecting int, target schedules.Target, shape func(*schedules.Window)) *schedules.Schedule {
	windows := make([]schedules.Window, n)
	for i := range windows {
		window := schedules.Window{
			Entry: schedules.Entry{Name: fmt.Sprintf("window-%d", i), Location: zone(tb, "Europe/Paris"), LeadTime: 10 * time.Minute},
			Start: schedules.Clock(i % 20 * 3600), End: schedules.Clock((i%20 + 3) * 3600),
		}
		aim := target
		if i >= selecting {
			aim = schedules.Target{Namespace: "other", Name: fmt.Sprintf("hpa-%d", i)}
			if target.Selector != nil {
				aim = schedules.Target{Selector: labels.SelectorFromSet(labels.Set{"prescale": fmt.Sprint("other", i)})}
			}
		}
		aim.Amount = schedules.Amount{Replicas: int32(10 + i)}
		window.Targets = []schedules.Target{aim}
		shape(&window)
		windows[i] = window
	}
	return schedules.New(windows, nil)
}

func daily(*schedules.Window) {}

// benchShapes are the kinds of window that a schedule may consist of, and the instant at which to ask.
var benchShapes = []struct {
	name  string
	t     string
	shape func(*schedules.Window)
}{
	{"daily", "2026-11-22T17:03:00Z", daily},
	{"weekly", "2026-11-22T17:03:00Z", func(w *schedules.Window) { w.Days = []time.Weekday{time.Saturday} }},
	{"monthly", "2026-11-22T17:03:00Z", func(w *schedules.Window) { w.DaysOfMonth = []int{-1} }},
	{"yearly", "2026-11-22T17:03:00Z", func(w *schedules.Window) {
		w.DaysOfMonth, w.Months = []int{1}, []time.Month{time.November}
	}},
	{"leapday", "2026-11-22T17:03:00Z", func(w *schedules.Window) {
		w.DaysOfMonth, w.Months = []int{29}, []time.Month{time.February}
	}},
	{"never", "2026-11-22T17:03:00Z", func(w *schedules.Window) {
		w.DaysOfMonth, w.Months = []int{30}, []time.Month{time.February}
	}},
	{"ramps", "2026-11-22T17:03:00Z", func(w *schedules.Window) { w.RampUp, w.RampDown = time.Hour, time.Hour }},
	{"week-long", "2026-11-22T17:03:00Z", func(w *schedules.Window) { w.Duration = 7 * 24 * time.Hour }},
	{"near-a-shift", "2026-10-25T00:59:00Z", daily},
	{"new-year", "2040-12-31T17:03:00Z", daily},
}

// BenchmarkAt asks for one HPA that 5 of the entries select.
func BenchmarkAt(b *testing.B) {
	byName := schedules.Target{Namespace: "video", Name: "images"}
	bySelector := schedules.Target{Selector: labels.SelectorFromSet(labels.Set{"prescale": "front"})}
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			benchAt(b, benchEntries(b, n, 5, byName, daily), benchShapes[0].t)
		})
		b.Run(fmt.Sprintf("entries=%d/by=selector", n), func(b *testing.B) {
			benchAt(b, benchEntries(b, n, 5, bySelector, daily), benchShapes[0].t)
		})
	}
	for _, bench := range benchShapes[1:] {
		b.Run("entries=100/shape="+bench.name, func(b *testing.B) {
			benchAt(b, benchEntries(b, 100, 5, byName, bench.shape), bench.t)
		})
	}
}

func benchAt(b *testing.B, schedule *schedules.Schedule, at string) {
	t := instant(b, at)
	b.ReportAllocs()
	for b.Loop() {
		schedule.At(benchHPA, t)
	}
}

// BenchmarkTimelineYear walks a year of one HPA that 2 of 10 entries select.
func BenchmarkTimelineYear(b *testing.B) {
	for _, bench := range benchShapes[:3] {
		b.Run(bench.name, func(b *testing.B) {
			schedule := benchEntries(b, 10, 2, schedules.Target{Namespace: "video", Name: "images"}, bench.shape)
			from := instant(b, "2026-01-01T00:00:00Z")
			b.ReportAllocs()
			for b.Loop() {
				for range schedule.Timeline(benchHPA, from, from.AddDate(1, 0, 0)) {
				}
			}
		})
	}
}

// fleet returns n HPAs over 20 namespaces.
func fleet(n int) []schedules.HPA {
	hpas := make([]schedules.HPA, n)
	for i := range hpas {
		hpas[i] = schedules.HPA{Namespace: fmt.Sprintf("team-%d", i%20), Name: fmt.Sprintf("hpa-%d", i), Labels: benchHPA.Labels, Baseline: 4}
	}
	return hpas
}

// teams returns daily windows, each for one of so many namespaces.
func teams(tb testing.TB, entries, namespaces int) *schedules.Schedule {
	windows := make([]schedules.Window, entries)
	for i := range windows {
		windows[i] = schedules.Window{
			Entry: schedules.Entry{
				Name: fmt.Sprintf("window-%d", i), Location: zone(tb, "Europe/Paris"), LeadTime: 10 * time.Minute,
				Targets: []schedules.Target{{Namespace: fmt.Sprintf("team-%d", i%namespaces), Amount: schedules.Amount{Replicas: int32(10 + i)}}},
			},
			Start: schedules.Clock(i % 20 * 3600), End: schedules.Clock((i%20 + 3) * 3600),
		}
	}
	return schedules.New(windows, nil)
}

// BenchmarkFleetAt asks for the HPAs of a cluster in turn, of which each twentieth of the entries selects those of a
// namespace.
func BenchmarkFleetAt(b *testing.B) {
	for _, bench := range []struct{ entries, hpas int }{
		{100, 10}, {100, 100}, {100, 1000}, {100, 10000}, {100, 20000}, {1, 10000}, {10, 10000}, {1000, 10000},
	} {
		b.Run(fmt.Sprintf("entries=%d/hpas=%d", bench.entries, bench.hpas), func(b *testing.B) {
			schedule, hpas, t, i := teams(b, bench.entries, 20), fleet(bench.hpas), instant(b, benchShapes[0].t), 0
			b.ReportAllocs()
			for b.Loop() {
				schedule.At(hpas[i], t)
				i = (i + 1) % len(hpas)
			}
		})
	}
}

func TestAtAllocatesNothing(t *testing.T) {
	schedule, hpas, at := teams(t, 100, 20), fleet(1), instant(t, benchShapes[0].t)
	if got := testing.AllocsPerRun(100, func() { schedule.At(hpas[0], at) }); got > 0 {
		t.Errorf("a decision allocates %g times", got)
	}
}

// BenchmarkFleetYear walks a year of 10,000 HPAs on all processors: 10 entries, of which 2 select each HPA.
func BenchmarkFleetYear(b *testing.B) {
	schedule, hpas, from := teams(b, 10, 5), fleet(10000), instant(b, "2026-01-01T00:00:00Z")
	for i := range hpas {
		hpas[i].Namespace = fmt.Sprintf("team-%d", i%5)
	}
	b.ReportAllocs()
	for b.Loop() {
		var wg sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for worker := range workers {
			wg.Go(func() {
				for i := worker; i < len(hpas); i += workers {
					for range schedule.Timeline(hpas[i], from, from.AddDate(1, 0, 0)) {
					}
				}
			})
		}
		wg.Wait()
	}
}
