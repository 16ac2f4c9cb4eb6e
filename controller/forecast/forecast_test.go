package forecast

import (
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// TestForecastSharesNothingThatDiffers compares the forecast of HPAs that are nearly alike with what the schedule and
// State.Next return for each alone.
func TestForecastSharesNothingThatDiffers(t *testing.T) {
	paris := evening.Paris(t)
	from := time.Date(2026, 12, 17, 23, 0, 0, 0, paris)
	rapid.Check(t, func(t *rapid.T) {
		schedule := drawSchedule(t, paris)
		var hpas []autoscalingv2.HorizontalPodAutoscaler
		for i := range 6 {
			drawn := evening.HPA(autoscaler.State{MinReplicas: rapid.Int32Range(1, 3).Draw(t, "minReplicas"), MaxReplicas: rapid.Int32Range(4, 6).Draw(t, "maxReplicas")})
			if rapid.IntRange(0, 3).Draw(t, "any state") == 0 {
				drawn = evening.HPA(evening.DrawState(t))
			}
			drawn.Name = fmt.Sprint("front-", i)
			drawn.Labels = map[string]string{"tier": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "tier")}
			if rapid.IntRange(0, 5).Draw(t, "ignored") == 0 {
				drawn.Annotations[autoscaler.AnnotationIgnore] = "true"
			}
			hpas = append(hpas, *drawn)
		}
		forecast := New(schedule, autoscaler.Scope{}, hpas, from, from.Add(50*time.Hour))
		for i := range forecast.Outlooks {
			compareOutlook(t, schedule, &forecast.Outlooks[i])
		}
	})
}

func compareOutlook(t *rapid.T, schedule *schedules.Schedule, o *Outlook) {
	state, end := o.State, o.forecast.From
	for stretch := range o.Stretches() {
		if !stretch.From.Equal(end) {
			t.Fatalf("%s: a stretch begins at %s where the one before ended at %s", o.HPA.Name, stretch.From, end)
		}
		end = stretch.To
		for at := stretch.From; !at.IsZero() && at.Before(stretch.To); {
			decision := schedule.At(o.Subject(), at)
			if o.Refusal == "" {
				state = state.Next(decision)
			} else {
				state = state.Next(schedules.Decision{})
			}
			want := Stretch{stretch.From, stretch.To, decision.Because, decision.Floor, decision.Full, decision.Ramp, state.MinReplicas}
			if stretch != want {
				t.Fatalf("%s at %s: the forecast says %+v, State.Next %+v", o.HPA.Name, at, stretch, want)
			}
			at = decision.Next
		}
	}
	if !end.Equal(o.forecast.To) {
		t.Fatalf("%s: the forecast ends at %s", o.HPA.Name, end)
	}
}

// drawSchedule draws daily windows and an event, with targets that select some of the HPAs front-0 to front-5.
func drawSchedule(t *rapid.T, loc *time.Location) *schedules.Schedule {
	ramp := func(label string) time.Duration {
		return time.Duration(rapid.SampledFrom([]int{0, 0, 20}).Draw(t, label)) * time.Minute
	}
	target := func(relative bool) schedules.Target {
		aim := schedules.Target{Namespace: "video"}
		switch rapid.IntRange(0, 2).Draw(t, "by") {
		case 0:
			aim.Name = fmt.Sprint("front-", rapid.IntRange(0, 5).Draw(t, "name"))
		case 1:
			aim.Selector = labels.SelectorFromSet(labels.Set{"tier": "a"})
		}
		if aim.Amount.Replicas = rapid.Int32Range(1, 8).Draw(t, "replicas"); relative && rapid.Bool().Draw(t, "relative") {
			aim.Amount = schedules.Amount{Ratio: 2000}
		}
		return aim
	}
	relative := rapid.Bool().Draw(t, "some relative")
	var windows []schedules.Window
	for i := range rapid.IntRange(1, 3).Draw(t, "windows") {
		start := rapid.IntRange(0, 20).Draw(t, "start") * 3600
		windows = append(windows, schedules.Window{
			Entry: schedules.Entry{
				Name: fmt.Sprint("w", i), Location: loc, RampUp: ramp("rampUp"), RampDown: ramp("rampDown"),
				Targets: []schedules.Target{target(relative), target(relative)},
			},
			Start: schedules.Clock(start), End: schedules.Clock(start + 3600*3),
		})
	}
	if !rapid.Bool().Draw(t, "event") {
		return schedules.New(windows, nil)
	}
	return schedules.New(windows, []schedules.Event{{
		Entry: schedules.Entry{Name: "e", Location: loc}, Multiplier: 2000, StartDate: schedules.NewDate(2026, 12, 18),
		Start: time.Date(2026, 12, 18, 9, 0, 0, 0, loc), End: time.Date(2026, 12, 18, 15, 0, 0, 0, loc),
	}})
}
