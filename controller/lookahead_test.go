package controller

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestLookAhead(t *testing.T) {
	small := State{MinReplicas: 4, MaxReplicas: 20}
	large := State{MinReplicas: 4, MaxReplicas: 100}
	keda := func(a *autoscalingv2.HorizontalPodAutoscaler) {
		a.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front-scaler"}}
	}
	for name, test := range map[string]struct {
		at     string
		state  State
		change func(*autoscalingv2.HorizontalPodAutoscaler)
		want   []string
	}{
		"nothing is wrong": {"12:00:00", large, nil, nil},
		"floors above maxReplicas, once for each entry": {"12:00:00", small, nil, []string{
			"FloorAtRisk: window prime-time, from 19:20 CET: the floor 24 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
			"FloorAtRisk: event cup-final, from 20:00 CET: the floor 72 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
		}},
		"what is open already was told when it opened": {"19:30:00", small, nil, []string{
			"FloorAtRisk: event cup-final, from 20:00 CET: the floor 72 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
		}},
		"an HPA of KEDA": {"12:00:00", large, keda, []string{
			"TargetRefused: window prime-time selects this HPA, but it gets no floor: it is owned by the KEDA ScaledObject front-scaler, which would overwrite it; use a KEDA trigger instead",
			"TargetRefused: event cup-final selects this HPA, but it gets no floor: it is owned by the KEDA ScaledObject front-scaler, which would overwrite it; use a KEDA trigger instead",
		}},
		"entries that cover no HPA": {"19:30:00", large, func(a *autoscalingv2.HorizontalPodAutoscaler) { a.Namespace = "vidoe" }, []string{
			"FloorAtRisk: window prime-time is open: it covers no HorizontalPodAutoscaler; check its targets",
			"FloorAtRisk: event cup-final, from 20:00 CET: it covers no HorizontalPodAutoscaler; check its targets",
		}},
		"an ignored HPA covers nothing and is no clamp": {"12:00:00", small, func(a *autoscalingv2.HorizontalPodAutoscaler) { a.Annotations[AnnotationIgnore] = "true" }, []string{
			"FloorAtRisk: window prime-time, from 19:20 CET: it covers no HorizontalPodAutoscaler; check its targets",
			"FloorAtRisk: event cup-final, from 20:00 CET: it covers no HorizontalPodAutoscaler; check its targets",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			front := hpa(test.state)
			if test.change != nil {
				test.change(front)
			}
			var got []string
			now := clock(t, test.at)
			for _, f := range lookAhead(NewForecast(eveningSchedule(t, 0), Scope{}, []autoscalingv2.HorizontalPodAutoscaler{*front}, now, now.Add(24*time.Hour))) {
				if !f.quiet {
					got = append(got, f.reason+": "+f.note)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettling(t *testing.T) {
	elected := clock(t, "20:00:00")
	held := lookAt(onlyWindows(eveningSchedule(t, 0)), State{MinReplicas: 4, MaxReplicas: 100}, elected).Next // 24 until 23:30
	stale := schedules.New(nil, nil)
	ignored := hpa(held)
	ignored.Annotations[AnnotationIgnore] = "true"
	reverted := held
	reverted.MinReplicas = 2
	lowered := held
	lowered.MinReplicas, lowered.MaxReplicas = 10, 10

	for name, test := range map[string]struct {
		schedule *schedules.Schedule
		hpa      *autoscalingv2.HorizontalPodAutoscaler
		at       string
		loadedAt string
		want     string // when to look again; "" to go on at once
	}{
		"a promised floor is not lowered":                       {stale, hpa(held), "20:00:01", "19:59:00", "20:02:00"},
		"nor shortly before the end of the settle time":         {stale, hpa(held), "20:01:59", "19:59:00", "20:02:00"},
		"it is lowered after the settle time":                   {stale, hpa(held), "20:02:00", "19:59:00", ""},
		"a clock that was stepped back is no reason to wait":    {stale, hpa(held), "19:57:59", "19:50:00", ""},
		"a look that was taken a moment before the first waits": {stale, hpa(held), "19:59:59", "19:59:00", "20:02:00"},
		"an entry that opens meanwhile is when to look next":    {laterTonight(t), hpa(held), "20:00:01", "19:59:00", "20:01:30"},
		"a revert does not end the promise":                     {stale, hpa(reverted), "20:00:01", "19:59:00", "20:02:00"},
		"it is lowered when the file has changed":               {stale, hpa(held), "20:00:30", "20:00:20", ""},
		"a floor may be raised for a shorter time":              {raised(t), hpa(held), "20:00:01", "19:59:00", ""},
		"a floor may be raised":                                 {eveningSchedule(t, 0), hpa(held), "20:00:01", "19:59:00", ""},
		"a floor that is due may be lowered":                    {stale, hpa(held), "23:30:00", "19:59:00", ""},
		"ignore is obeyed at once":                              {stale, ignored, "20:00:01", "19:59:00", ""},
		"a lowered maxReplicas is obeyed at once":               {stale, hpa(lowered), "20:00:01", "19:59:00", ""},
		"a free HPA has nothing to wait for":                    {stale, hpa(State{MinReplicas: 4, MaxReplicas: 100}), "20:00:01", "19:59:00", ""},
		"the same floor is not promised for a shorter time":     {shorter(t), hpa(held), "20:00:01", "19:59:00", "20:02:00"},
		"an instant that cannot be read promises nothing":       {stale, hpa(unreadable(held)), "20:00:01", "19:59:00", ""},
		"a damaged HPA is left alone and needs no settle":       {stale, damaged(hpa(held)), "20:00:01", "19:59:00", ""},
		"an end within the settle time is when to look next":    {stale, hpa(endingSoon(held)), "20:00:01", "19:59:00", "20:01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settling{time: 2 * time.Minute}
			s.until(Look{At: elected}, &Revision{}) // the first look after the election
			look := Scope{}.Look(test.schedule, test.hpa, clock(t, test.at))
			until, wait := s.until(look, &Revision{Schedule: test.schedule, LoadedAt: clock(t, test.loadedAt)})
			if wait != (test.want != "") {
				t.Fatalf("wait %v until %v, want %q", wait, until, test.want)
			}
			if wait && !until.Equal(clock(t, test.want)) {
				t.Errorf("look again at %v, want %s", until, test.want)
			}
		})
	}
}

// shorter is the evening with a window that ends an hour before.
func shorter(t *testing.T) *schedules.Schedule {
	t.Helper()
	window := eveningSchedule(t, 0).Windows()[0]
	window.End -= 3600
	return schedules.New([]schedules.Window{window}, nil)
}

// raised is the evening with a larger window that ends an hour before.
func raised(t *testing.T) *schedules.Schedule {
	t.Helper()
	window := shorter(t).Windows()[0]
	window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 30}}}
	return schedules.New([]schedules.Window{window}, nil)
}

// laterTonight has nothing open at 20:00 and a larger floor from 20:01:30.
func laterTonight(t *testing.T) *schedules.Schedule {
	t.Helper()
	window := raised(t).Windows()[0]
	window.Start, window.LeadTime = 20*3600+90, 0
	return schedules.New([]schedules.Window{window}, nil)
}

func unreadable(s State) State {
	s.Mark.Until = "tonight"
	return s
}

func endingSoon(s State) State {
	s.Mark.Until = "2026-12-18T20:01:00+01:00"
	return s
}

func damaged(a *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	delete(a.Annotations, AnnotationBaseline)
	return a
}
