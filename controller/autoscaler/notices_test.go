package autoscaler_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// reported is a case of the Events for a change.
type reported struct {
	schedule *schedules.Schedule
	state    autoscaler.State
	at       []string // of the reconciles, on 18 December in Paris; the last one is reported
	want     []autoscaler.EventNote
}

func TestNotices(t *testing.T) {
	four := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	held := evening.At(evening.Schedule(t, 0), four, evening.Clock(t, "19:20:00")).Desired
	edited := held
	edited.MinReplicas = 6
	small := autoscaler.State{MinReplicas: 4, MaxReplicas: 20}
	cut := evening.At(evening.Schedule(t, 0), small, evening.Clock(t, "19:20:00")).Desired
	cut.MinReplicas = 6
	const ramp = 10 * time.Minute

	for name, test := range map[string]reported{
		"a window opens, lead time before its start": {
			evening.Schedule(t, 0), four,
			[]string{"19:20:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4"}},
		},
		"an event triples it and ends after midnight": {
			evening.Schedule(t, 0), four,
			[]string{"19:20:00", "20:00:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 24 -> 72 until Sat 00:30 CET (event cup-final); baseline 4"}},
		},
		"the largest entry ends": {
			evening.Schedule(t, 0), four,
			[]string{"20:00:00", "24:30:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorReleased", "", "minReplicas 72 -> 4, the baseline: event cup-final is over"}},
		},
		"the floor is above maxReplicas": {
			evening.Schedule(t, 0), small,
			[]string{"19:20:00"},
			[]autoscaler.EventNote{
				{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 4 -> 20 until 23:30 CET (window prime-time); baseline 4"},
				{corev1.EventTypeWarning, "FloorClamped", "", "floor 24 (window prime-time) is above maxReplicas and is clamped to 20; raise maxReplicas to get it"},
			},
		},
		"a clamp is reported once, not again when it is put back": {
			evening.Schedule(t, 0), cut,
			[]string{"19:25:00"},
			[]autoscaler.EventNote{
				{corev1.EventTypeNormal, "BaselineChanged", "", "baseline changed from 4 to 6; it applies when the window ends"},
				{corev1.EventTypeWarning, "FloorReverted", "", "minReplicas 6 was written by kubectl-edit; put back to 20 until 23:30 CET (window prime-time); baseline 6"},
			},
		},
		"a clamp that leaves minReplicas where it is": {
			evening.Schedule(t, 0),
			autoscaler.State{MinReplicas: 20, MaxReplicas: 20},
			[]string{"19:20:00"},
			[]autoscaler.EventNote{{corev1.EventTypeWarning, "FloorClamped", "", "floor 24 (window prime-time) is above maxReplicas and is clamped to 20; raise maxReplicas to get it"}},
		},
		"a ramp that maxReplicas will cut": {
			evening.Schedule(t, ramp), small,
			[]string{"19:11:00"},
			[]autoscaler.EventNote{
				{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 4 -> 6, climbing to 20 (window prime-time); baseline 4"},
				{corev1.EventTypeWarning, "FloorClamped", "", "floor 24 (window prime-time) is above maxReplicas and is clamped to 20; raise maxReplicas to get it"},
			},
		},
		"a ramp that maxReplicas cuts is done": {
			evening.Schedule(t, ramp), small,
			[]string{"19:11:00", "19:18:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 6 -> 20 until 23:30 CET (window prime-time); baseline 4"}},
		},
		"what goes on above maxReplicas is not reported": {evening.Schedule(t, ramp), small, []string{"19:18:00", "19:19:00", "19:20:00"}, nil},
		"the owner writes another value while held": {
			evening.Schedule(t, 0), edited,
			[]string{"19:25:00"},
			[]autoscaler.EventNote{
				{corev1.EventTypeNormal, "BaselineChanged", "", "baseline changed from 4 to 6; it applies when the window ends"},
				{corev1.EventTypeWarning, "FloorReverted", "", "minReplicas 6 was written by kubectl-edit; put back to 24 until 23:30 CET (window prime-time); baseline 6"},
			},
		},
		"the entry is taken out of the schedule": {
			schedules.New(nil, nil), held,
			[]string{"19:25:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorReleased", "", "minReplicas 24 -> 4, the baseline: entry prime-time no longer covers it"}},
		},
		"a ramp begins to climb": {
			evening.Schedule(t, ramp), four,
			[]string{"19:11:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 4 -> 6, climbing to 24 (window prime-time); baseline 4"}},
		},
		"a step in the middle of a ramp is not reported": {
			evening.Schedule(t, ramp), four, []string{"19:11:00", "19:12:00"}, nil,
		},
		"a ramp is done": {
			evening.Schedule(t, ramp), four,
			[]string{"19:11:00", "19:20:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorRaised", "", "minReplicas 6 -> 24 until 23:30 CET (window prime-time); baseline 4"}},
		},
		"a ramp begins to descend": {
			evening.OnlyWindows(evening.Schedule(t, ramp)), four,
			[]string{"19:20:00", "23:30:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorLowered", "", "minReplicas 24 -> 22, descending to 4 (window prime-time); baseline 4"}},
		},
		"a step down in the middle is not reported": {
			evening.OnlyWindows(evening.Schedule(t, ramp)), four, []string{"19:20:00", "23:30:00", "23:31:00"}, nil,
		},
		"a ramp has come down": {
			evening.OnlyWindows(evening.Schedule(t, ramp)), four,
			[]string{"23:38:30", "23:39:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "FloorReleased", "", "minReplicas 6 -> 4, the baseline: window prime-time is over"}},
		},
		"a baseline above the floor moves nothing and is not reported": {
			evening.Schedule(t, 0), autoscaler.State{MinReplicas: 30, MaxReplicas: 100}, []string{"19:20:00"}, nil,
		},
	} {
		t.Run(name, test.check)
	}
}

func TestNoticesOfBaselines(t *testing.T) {
	held := evening.At(evening.Schedule(t, 0), autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, evening.Clock(t, "19:20:00")).Desired
	declared := held
	declared.Declared = autoscaler.Declaration{7, true}
	tooMany := held
	tooMany.Declared = autoscaler.Declaration{150, true}
	tooMany.Mark.Baseline, tooMany.Mark.Floor, tooMany.MinReplicas = 100, 100, 100
	wasZero := held
	wasZero.Mark.Baseline = 0
	healed := autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 100, Declared: autoscaler.Declaration{4, true}}
	for name, test := range map[string]reported{
		"a baseline is declared while held": {
			evening.Schedule(t, 0), declared,
			[]string{"19:25:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "BaselineChanged", "", "baseline 4 -> 7, from floorkeeper.dev/declared-baseline"}},
		},
		"a declared baseline heals damaged annotations": {
			evening.Schedule(t, 0), healed,
			[]string{"19:25:00"},
			[]autoscaler.EventNote{{corev1.EventTypeNormal, "BaselineChanged", "", "baseline 4, from floorkeeper.dev/declared-baseline: the other annotations were damaged"}},
		},
		"a declared baseline heals outside entries": {
			schedules.New(nil, nil), healed,
			[]string{"23:30:00"},
			[]autoscaler.EventNote{
				{corev1.EventTypeNormal, "BaselineChanged", "", "baseline 4, from floorkeeper.dev/declared-baseline: the other annotations were damaged"},
				{corev1.EventTypeNormal, "FloorReleased", "", "minReplicas 24 -> 4, the baseline: no entry is open"},
			},
		},
		"a declared baseline is above maxReplicas": {
			evening.OnlyWindows(evening.Schedule(t, 0)), tooMany,
			[]string{"23:30:00"},
			[]autoscaler.EventNote{{corev1.EventTypeWarning, "FloorReleased", "", "minReplicas 100 -> 100, the baseline: window prime-time is over; the owner's value 150 is not valid (maxReplicas is 100), so the nearest valid value is set"}},
		},
		"a baseline of 0 has become illegal": {
			evening.OnlyWindows(evening.Schedule(t, 0)), wasZero,
			[]string{"23:30:00"},
			[]autoscaler.EventNote{{corev1.EventTypeWarning, "FloorReleased", "", "minReplicas 24 -> 1, the baseline: window prime-time is over; the owner's value 0 is not valid (0 needs an Object or External metric), so the nearest valid value is set"}},
		},
	} {
		t.Run(name, test.check)
	}
}

func TestNoticesOfEdits(t *testing.T) {
	window := evening.Schedule(t, 0).Windows()[0]
	edit := func(edit func(*schedules.Window)) *schedules.Schedule {
		edited := window
		edit(&edited)
		return schedules.New([]schedules.Window{edited}, nil)
	}
	for name, test := range map[string]struct {
		after *schedules.Schedule
		max   int32
		want  []string
	}{
		"the end is later": {
			edit(func(w *schedules.Window) { w.End += 900 }), 100,
			[]string{"FloorExtended minReplicas 24 until 23:45 CET instead of 23:30 CET (window prime-time)"},
		},
		"the end is earlier": {
			edit(func(w *schedules.Window) { w.End -= 900 }), 100,
			[]string{"FloorShortened minReplicas 24 until 23:15 CET instead of 23:30 CET (window prime-time)"},
		},
		"the floor is raised above maxReplicas": {
			edit(func(w *schedules.Window) {
				w.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 70}}}
			}), 60,
			[]string{
				"FloorRaised minReplicas 24 -> 60 until 23:30 CET (window prime-time); baseline 4",
				"FloorClamped floor 70 (window prime-time) is above maxReplicas and is clamped to 60; raise maxReplicas to get it",
			},
		},
		"nothing that changes the floor": {edit(func(w *schedules.Window) { w.LeadTime += time.Minute }), 100, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := evening.At(schedules.New([]schedules.Window{window}, nil), autoscaler.State{MinReplicas: 4, MaxReplicas: test.max}, evening.Clock(t, "19:40:00"))
			var got []string
			for _, n := range evening.At(test.after, before.Desired, evening.Clock(t, "19:50:00")).Notices(test.after, "") {
				got = append(got, n.Reason+" "+n.Note)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

func (test reported) check(t *testing.T) {
	var instants []time.Time
	for _, at := range test.at {
		instants = append(instants, evening.Clock(t, at))
	}
	got := evening.At(test.schedule, test.state, instants...).Notices(test.schedule, "kubectl-edit")
	for i := range got {
		if got[i].Action == "" || len(got[i].Action) > 128 {
			t.Errorf("action %q is not one", got[i].Action)
		}
		got[i].Action = ""
	}
	if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(autoscaler.EventNote{})); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestMomentTellsTheDayWhereItIsNotToday(t *testing.T) {
	paris := evening.Paris(t)
	now := time.Date(2026, 12, 18, 23, 0, 0, 0, paris)
	for want, instant := range map[string]time.Time{
		"23:30 CET":            time.Date(2026, 12, 18, 23, 30, 0, 0, paris),
		"Sat 00:30 CET":        time.Date(2026, 12, 19, 0, 30, 0, 0, paris),
		"2026-12-31 08:00 CET": time.Date(2026, 12, 31, 8, 0, 0, 0, paris),
	} {
		if got := autoscaler.FloorAtRisk("kind", "window w", "it is late", instant, now.UTC()).Note; got != "window w, from "+want+": it is late" {
			t.Errorf("of %v: %q, want %q in it", instant, got, want)
		}
	}
}

func TestBaselineChangedNamesTheWriter(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	held := evening.At(schedule, autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, evening.Clock(t, "19:20:00")).Desired
	for minReplicas, want := range map[int32]string{
		6:  "baseline changed from 4 to 6 by helm; it applies when the window ends",
		30: "baseline changed from 4 to 30 by helm",
	} {
		held.MinReplicas = minReplicas
		hpa := evening.HPA(held)
		hpa.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "helm", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:minReplicas":{}}}`)}}
		got := autoscaler.Scope{}.Judge(schedule, hpa, evening.Clock(t, "19:25:00")).Notices(schedule, "")
		if len(got) == 0 || got[0].Note != want {
			t.Errorf("%v, want %q first", got, want)
		}
	}
}

func TestALoweredFloorIsHeldUntil(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	early := schedule.Windows()[0]
	early.Name, early.Start, early.End = "afternoon", 16*3600, 20*3600
	early.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 30}}}
	both := schedules.New([]schedules.Window{early, schedule.Windows()[0]}, nil)
	verdict := evening.At(both, autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, evening.Clock(t, "19:50:00"), evening.Clock(t, "20:00:00"))
	want := "minReplicas 30 -> 24, floor held until 23:30 CET (window prime-time); baseline 4"
	if got := verdict.Notices(both, ""); len(got) != 1 || got[0].Reason != autoscaler.ReasonFloorLowered || got[0].Note != want {
		t.Errorf("%v, want %q", got, want)
	}
}
