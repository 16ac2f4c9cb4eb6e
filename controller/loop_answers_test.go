package controller

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// webhook answers as a webhook or the API server does: with a code, and in its words.
func webhook(code int, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: int32(code), Message: message}}
}

func conflict() error {
	return apierrors.NewConflict(autoscalingv2.Resource("horizontalpodautoscalers"), "front", errors.New("changed"))
}

// answers gives the errors to our next patches, which are not stored. It stores a patch for nil, and those that follow.
func answers(all ...error) func(func() error) error {
	return func(send func() error) error {
		var err error
		if len(all) > 0 {
			err, all = all[0], all[1:]
		}
		if err == nil {
			return send()
		}
		return err
	}
}

// forever gives the same error to each patch.
func forever(err error) func(func() error) error {
	return func(func() error) error { return err }
}

// evening24 begins an evening with a floor of 24 from 19:20 to 23:30.
func evening24(t *testing.T) *loop {
	t.Helper()
	return begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), four(), "19:00:00")
}

func TestAConflictIsReadFromTheAPIServer(t *testing.T) {
	l := evening24(t)
	l.answer = func(send func() error) error {
		l.answer = nil
		l.setsMin("kubectl-edit", 6)
		return send()
	}
	l.until("19:30:00", `
		19:20:00 sets 24 over 4: Conflict
		19:20:00.02 asks the API server
		19:20:00.02 sets 24 over 6
		19:20:00.02 FloorRaised minReplicas 6 -> 24 until 23:30 CET (window prime-time); baseline 6
		19:20:00.04 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01.02 hands back
		23:30:00 wakes`)
	if got := testutil.ToFloat64(l.metrics.patches.WithLabelValues("raise", "conflict")); got != 1 {
		t.Errorf("%v conflicts counted, want 1", got)
	}
}

func TestConflictsSlowDownAndAreReportedInTheEnd(t *testing.T) {
	l := evening24(t)
	l.answer = forever(conflict())
	l.play("19:20:18")
	var at []string
	for _, line := range l.story {
		if instant, answer, _ := strings.Cut(line, " "); strings.HasSuffix(answer, ": Conflict") {
			at = append(at, strings.TrimPrefix(instant, "19:20:"))
		}
	}
	want := "00 00.05 00.15 00.35 00.75 01.55 03.15 06.35 09.55 12.75 15.95"
	if got := strings.Join(at, " "); got != want {
		t.Errorf("conflicts at %s, want %s", got, want)
	}
	l.play("19:22:00")
	if reports := strings.Count(strings.Join(l.story, "\n"), "Warning PatchRefused"); reports != 1 {
		t.Errorf("it is reported %d times: %q", reports, l.story)
	}
	l.answer, l.story = nil, nil
	l.until("19:30:00", `
		19:22:01.55 asks the API server
		19:22:01.55 sets 24 over 4
		19:22:01.55 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:22:01.57 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:22:02.55 hands back
		23:30:00 wakes`)
}

func TestAWatchThatLagsBehindIsNotBelieved(t *testing.T) {
	l := evening24(t)
	l.cached = l.stored()
	l.until("19:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.07 asks the API server
		19:20:00.07 FloorReached the HPA asks for 24 replicas, 70ms after the raise to 24 ...
		19:20:01.05 asks the API server
		19:20:01.05 hands back
		23:30:00 wakes`)
	l.cached = nil
}

func TestADecisionAboutThePatchIsReportedOnce(t *testing.T) {
	for name, err := range map[string]error{
		"a policy":                    webhook(http.StatusForbidden, `ValidatingAdmissionPolicy "caps" denied the request`),
		"a webhook with its own code": webhook(http.StatusTeapot, `admission webhook "caps" denied the request`),
		"a webhook without a reason":  webhook(http.StatusBadRequest, "at most 20"),
		"a webhook that is down":      webhook(http.StatusInternalServerError, `failed calling webhook "caps"`),
		"the API server's validation": webhook(http.StatusUnprocessableEntity, "at most 20"),
	} {
		t.Run(name, func(t *testing.T) {
			l := evening24(t)
			l.answer = answers(err, err, err)
			l.play("19:20:30")
			if reports := strings.Count(strings.Join(l.story, "\n"), "Warning PatchRefused"); reports != 1 || !strings.Contains(l.story[1], "PatchRefused") {
				t.Errorf("it is reported %d times: %q", reports, l.story)
			}
		})
	}
	l := evening24(t)
	l.answer = answers(webhook(http.StatusBadRequest, "at most 20"), webhook(http.StatusBadRequest, "at most 20"), webhook(http.StatusBadRequest, "at most 21"))
	l.until("19:20:30", `
		19:20:00 sets 24 over 4: at most 20
		19:20:00 Warning PatchRefused minReplicas 4 -> 24 is refused: cannot patch HorizontalPodAutoscaler video/front: at most 20; floorkeeper keeps retrying
		19:20:00.05 sets 24 over 4: at most 20
		19:20:00.15 sets 24 over 4: at most 21
		19:20:00.15 Warning PatchRefused minReplicas 4 -> 24 is refused: cannot patch HorizontalPodAutoscaler video/front: at most 21; floorkeeper keeps retrying
		19:20:00.35 sets 24 over 4
		19:20:00.35 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.37 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01.35 hands back
		23:30:00 wakes`)
	l.answer = answers(webhook(http.StatusBadRequest, "at most 20")) // it is reported again, for it was well in between
	l.setsMin("helm", 10)
	l.until("19:30:00", `
		19:20:30.02 sets 24 over 10: at most 20
		19:20:30.02 Warning PatchRefused minReplicas 10 -> 24 is refused: cannot patch HorizontalPodAutoscaler video/front: at most 20; floorkeeper keeps retrying
		19:20:30.07 sets 24 over 10
		19:20:30.07 BaselineChanged baseline changed from 4 to 10 by helm; it applies when the window ends
		19:20:30.07 Warning FloorReverted minReplicas 10 was written by helm; put back to 24 until 23:30 CET (window prime-time); baseline 10
		19:20:31.07 hands back
		23:30:00 wakes`)
	if got := testutil.ToFloat64(l.metrics.patches.WithLabelValues("raise", "error")); got != 4 {
		t.Errorf("%v errors counted, want 4", got)
	}
}

func TestAnOutageIsReportedAfterAMinute(t *testing.T) {
	for name, err := range map[string]error{
		"nobody listens":      errors.New("connection refused"),
		"it is starting":      webhook(http.StatusInternalServerError, "not yet"),
		"it knows us not yet": webhook(http.StatusForbidden, "RBAC: not found"),
		"too much is asked":   webhook(http.StatusTooManyRequests, "later, says a webhook"),
	} {
		t.Run(name, func(t *testing.T) {
			l := evening24(t)
			l.answer = forever(err)
			l.play("19:20:55")
			for _, line := range l.story {
				if strings.Contains(line, "PatchRefused") {
					t.Errorf("%q within the first minute", line)
				}
			}
		})
	}
	l := evening24(t)
	l.answer = forever(errors.New("connection refused"))
	l.until("19:22:00", `
		19:20:00 sets 24 over 4: connection refused
		19:20:00.05 sets 24 over 4: connection refused
		19:20:00.15 sets 24 over 4: connection refused
		19:20:00.35 sets 24 over 4: connection refused
		19:20:00.75 sets 24 over 4: connection refused
		19:20:01.55 sets 24 over 4: connection refused
		19:20:03.15 sets 24 over 4: connection refused
		19:20:06.35 sets 24 over 4: connection refused
		19:20:12.75 sets 24 over 4: connection refused
		19:20:25.55 sets 24 over 4: connection refused
		19:20:40.55 sets 24 over 4: connection refused
		19:20:55.55 sets 24 over 4: connection refused
		19:21:10.55 sets 24 over 4: connection refused
		19:21:10.55 Warning PatchRefused minReplicas 4 -> 24 is refused: cannot patch HorizontalPodAutoscaler video/front: connection refused; floorkeeper keeps retrying
		19:21:25.55 sets 24 over 4: connection refused
		19:21:40.55 sets 24 over 4: connection refused
		19:21:55.55 sets 24 over 4: connection refused
		19:22:10.55 wakes`)
	l.answer = nil
	l.until("19:30:00", `
		19:22:10.55 sets 24 over 4
		19:22:10.55 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:22:10.57 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:22:11.55 hands back
		23:30:00 wakes`)
}

func TestAnHPAThatIsGoneNeedsNoPatch(t *testing.T) {
	l := evening24(t)
	l.answer = forever(apierrors.NewNotFound(autoscalingv2.Resource("horizontalpodautoscalers"), "front"))
	l.until("19:30:00", `
		19:20:00 sets 24 over 4: NotFound
		23:30:00 wakes`)
}

func TestAnHPAThatIsBeingDeletedIsLeftAlone(t *testing.T) {
	l := evening24(t)
	l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Finalizers = []string{"example.com/wait"} })
	if err := l.api.Delete(t.Context(), l.stored()); err != nil {
		t.Fatal(err)
	}
	l.until("19:30:00", `
		sleeps`)
}

func TestAReadThatFailsIsRepeated(t *testing.T) {
	l := evening24(t)
	api := l.client
	l.client = failing{api}
	l.until("19:00:10", `
		19:00:12.75 wakes`)
	l.client = api
	l.until("19:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01 hands back
		23:30:00 wakes`)
}

func TestAShareInUseIsWaitedFor(t *testing.T) {
	l := evening24(t)
	l.shares.enqueue = func(key types.NamespacedName) {
		if key == l.key {
			l.wakeBy(l.now)
		}
	}
	other := types.NamespacedName{Namespace: "video", Name: "other"}
	l.shares.enter(other, false)
	l.until("19:22:00", `
		19:23:00 wakes`)
	l.shares.leave(other)
	l.until("19:30:00", `
		19:22:00 sets 24 over 4
		19:22:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:22:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:22:01 hands back
		23:30:00 wakes`)
	if len(l.shares.namespaces) > 0 {
		t.Errorf("a share is not given back")
	}
}

func TestWhoIsDeposedWritesNothing(t *testing.T) {
	l := evening24(t)
	asked := 0
	l.leading = func() bool { asked++; return asked == 1 || asked == 3 } // no more when it comes to the patch
	l.until("19:10:00", `
		19:20:00 wakes`)
	l.until("19:30:00", `
		sleeps`)
	l.leading = func() bool { return true }
	l.wake = l.now
	l.until("19:40:00", `
		19:30:00 sets 24 over 4
		19:30:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:30:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:30:01 hands back
		23:30:00 wakes`)
}

func TestAStandbyTouchesNothing(t *testing.T) {
	l := evening24(t)
	l.leads = false
	l.until("19:30:00", `
		sleeps`)
}

// TestAStandbyQueuesNothing: nobody would empty its queue.
func TestAStandbyQueuesNothing(t *testing.T) {
	l := evening24(t)
	for _, l.leads = range []bool{false, true} {
		if passes := l.noting().Create(event.CreateEvent{Object: four()}); passes != l.leads {
			t.Errorf("leading: %t, but an event is queued: %t", l.leads, passes)
		}
		if requests := (&backlog{reconciler: l.reconciler}).everyHPA(t.Context()); (len(requests) == 1) != l.leads {
			t.Errorf("leading: %t, but a poke queues %v", l.leads, requests)
		}
	}
}

func TestNothingIsTouchedWithoutASchedule(t *testing.T) {
	l := evening24(t)
	l.feed = NewFeed()
	l.until("19:30:00", `
		sleeps`)
}

func TestADryRunOnlyLogs(t *testing.T) {
	l := evening24(t)
	l.dryRun = true
	l.until("19:30:00", `
		19:20:00 logs would change floor
		23:30:00 wakes`)
	l.wake = l.now
	l.until("23:00:00", `
		23:30:00 wakes`)
	l.writes("kubectl-edit", strip(30))
	l.until("23:20:00", `
		23:00:00.02 logs would change floor
		23:30:00 wakes`)
	l.writes("kubectl-edit", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations = map[string]string{autoscaler.AnnotationFloor: "five"}
	})
	l.until("23:25:00", `
		23:30:00 wakes`)
	if l.stored().Annotations[autoscaler.AnnotationBaseline] != "" {
		t.Error("it was written")
	}
}

func TestAHandBackThatFailsIsRepeated(t *testing.T) {
	l := evening24(t)
	denied := webhook(http.StatusForbidden, `admission webhook "fields" denied the request`)
	l.answer = answers(nil, denied, denied)
	l.until("19:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01 hands back: admission webhook "fields" denied the request
		19:20:01 logs cannot hand field ownership back; trying again
		19:20:16 hands back: admission webhook "fields" denied the request
		19:20:16 logs cannot hand field ownership back; trying again
		19:20:31 hands back
		23:30:00 wakes`)
}

func TestAHandBackThatConflictsIsRepeatedMoreSlowly(t *testing.T) {
	l := evening24(t)
	l.play("19:20:00")
	l.story = nil
	l.answer = forever(webhook(http.StatusUnprocessableEntity, "the test failed"))
	l.play("19:20:20")
	if sent := strings.Count(strings.Join(l.story, "\n"), "hands back: "); sent != 11 {
		t.Errorf("%d attempts, want 11: %q", sent, l.story)
	}
	l.story = nil
	l.until("19:20:50", `
		19:20:31.95 hands back: the test failed
		19:20:31.95 logs cannot hand field ownership back; trying again
		19:20:46.95 hands back: the test failed
		19:20:46.95 logs cannot hand field ownership back; trying again
		19:21:01.95 wakes`)
	l.answer = nil
	l.until("19:30:00", `
		19:21:01.95 hands back
		23:30:00 wakes`)
}

func TestABaselineOfZeroThatIsRefused(t *testing.T) {
	hpa := four()
	hpa.Spec.MinReplicas = new(int32(0))
	hpa.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType}}
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), hpa, "19:00:00")
	l.play("23:00:00")
	l.story = nil
	refused := apierrors.NewInvalid(schema.GroupKind{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}, "front", nil)
	refused.ErrStatus.Details.Causes = []metav1.StatusCause{{Field: "spec.minReplicas", Message: "Invalid value: 0: must be greater than or equal to 1"}}
	l.answer = answers(refused)
	l.until("23:40:00", `
		23:30:00 sets 0: Invalid
		23:30:00.001 sets 1
		23:30:00.001 Warning FloorReleased minReplicas 24 -> 1, the baseline: window prime-time is over; the owner's value 0 is not valid (the API server refuses 0; is its feature gate HPAScaleToZero off?), so the nearest valid value is set
		23:30:01.001 hands back
		19:20:00 wakes`)
}

func TestTheDelayIsCountedFromTheBoundary(t *testing.T) {
	l := evening24(t)
	l.takes = 40 * time.Millisecond
	l.play("19:30:00")
	l.setsMin("helm", 6) // no boundary
	l.play("19:40:00")
	found, err := l.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range found {
		if h := family.GetMetric()[0].GetHistogram(); h != nil && (h.GetSampleCount() != 1 || h.GetSampleSum() != 0.04) {
			t.Errorf("%d delays of %v s altogether, want one of 0.04 s", h.GetSampleCount(), h.GetSampleSum())
		}
	}
}

// TestASlowAnswerDelaysNoWake: what is due after a patch is counted from its end, and the next boundary is not late by what
// a webhook takes.
func TestASlowAnswerDelaysNoWake(t *testing.T) {
	l := evening24(t)
	l.takes = 30 * time.Second
	l.play("19:19:59")
	l.until("23:29:00", `
		19:20:30 sets 24 over 4
		19:20:30 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:30.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:21:01 hands back
		23:30:00 wakes`)
}

// TestALostAnswerIsNoLostEvent: a patch that was stored is reported, once, also if nobody said so.
func TestALostAnswerIsNoLostEvent(t *testing.T) {
	lost := func(send func() error) error { return errors.Join(send(), errors.New("connection reset")) }
	for name, answer := range map[string]func(func() error) error{
		"at once": lost,
		"after another failure": func() func(func() error) error {
			first := true
			return func(send func() error) error {
				if first {
					first = false
					return webhook(http.StatusInternalServerError, "not yet")
				}
				return lost(send)
			}
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			l := evening24(t)
			l.answer = answer
			l.play("19:20:00.06")
			l.answer = nil
			l.play("19:30:00")
			reports := strings.Join(l.story, "\n")
			if strings.Count(reports, "FloorRaised minReplicas 4 -> 24") != 1 || strings.Count(reports, "hands back") != 1 || strings.Contains(reports, "FloorReverted") {
				t.Errorf("it is\n%s", reports)
			}
			l.story = nil
			l.until("23:40:00", `
				23:30:00 sets 4
				23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
				23:30:01 hands back
				19:20:00 wakes`)
		})
	}
}

// TestAnotherWriteIsNotTheLostOne: what was not stored is not reported.
func TestAnotherWriteIsNotTheLostOne(t *testing.T) {
	l := evening24(t)
	l.answer = answers(errors.New("connection refused"))
	l.play("19:20:00.01")
	l.setsMin("helm", 24)
	l.until("19:30:00", `
		19:20:00 sets 24 over 4: connection refused
		19:20:00.02 sets 24 over 24
		19:20:01.02 hands back
		23:30:00 wakes`)
}

// failing is a cache that cannot be read.
type failing struct{ client.Client }

func (failing) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return errors.New("the cache is not started")
}
