package diff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/diff"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// TestRampsReadFromTheirFirstStepToTheirLast edits ramps, and compares what is printed of each change with what the
// schedules say where it begins and just before it ends.
func TestRampsReadFromTheirFirstStepToTheirLast(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		before, after := parse(t, ramped(r)), parse(t, ramped(r))
		hpas := []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "images", 4, rapid.Int32Range(4, 80).Draw(r, "maxReplicas"))}
		forecasts := func(schedule *schedules.Schedule) *forecast.Forecast {
			return forecast.New(schedule, autoscaler.Scope{}, hpas, begin, begin.AddDate(0, 0, 2))
		}
		for _, floor := range diff.Compare(forecasts(before), forecasts(after), time.UTC) {
			for i, at := range []time.Time{floor.From, floor.To.Add(-1)} {
				old, current := minReplicas(before, &hpas[0], at), minReplicas(after, &hpas[0], at)
				told := floor.HPAs[0]
				if end(told.Old.String(), i) != fmt.Sprint(old) || end(told.New.String(), i) != fmt.Sprint(current) {
					r.Fatalf("%s to %s is told as %s → %s, and at %s it is %d → %d", floor.From, floor.To, told.Old, told.New, at, old, current)
				}
			}
		}
	})
}

// end returns the first or the last number of what is printed of a ramp.
func end(printed string, which int) string {
	numbers, _, _ := strings.Cut(printed, " (")
	ends := strings.Split(numbers, "…")
	return ends[which*(len(ends)-1)]
}

// ramped draws an event with ramps, and a window that it may begin or end in.
func ramped(r *rapid.T) string {
	minutes := func(name string, most int) int { return 10 * rapid.IntRange(0, most).Draw(r, name) }
	start := begin.Add(time.Duration(minutes("start", 30)) * time.Minute)
	return fmt.Sprintf(`
windows: [{name: w, start: "19:30", duration: 2h, rampUp: %dm, rampDown: %dm, lastDate: 2026-11-23, targets: [{namespace: video, minReplicas: 25}]}]
events: [{name: e, start: %s, duration: 1h, rampUp: %dm, rampDown: %dm, multiplier: %d}]`,
		minutes("window's rampUp", 9), minutes("window's rampDown", 9), start.Format(time.RFC3339),
		minutes("rampUp", 9), minutes("rampDown", 9), rapid.IntRange(1, 3).Draw(r, "multiplier"))
}
