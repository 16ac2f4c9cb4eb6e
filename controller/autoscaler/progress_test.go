package autoscaler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// standing is video/front held at 24, with what the HPA controller reports about it.
func standing(status autoscalingv2.HorizontalPodAutoscalerStatus) *autoscalingv2.HorizontalPodAutoscaler {
	front := evening.HPA(autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 24, MaxReplicas: 100})
	front.Generation, front.Status = 2, status
	return front
}

func status(generation int64, desired int32, conditions ...autoscalingv2.HorizontalPodAutoscalerCondition) autoscalingv2.HorizontalPodAutoscalerStatus {
	return autoscalingv2.HorizontalPodAutoscalerStatus{
		ObservedGeneration: &generation, DesiredReplicas: desired, Conditions: conditions,
	}
}

func condition(kind autoscalingv2.HorizontalPodAutoscalerConditionType, is corev1.ConditionStatus, reason string) autoscalingv2.HorizontalPodAutoscalerCondition {
	return autoscalingv2.HorizontalPodAutoscalerCondition{Type: kind, Status: is, Reason: reason, Message: "because"}
}

// stays is a verdict, some time after the raise, that has nothing to write.
func stays(after time.Duration, status autoscalingv2.HorizontalPodAutoscalerStatus) autoscaler.Verdict {
	front := standing(status)
	return autoscaler.Verdict{HPA: front, At: evening.KickOff().Add(after), State: autoscaler.Observe(front), Desired: autoscaler.Observe(front)}
}

// raises is the verdict that raises the floor to 24.
func raises() autoscaler.Verdict {
	free := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	return autoscaler.Verdict{HPA: evening.HPA(free), At: evening.KickOff(), State: free, Desired: free.Next(evening.Asks(24))}
}

func TestFollowTellsWhetherTheFloorIsReached(t *testing.T) {
	const ms = time.Millisecond
	before, asked, at20 := status(1, 4), status(2, 24), status(2, 20)
	putBack := autoscaler.Verdict{At: evening.KickOff(), State: autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 2, MaxReplicas: 100}}
	putBack.HPA, putBack.Desired = evening.HPA(putBack.State), putBack.State.Next(evening.Asks(24))
	released := stays(time.Minute, before)
	released.Desired = released.State.Next(evening.Asks(0))
	climbing := stays(20*ms, asked)
	climbing.Applies = evening.Asks(80)
	climbing.Applies.Ramp = schedules.Climbing

	for name, test := range map[string]struct {
		verdicts []autoscaler.Verdict
		want     []string
	}{
		"the HPA controller takes the floor up": {
			[]autoscaler.Verdict{raises(), stays(0, before), stays(23*ms, asked), stays(time.Hour, asked)},
			[]string{"FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24; their Pods come as fast as the cluster starts them"},
		},
		"desired replicas from before the raise do not count":               {[]autoscaler.Verdict{raises(), stays(0, status(1, 30))}, nil},
		"a floor that was in effect when the process began is not reported": {[]autoscaler.Verdict{stays(time.Hour, asked)}, nil},
		"nobody takes the floor up": {
			[]autoscaler.Verdict{raises(), stays(299*time.Second, before), stays(5*time.Minute, before), stays(6*time.Minute, before)},
			[]string{"FloorNotReached 5m0s after the raise to 24 the HPA asks for 4 replicas: the HPA controller has not acted on it; is kube-controller-manager running?"},
		},
		"a process begins at a floor that is not reached": {
			[]autoscaler.Verdict{stays(7*time.Minute, at20), stays(8*time.Minute, asked)},
			[]string{
				"FloorNotReached with a floor of 24 the HPA asks for 20 replicas: the HPA controller has not acted on it; is kube-controller-manager running?",
				"FloorReached the HPA asks for 24 replicas; their Pods come as fast as the cluster starts them",
			},
		},
		"a floor that was put back is not reported again": {[]autoscaler.Verdict{putBack, stays(20*ms, asked)}, nil},
		"a floor that was put back and is not reached": {
			[]autoscaler.Verdict{putBack, stays(5*time.Minute, before)},
			[]string{"FloorNotReached 5m0s after the raise to 24 the HPA asks for 4 replicas: the HPA controller has not acted on it; is kube-controller-manager running?"},
		},
		"a lowered floor without a reconcile is not missed": {
			[]autoscaler.Verdict{stays(time.Second, asked), stays(time.Minute, status(1, 30)), stays(10*time.Minute, status(1, 30))}, nil,
		},
		"a release ends the wait":             {[]autoscaler.Verdict{raises(), released, stays(6*time.Minute, asked)}, nil},
		"a step of a ramp is not reported":    {[]autoscaler.Verdict{raises(), climbing}, nil},
		"a floor is lost and comes back soon": {[]autoscaler.Verdict{raises(), stays(time.Second, asked), stays(time.Minute, at20), stays(2*time.Minute, asked)}, []string{"FloorReached the HPA asks for 24 replicas, 1s after the raise to 24; their Pods come as fast as the cluster starts them"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, followed(test.verdicts)); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
		})
	}
}

// followed plays the reconciles of one process and returns the reasons and notes that it reports.
func followed(verdicts []autoscaler.Verdict) []string {
	var r autoscaler.Progress
	var all []string
	for i, verdict := range verdicts {
		var reported []autoscaler.EventNote
		r, reported, _ = r.Follow(verdict, i == 0, 5*time.Minute)
		for _, n := range reported {
			all = append(all, n.Reason+" "+n.Note)
		}
	}
	return all
}

func TestFollowWakesAtTheDeadline(t *testing.T) {
	r, _, wake := autoscaler.Progress{}.Follow(raises(), true, time.Minute)
	if want := evening.KickOff().Add(time.Minute); !wake.Equal(want) {
		t.Errorf("wakes at %v, want %v", wake, want)
	}
	if _, _, wake = r.Follow(stays(time.Second, status(2, 24)), false, time.Minute); !wake.IsZero() {
		t.Errorf("wakes at %v although the floor is reached", wake)
	}
}

func TestObstacleSaysWhatToDo(t *testing.T) {
	active, able := autoscalingv2.ScalingActive, autoscalingv2.AbleToScale
	for want, status := range map[string]autoscalingv2.HorizontalPodAutoscalerStatus{
		"scale the target to 1 or more":       status(2, 0, condition(active, corev1.ConditionFalse, "ScalingDisabled")),
		"needs one successful read":           status(2, 0, condition(autoscalingv2.ScaledToZero, corev1.ConditionTrue, "ScaledToZero"), condition(active, corev1.ConditionFalse, "FailedGetExternalMetric")),
		"FailedGetScale: because":             status(2, 0, condition(able, corev1.ConditionFalse, "FailedGetScale")),
		"is kube-controller-manager running?": {},
	} {
		front := standing(status)
		verdict := autoscaler.Verdict{HPA: front, State: autoscaler.Observe(front), Desired: autoscaler.Observe(front), At: evening.Whistle()}
		got := verdict.Troubles(nil)
		if len(got) != 1 || got[0].Kind != autoscaler.TroubleUnreached || !strings.Contains(got[0].Message, want) {
			t.Errorf("%v does not say %q", got, want)
		}
	}
}

// TestBelowFloor: desiredReplicas alone is not the answer where the HPA controller cannot work.
func TestBelowFloor(t *testing.T) {
	active, able := autoscalingv2.ScalingActive, autoscalingv2.AbleToScale
	unreadable := condition(active, corev1.ConditionFalse, "FailedGetResourceMetric")
	for name, test := range map[string]struct {
		status  autoscalingv2.HorizontalPodAutoscalerStatus
		want    bool
		message string
	}{
		"it asks for less":                          {status(2, 2), true, "asks for 2 replicas and the floor is 24"},
		"it asks for enough":                        {status(2, 24), false, ""},
		"it has not asked yet, and reads no metric": {status(2, 0, unreadable), false, ""},
		"the target is gone":                        {status(2, 30, condition(able, corev1.ConditionFalse, "FailedGetScale")), true, "cannot scale its target (FailedGetScale"},
		"the target was changed meanwhile":          {status(2, 30, condition(able, corev1.ConditionFalse, "FailedUpdateScale")), false, ""},
	} {
		test.status.CurrentReplicas = 30
		if got := autoscaler.BelowFloor(standing(test.status)); got != test.want {
			t.Errorf("%s: below the floor %t, want %t", name, got, test.want)
		}
		hpa := standing(test.status)
		verdict := autoscaler.Verdict{HPA: hpa, At: evening.Whistle(), State: autoscaler.Observe(hpa), Desired: autoscaler.Observe(hpa)}
		if got := verdict.Troubles(nil); (len(got) == 1) != test.want || test.want && !strings.Contains(got[0].Message, test.message) {
			t.Errorf("%s: %v, want %q", name, got, test.message)
		}
	}
}

// TestUnansweredTakesTime: for half a minute after a change, the HPA controller is not said to be gone.
func TestUnansweredTakesTime(t *testing.T) {
	front := standing(autoscalingv2.HorizontalPodAutoscalerStatus{})
	kickOff := evening.KickOff()
	for name, test := range map[string]struct {
		written time.Time // of minReplicas, by somebody else
		at      time.Time
		want    int
	}{
		"the entry has opened": {time.Time{}, kickOff.Add(29 * time.Second), 0},
		"it opened long ago":   {time.Time{}, kickOff.Add(30 * time.Second), 1},
		"a hand has raised it": {kickOff.Add(time.Hour), kickOff.Add(time.Hour + 29*time.Second), 0},
		"and nothing happened": {kickOff.Add(time.Hour), kickOff.Add(time.Hour + 30*time.Second), 1},
	} {
		entry := by("kubectl")
		entry.Time.Time = test.written
		front.ManagedFields = []metav1.ManagedFieldsEntry{entry}
		verdict := autoscaler.Verdict{HPA: front, State: autoscaler.Observe(front), Desired: autoscaler.Observe(front), At: test.at}
		if got := verdict.Troubles(nil); len(got) != test.want {
			t.Errorf("%s: %v, want %d", name, got, test.want)
		}
	}
}

// TestUnansweredTakesTimeInARamp: the opening of the entry is long ago then, and nothing names the write of the step.
func TestUnansweredTakesTimeInARamp(t *testing.T) {
	schedule := evening.OnlyWindows(evening.Schedule(t, 20*time.Minute)) // a step every two minutes from 19:00 on
	climbing := evening.At(schedule, autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, evening.Clock(t, "19:00:00"), evening.Clock(t, "19:10:00")).Desired
	for at, want := range map[string]int{"19:10:29": 0, "19:10:30": 1} {
		verdict := autoscaler.Scope{}.Judge(schedule, evening.HPA(climbing), evening.Clock(t, at))
		if got := verdict.Troubles(schedule); len(got) != want {
			t.Errorf("at %s: %v, want %d", at, got, want)
		}
	}
}
