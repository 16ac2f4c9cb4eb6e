package forecast

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// lines returns changes in one line each.
func lines(schedule *schedules.Schedule, o *Outlook) []string {
	var all []string
	paris := schedule.Windows()[0].Location
	for c := range o.Changes() {
		line := fmt.Sprintf("%s %s %d -> %d: %s", c.After.From.In(paris).Format("15:04"), c.Verb(), c.Before.MinReplicas, c.After.MinReplicas, c.Reason(schedule))
		if len(c.Steps) > 0 {
			line += fmt.Sprintf(", %d steps until %s", len(c.Steps), c.Last().In(paris).Format("15:04"))
		}
		all = append(all, line)
	}
	return all
}

func TestARampIsOneChange(t *testing.T) {
	for name, test := range map[string]struct {
		schedule *schedules.Schedule
		max      int32
		want     []string
	}{
		"no ramp": {evening.OnlyWindows(evening.Schedule(t, 0)), 100, []string{
			"19:20 raise 4 -> 24: window prime-time opens", "23:30 release 24 -> 4: window prime-time ends",
		}},
		"up and down": {evening.OnlyWindows(evening.Schedule(t, 10*time.Minute)), 100, []string{
			"19:11 raise 4 -> 24: window prime-time opens, ramp up, 10 steps until 19:20",
			"23:30 release 24 -> 4: window prime-time, ramp down, 10 steps until 23:39",
		}},
		"steps above maxReplicas change nothing": {evening.OnlyWindows(evening.Schedule(t, 10*time.Minute)), 10, []string{
			"19:11 raise 4 -> 10: window prime-time opens, ramp up, 3 steps until 19:13",
			"23:37 release 10 -> 4: window prime-time, ramp down, 3 steps until 23:39",
		}},
		"an event over a window": {evening.Schedule(t, 0), 100, []string{
			"19:20 raise 4 -> 24: window prime-time opens", "20:00 raise 24 -> 72: event cup-final applies over window prime-time",
			"00:30 release 72 -> 4: event cup-final ends",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := day(t, test.schedule, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: test.max}))
			if diff := cmp.Diff(test.want, lines(test.schedule, &f.Outlooks[0])); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChangesAreTheSameHoweverTheyAreRead compares those of an outlook with those that are computed as they are read, and
// adds their steps up to all steps that there are.
func TestChangesAreTheSameHoweverTheyAreRead(t *testing.T) {
	paris := evening.Paris(t)
	from := time.Date(2026, 12, 17, 23, 0, 0, 0, paris)
	to := from.Add(50 * time.Hour)
	rapid.Check(t, func(t *rapid.T) {
		schedule := drawSchedule(t, paris)
		hpa := evening.HPA(evening.DrawState(t))
		hpa.Name, hpa.Labels = "front-0", map[string]string{"tier": "a"}
		o := &New(schedule, autoscaler.Scope{}, []autoscalingv2.HorizontalPodAutoscaler{*hpa}, from, to).Outlooks[0]
		verdict := autoscaler.Scope{}.Judge(schedule, hpa, from)
		instants := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		verdicts := cmp.Comparer(func(a, b *autoscaler.Verdict) bool { return a.HPA.Name == b.HPA.Name })
		all := slices.Collect(o.Changes())
		if diff := cmp.Diff(all, slices.Collect(Ahead(&verdict, schedule, to)), instants, verdicts); diff != "" {
			t.Fatalf("an outlook and what lies ahead differ:\n%s", diff)
		}
		moves := 0
		for _, change := range all {
			if moves += len(change.Steps); len(change.Steps) == 0 && change.Moves() {
				moves++
			}
		}
		for step := range o.Steps() {
			if step.Moves() {
				moves--
			}
		}
		if moves != 0 {
			t.Fatalf("the changes hold %d steps more than there are", moves)
		}
	})
}
