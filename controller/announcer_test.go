package controller

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestLookAhead(t *testing.T) {
	small := autoscaler.State{MinReplicas: 4, MaxReplicas: 20}
	large := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	keda := func(a *autoscalingv2.HorizontalPodAutoscaler) {
		a.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front-scaler"}}
	}
	for name, test := range map[string]struct {
		at     string
		state  autoscaler.State
		change func(*autoscalingv2.HorizontalPodAutoscaler)
		want   []string
	}{
		"nothing is wrong": {"12:00:00", large, nil, nil},
		"floors above maxReplicas, once for each entry": {"12:00:00", small, nil, []string{
			"FloorAtRisk: window prime-time, from 19:20 CET: the floor 24 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
			"FloorAtRisk: event cup-final, from 20:00 CET: the floor 72 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
		}},
		"what is open already was reported when it opened": {"19:30:00", small, nil, []string{
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
		"an ignored HPA covers nothing and is no clamp": {"12:00:00", small, func(a *autoscalingv2.HorizontalPodAutoscaler) { a.Annotations[autoscaler.AnnotationIgnore] = "true" }, []string{
			"FloorAtRisk: window prime-time, from 19:20 CET: it covers no HorizontalPodAutoscaler: video/front would be selected, and floorkeeper.dev/ignore is set",
			"FloorAtRisk: event cup-final, from 20:00 CET: it covers no HorizontalPodAutoscaler; check its targets",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			front := evening.HPA(test.state)
			if test.change != nil {
				test.change(front)
			}
			var got []string
			now := evening.Clock(t, test.at)
			for _, f := range lookAhead(forecast.New(evening.Schedule(t, 0), autoscaler.Scope{}, []autoscalingv2.HorizontalPodAutoscaler{*front}, now, now.Add(24*time.Hour))) {
				if !f.quiet {
					got = append(got, f.Reason+": "+f.Note)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettling(t *testing.T) {
	elected := evening.Clock(t, "20:00:00")
	held := evening.At(evening.OnlyWindows(evening.Schedule(t, 0)), autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, elected).Desired // 24 until 23:30
	stale := schedules.New(nil, nil)
	ignored := evening.HPA(held)
	ignored.Annotations[autoscaler.AnnotationIgnore] = "true"
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
		"a promised floor is not lowered":                       {stale, evening.HPA(held), "20:00:01", "19:59:00", "20:02:00"},
		"nor shortly before the end of the settle time":         {stale, evening.HPA(held), "20:01:59", "19:59:00", "20:02:00"},
		"it is lowered after the settle time":                   {stale, evening.HPA(held), "20:02:00", "19:59:00", ""},
		"a clock that was stepped back is no reason to wait":    {stale, evening.HPA(held), "19:57:59", "19:50:00", ""},
		"a look that was taken a moment before the first waits": {stale, evening.HPA(held), "19:59:59", "19:59:00", "20:02:00"},
		"an entry that opens meanwhile is when to look next":    {laterTonight(t), evening.HPA(held), "20:00:01", "19:59:00", "20:01:30"},
		"a revert does not end the promise":                     {stale, evening.HPA(reverted), "20:00:01", "19:59:00", "20:02:00"},
		"it is lowered when the file has changed":               {stale, evening.HPA(held), "20:00:30", "20:00:20", ""},
		"a floor may be raised for a shorter time":              {raised(t), evening.HPA(held), "20:00:01", "19:59:00", ""},
		"a floor may be raised":                                 {evening.Schedule(t, 0), evening.HPA(held), "20:00:01", "19:59:00", ""},
		"a floor that is due may be lowered":                    {stale, evening.HPA(held), "23:30:00", "19:59:00", ""},
		"ignore is obeyed at once":                              {stale, ignored, "20:00:01", "19:59:00", ""},
		"a lowered maxReplicas is obeyed at once":               {stale, evening.HPA(lowered), "20:00:01", "19:59:00", ""},
		"a free HPA has nothing to wait for":                    {stale, evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100}), "20:00:01", "19:59:00", ""},
		"the same floor is not promised for a shorter time":     {shorter(t), evening.HPA(held), "20:00:01", "19:59:00", "20:02:00"},
		"an instant that cannot be read promises nothing":       {stale, evening.HPA(unreadable(held)), "20:00:01", "19:59:00", ""},
		"a damaged HPA is left alone and needs no settle":       {stale, damaged(evening.HPA(held)), "20:00:01", "19:59:00", ""},
		"an end within the settle time is when to look next":    {stale, evening.HPA(endingSoon(held)), "20:00:01", "19:59:00", "20:01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settling{period: 2 * time.Minute}
			s.until(autoscaler.Verdict{At: elected}, &Revision{}) // the first look after the election
			verdict := autoscaler.Scope{}.Judge(test.schedule, test.hpa, evening.Clock(t, test.at))
			until, wait := s.until(verdict, &Revision{Schedule: test.schedule, LoadedAt: evening.Clock(t, test.loadedAt)})
			if wait != (test.want != "") {
				t.Fatalf("wait %v until %v, want %q", wait, until, test.want)
			}
			if wait && !until.Equal(evening.Clock(t, test.want)) {
				t.Errorf("look again at %v, want %s", until, test.want)
			}
		})
	}
}

// shorter is the evening with a window that ends an hour before.
func shorter(t *testing.T) *schedules.Schedule {
	t.Helper()
	window := evening.Schedule(t, 0).Windows()[0]
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

func unreadable(s autoscaler.State) autoscaler.State {
	s.Mark.Until = "tonight"
	return s
}

func endingSoon(s autoscaler.State) autoscaler.State {
	s.Mark.Until = "2026-12-18T20:01:00+01:00"
	return s
}

func damaged(a *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	delete(a.Annotations, autoscaler.AnnotationBaseline)
	return a
}
