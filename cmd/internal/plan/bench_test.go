package plan_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// fleet returns HPAs of which each is selected by 2 of 10 daily windows, with baselines and limits of their own.
func fleet(zone *time.Location, hpas int) (*schedules.Schedule, []autoscalingv2.HorizontalPodAutoscaler) {
	windows := make([]schedules.Window, 10)
	for i := range windows {
		start := schedules.Clock(3600 * (6 + i/5*6))
		windows[i] = schedules.Window{
			Entry: schedules.Entry{Name: fmt.Sprint("window-", i), Location: zone, LeadTime: 10 * time.Minute, Targets: []schedules.Target{{
				Selector: labels.SelectorFromSet(labels.Set{fmt.Sprint("group-", i%5): "yes"}), Amount: schedules.Amount{Replicas: int32(10 + i)},
			}}},
			Start: start, End: start + 3*3600,
		}
	}
	all := make([]autoscalingv2.HorizontalPodAutoscaler, hpas)
	for i := range all {
		all[i] = autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: fmt.Sprintf("team-%02d", i%20), Name: fmt.Sprintf("service-%04d", i), Labels: map[string]string{fmt.Sprint("group-", i%5): "yes"},
			},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(1 + i%9)), MaxReplicas: int32(20 + i)},
		}
	}
	return schedules.New(windows, nil), all
}

// BenchmarkYear plans a year of 1,000 HPAs: 1.5 million changes.
func BenchmarkYear(b *testing.B) {
	zone, err := zones.Load("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	schedule, hpas := fleet(zone, 1000)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	for _, bench := range []struct {
		name  string
		write func(*plan.Plan) error
	}{
		{"nothing", func(*plan.Plan) error { return nil }},
		{"text", func(p *plan.Plan) error { return p.Text(io.Discard, page.Terminal{Width: 100}) }},
		{"json", func(p *plan.Plan) error { return p.JSON(io.Discard) }},
		{"markdown", func(p *plan.Plan) error { return p.Markdown(io.Discard) }},
		{"ics", func(p *plan.Plan) error { return p.ICS(io.Discard) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p := of(schedule, &cluster.Snapshot{HPAs: hpas}, hpas, zone, from, from.AddDate(1, 0, 0), from)
				if err := bench.write(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
