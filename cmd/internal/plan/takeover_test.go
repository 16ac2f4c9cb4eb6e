package plan_test

import (
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// A fall from a higher floor into the middle of a ramp is at once. It is shown by itself, and not as a step of the ramp.
func TestAFallIntoARampIsToldByItself(t *testing.T) {
	window := func(name string, start, end schedules.Clock, up, down time.Duration, floor int32) schedules.Window {
		return schedules.Window{
			Entry: schedules.Entry{
				Name: name, Location: time.UTC, RampUp: up, RampDown: down,
				Targets: []schedules.Target{{Namespace: "a", Amount: schedules.Amount{Replicas: floor}}},
			},
			Start: start * 3600, End: end * 3600,
		}
	}
	for name, test := range map[string]struct {
		other schedules.Window
		day   int32
		want  []string
	}{
		"the ramp climbs again": {
			window("night", 19, 23, 200*time.Minute, 0, 80), 80,
			[]string{"window day ends, window night applies, ramp up", "lower      80 -> 59", "raise      59 -> 80    a/b, in 3 steps until 19:00 UTC"},
		},
		"the ramp descends": {
			window("morning", 9, 17, 0, 200*time.Minute, 40), 100,
			[]string{"window day ends, window morning applies, ramp down", "lower     100 -> 28", "release    28 -> 10    a/b, in 6 steps until 20:00 UTC"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := schedules.New([]schedules.Window{window("day", 10, 18, 0, 0, test.day), test.other}, nil)
			from := time.Date(2027, 5, 10, 17, 30, 0, 0, time.UTC)
			baseline := int32(10)
			hpa := autoscalingv2.HorizontalPodAutoscaler{Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &baseline, MaxReplicas: 200}}
			hpa.Namespace, hpa.Name = "a", "b"
			f := forecast.New(schedule, autoscaler.Scope{}, []autoscalingv2.HorizontalPodAutoscaler{hpa}, from, from.Add(4*time.Hour))
			var text strings.Builder
			if err := forecastPlan(f, nil, time.UTC, from).Text(&text, page.Terminal{Width: 120}); err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(text.String(), want) {
					t.Errorf("%q is not in\n%s", want, text.String())
				}
			}
		})
	}
}
