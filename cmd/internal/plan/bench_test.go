package plan_test

import (
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// yearOf returns the forecast of a year for HPAs of which each is selected by 2 of 10 daily windows.
func yearOf(tb testing.TB, hpas int) (*schedules.Schedule, []autoscalingv2.HorizontalPodAutoscaler, time.Time) {
	tb.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		tb.Fatal(err)
	}
	windows := make([]schedules.Window, 10)
	for i := range windows {
		windows[i] = schedules.Window{
			Entry: schedules.Entry{Name: fmt.Sprintf("window-%d", i), Location: paris, LeadTime: 10 * time.Minute, Targets: []schedules.Target{{
				Selector: labels.SelectorFromSet(labels.Set{fmt.Sprintf("group-%d", i%5): "yes"}),
				Amount:   schedules.Amount{Replicas: int32(10 + i)},
			}}},
			Start: schedules.Clock(3600 * (6 + i/5*6)), End: schedules.Clock(3600 * (9 + i/5*6)),
		}
	}
	all := make([]autoscalingv2.HorizontalPodAutoscaler, hpas)
	for i := range all {
		all[i] = autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("team-%02d", i%20), Name: fmt.Sprintf("service-%04d", i), Labels: map[string]string{fmt.Sprintf("group-%d", i%5): "yes"}},
			Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(1 + i%9)), MaxReplicas: 100},
		}
	}
	return schedules.New(windows, nil), all, time.Date(2026, 1, 1, 0, 0, 0, 0, paris)
}

func BenchmarkForecast(b *testing.B) {
	schedule, hpas, from := yearOf(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		controller.NewForecast(schedule, controller.Scope{}, hpas, from, from.AddDate(1, 0, 0))
	}
}

func BenchmarkProblems(b *testing.B) {
	schedule, hpas, from := yearOf(b, 1000)
	f := controller.NewForecast(schedule, controller.Scope{}, hpas, from, from.AddDate(1, 0, 0))
	b.ReportAllocs()
	for b.Loop() {
		f.Problems()
	}
}

func BenchmarkOverlaps(b *testing.B) {
	schedule, hpas, from := yearOf(b, 1000)
	f := controller.NewForecast(schedule, controller.Scope{}, hpas, from, from.AddDate(1, 0, 0))
	b.ReportAllocs()
	for b.Loop() {
		f.Overlaps()
	}
}
