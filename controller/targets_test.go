package controller

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus/testutil"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// stage plays the worker that raises targets beside a loop, against a Deployment with a number of replicas. The worker is a
// millisecond behind the reconciler.
type stage struct {
	*loop
	replicas int32 // of the Deployment; -1 if there is none
	due      time.Time
	failures int
	meets    func(send func() error) error // of the API server to patches of the scale, if it is peculiar
	reads    error                         // its answer to reads of the scale
}

const behind = time.Millisecond

// raising begins an evening with a floor of 24 from 19:20 on, and a controller manager that is busy elsewhere.
func raising(t *testing.T, schedule *schedules.Schedule) *stage {
	t.Helper()
	hpa := four()
	hpa.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}
	s := &stage{loop: begin(t, schedule, hpa, "19:00:00"), replicas: 4}
	s.idle = true
	s.hire()
	return s
}

// hire replaces the process by another one that leads.
func (s *stage) hire() {
	s.restart()
	s.targets = newTargets(s.reconciler)
	s.targets.client = interceptor.NewClient(s.api, interceptor.Funcs{SubResourceGet: s.readScale, SubResourcePatch: s.patchScale})
	s.targets.enqueue = func(types.NamespacedName) { s.due = schedules.Earlier(s.due, s.now.Add(behind)) }
	s.due = time.Time{}
}

func (s *stage) readScale(_ context.Context, _ client.Client, _ string, o, scale client.Object, _ ...client.SubResourceGetOption) error {
	s.tell("reads the scale of %s: %d", o.GetName(), s.replicas)
	if s.replicas < 0 {
		return apierrors.NewNotFound(appsv1.Resource("deployments"), o.GetName())
	}
	scale.(*autoscalingv1.Scale).Spec.Replicas = s.replicas
	return s.reads
}

func (s *stage) patchScale(_ context.Context, _ client.Client, sub string, o client.Object, patch client.Patch, _ ...client.SubResourcePatchOption) error {
	data, err := patch.Data(o)
	if err != nil {
		return err
	}
	var steps []struct {
		Op, Path string
		Value    int32
	}
	if err := json.Unmarshal(data, &steps); err != nil || sub != "scale" || len(steps) != 2 || steps[0].Op != "test" || steps[1].Op != "replace" {
		s.Fatalf("cannot play the patch %s of %s: %v", data, sub, err)
	}
	send := func() error {
		switch {
		case s.replicas < 0:
			return apierrors.NewNotFound(appsv1.Resource("deployments"), o.GetName())
		case s.replicas != steps[0].Value:
			return webhook(http.StatusUnprocessableEntity, "test failed")
		}
		s.replicas = steps[1].Value
		return nil
	}
	if s.meets == nil {
		err = send()
	} else {
		err = s.meets(send)
	}
	outcome := ""
	if err != nil {
		outcome = ": " + shortly(err)
	}
	s.tell("raises %T %s from %d to %d%s", o, o.GetName(), steps[0].Value, steps[1].Value, outcome)
	return err
}

// plays runs loop and worker, and compares the story.
func (s *stage) plays(at, want string) {
	s.Helper()
	s.run(at)
	s.until(at, want)
}

// run runs loop and worker whenever it is time, up to an instant.
func (s *stage) run(at string) {
	s.Helper()
	end := evening.Clock(s.T, at)
	for range 1000 {
		next := schedules.Earlier(s.wake, s.due)
		if next.IsZero() || next.After(end) {
			break
		}
		if s.now = next; next.Equal(s.due) {
			s.work()
		} else {
			s.look()
		}
	}
	s.now = end
}

// work is what controller-runtime does with a name of its queue.
func (s *stage) work() {
	ctx := log.IntoContext(s.Context(), funcr.New(func(string, string) {}, funcr.Options{}))
	s.due = time.Time{}
	result, err := s.targets.Reconcile(ctx, reconcile.Request{NamespacedName: s.key})
	switch {
	case err != nil:
		s.due = s.now.Add(min(minBackoff<<min(s.failures, 10), maxBackoff))
		s.failures++
	case result.RequeueAfter > 0:
		s.due = s.now.Add(result.RequeueAfter)
	default:
		s.failures = 0
	}
}

// reports is the HPA controller when it has got to the HPA.
func (s *stage) reports(desired int32, conditions ...autoscalingv2.HorizontalPodAutoscalerCondition) {
	s.Helper()
	before := s.stored()
	after := before.DeepCopy()
	after.Status.CurrentReplicas, after.Status.DesiredReplicas, after.Status.Conditions = desired, desired, conditions
	if err := s.api.Status().Update(s.Context(), after); err != nil {
		s.Fatal(err)
	}
	s.notice(before, false)
}

func condition(reason string) autoscalingv2.HorizontalPodAutoscalerCondition {
	return autoscalingv2.HorizontalPodAutoscalerCondition{Type: autoscalingv2.ScalingActive, Status: corev1.ConditionFalse, Reason: reason}
}

func window(t *testing.T) *schedules.Schedule {
	t.Helper()
	return evening.OnlyWindows(evening.Schedule(t, 0))
}

func TestTheTargetIsRaisedAfterItsHPA(t *testing.T) {
	s := raising(t, window(t))
	s.plays("19:21:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.001 raises *v1.Deployment web from 4 to 24
		19:20:01 hands back
		19:25:00 wakes`)
	s.reports(24)
	s.replicas = 12 // the HPA controller puts it right
	s.plays("24:00:00", `
		19:21:00.02 FloorReached the HPA asks for 24 replicas ...
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
	if got := testutil.ToFloat64(s.metrics.patches.WithLabelValues("target", "success")); got != 1 || len(s.targets.wants) > 0 {
		t.Errorf("%v patches are counted, and %d targets remembered, want 1 and 0", got, len(s.targets.wants))
	}
}

func TestEachStepOfARampRaisesTheTarget(t *testing.T) {
	s := raising(t, evening.OnlyWindows(evening.Schedule(t, 20*time.Minute)))
	s.plays("19:05:00", `
		19:02:00 sets 6 over 4
		19:02:00 FloorRaised minReplicas 4 -> 6, climbing to 24 (window prime-time); baseline 4
		19:02:00.001 raises *v1.Deployment web from 4 to 6
		19:04:00 sets 8 over 4
		19:04:00.001 raises *v1.Deployment web from 6 to 8
		19:06:00 wakes`)
	s.replicas = 9
	s.reports(9)
	s.plays("19:09:00", `
		19:06:00 sets 10 over 4
		19:06:00.001 raises *v1.Deployment web from 9 to 10
		19:08:00 sets 12 over 4
		19:08:00.001 raises *v1.Deployment web from 10 to 12
		19:10:00 wakes`)
}

func TestTheStatusIsBehind(t *testing.T) {
	for name, test := range map[string]struct {
		replicas int32
		want     string
	}{
		"the HPA controller was quicker":  {24, "reads the scale of web: 24"},
		"somebody wants more":             {30, "reads the scale of web: 30"},
		"somebody has scaled it":          {7, "reads the scale of web: 7\n19:20:00.001 raises *v1.Deployment web from 7 to 24"},
		"it was scaled to zero meanwhile": {0, "reads the scale of web: 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := raising(t, window(t))
			s.replicas = test.replicas
			s.plays("19:20:01", `
				19:20:00 sets 24 over 4
				19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
				19:20:00.001 raises *v1.Deployment web from 4 to 24: test failed
				19:20:00.001 `+test.want+`
				19:20:01 hands back
				19:25:00 wakes`)
		})
	}
}

func TestATargetThatChangesEachTimeIsTriedAgain(t *testing.T) {
	s := raising(t, window(t))
	s.meets = func(send func() error) error {
		err := send()
		s.replicas++
		return err
	}
	s.replicas = 5
	s.plays("19:20:01", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.001 raises *v1.Deployment web from 4 to 24: test failed
		19:20:00.001 reads the scale of web: 6
		19:20:00.001 raises *v1.Deployment web from 6 to 24
		19:20:01 hands back
		19:25:00 wakes`)
	if got := testutil.ToFloat64(s.metrics.patches.WithLabelValues("target", "conflict")); got != 1 {
		t.Errorf("%v conflicts are counted, want 1", got)
	}
}

// wantUntouched plays an evening in which the target is not even looked at.
func (s *stage) wantUntouched() {
	s.Helper()
	s.run("24:00:00")
	if story := strings.Join(s.story, "\n"); s.replicas != 4 || strings.Contains(story, " web") || len(s.targets.wants) > 0 {
		s.Errorf("the target has %d replicas, want 4; %d are remembered:\n%s", s.replicas, len(s.targets.wants), story)
	}
}

func TestTargetsThatAreNotRaised(t *testing.T) {
	type hpa = autoscalingv2.HorizontalPodAutoscaler
	for name, change := range map[string]func(*hpa){
		"another kind": func(h *hpa) {
			h.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "argoproj.io/v1alpha1", Kind: "Rollout", Name: "web"}
		},
		"a Deployment of another group": func(h *hpa) { h.Spec.ScaleTargetRef.APIVersion = "example.com/v1" },
		"one without a group":           func(h *hpa) { h.Spec.ScaleTargetRef.APIVersion = "" },
		"of KEDA": func(h *hpa) {
			h.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front", UID: "2"}}
		},
		"ignored":                    func(h *hpa) { h.Annotations = map[string]string{autoscaler.AnnotationIgnore: "true"} },
		"damaged":                    func(h *hpa) { h.Annotations = map[string]string{autoscaler.AnnotationFloor: "x"} },
		"a baseline above the floor": func(h *hpa) { h.Spec.MinReplicas = new(int32(30)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := raising(t, window(t))
			s.writes("kubectl", change)
			s.wantUntouched()
		})
	}
	for name, desired := range map[string]int32{"scaled to zero by hand": 0, "at more than the floor": 30} {
		t.Run(name, func(t *testing.T) {
			s := raising(t, window(t))
			s.reports(desired, condition("ScalingDisabled"))
			s.wantUntouched()
		})
	}
	t.Run("it is not asked for", func(t *testing.T) {
		s := raising(t, window(t))
		s.targets = nil
		s.run("24:00:00")
		if s.replicas != 4 {
			t.Errorf("the target has %d replicas, want 4", s.replicas)
		}
	})
}

func TestANewHPAHasNoStatus(t *testing.T) {
	s := raising(t, window(t))
	s.reports(0)
	s.plays("19:20:01", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.001 reads the scale of web: 4
		19:20:00.001 raises *v1.Deployment web from 4 to 24
		19:20:01 hands back
		19:25:00 wakes`)
}

// TestTheStatusShowsWhatTheTargetHas: what the HPA controller found, unless it has changed that at the same look. Where it
// could not decide, desiredReplicas is of an earlier one, or 0.
func TestTheStatusShowsWhatTheTargetHas(t *testing.T) {
	for name, test := range map[string]struct {
		found, asked int32
		condition    autoscalingv2.HorizontalPodAutoscalerCondition
	}{
		"two HPAs have one target": {4, 0, condition("AmbiguousSelector")},
		"no metric has a value":    {4, 10, condition("FailedGetResourceMetric")},
		"the target was changed":   {2, 4, autoscalingv2.HorizontalPodAutoscalerCondition{Type: autoscalingv2.AbleToScale, Status: corev1.ConditionTrue, Reason: "SucceededRescale"}},
	} {
		s := raising(t, window(t))
		s.reports(0, test.condition)
		hpa := s.stored()
		hpa.Status.CurrentReplicas, hpa.Status.DesiredReplicas = test.found, test.asked
		if err := s.api.Status().Update(t.Context(), hpa); err != nil {
			t.Fatal(err)
		}
		s.run("19:20:01")
		if got := s.story[len(s.story)-2]; got != "19:20:00.001 raises *v1.Deployment web from 4 to 24" {
			t.Errorf("%s: it %s", name, got)
		}
	}
}

func TestAStatefulSetIsRaisedToMaxReplicas(t *testing.T) {
	s := raising(t, window(t))
	s.writes("kubectl", func(h *autoscalingv2.HorizontalPodAutoscaler) {
		h.Spec.ScaleTargetRef.Kind, h.Spec.MaxReplicas = "StatefulSet", 20
	})
	s.run("19:20:01")
	if got := s.story[len(s.story)-2]; got != "19:20:00.001 raises *v1.StatefulSet web from 4 to 20" {
		t.Errorf("it %s", got)
	}
}

func TestWhatAWebhookStoresIsTheFloorOfTheTarget(t *testing.T) {
	s := raising(t, window(t))
	s.webhook = func(int32) int32 { return 15 }
	s.run("19:21:00")
	if s.replicas != 15 {
		t.Errorf("the target has %d replicas, want 15:\n%s", s.replicas, strings.Join(s.story, "\n"))
	}
}

func TestAFailureIsRetriedAndDelaysNothing(t *testing.T) {
	s := raising(t, window(t))
	s.meets = answers(errors.New("connection refused"), webhook(http.StatusInternalServerError, "etcd is slow"), conflict())
	s.plays("19:21:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.001 raises *v1.Deployment web from 4 to 24: connection refused
		19:20:00.051 reads the scale of web: 4
		19:20:00.051 raises *v1.Deployment web from 4 to 24: etcd is slow
		19:20:00.151 reads the scale of web: 4
		19:20:00.151 raises *v1.Deployment web from 4 to 24: Conflict
		19:20:00.351 reads the scale of web: 4
		19:20:00.351 raises *v1.Deployment web from 4 to 24
		19:20:01 hands back
		19:25:00 wakes`)
}

func TestAFailureIsRetriedWhileTheWatchIsBehind(t *testing.T) {
	s := raising(t, window(t))
	s.meets, s.cached = answers(errors.New("connection refused")), s.stored()
	s.targets.client = interceptor.NewClient(s.api, interceptor.Funcs{Get: s.get, SubResourceGet: s.readScale, SubResourcePatch: s.patchScale})
	s.run("19:20:01")
	if s.replicas != 24 {
		t.Errorf("the target has %d replicas, want 24:\n%s", s.replicas, strings.Join(s.story, "\n"))
	}
}

func TestALongFailureIsReportedOnceAndRetriedUntilTheFloorIsReached(t *testing.T) {
	s := raising(t, window(t))
	s.meets = forever(errors.New("connection refused"))
	s.run("19:24:00")
	story := strings.Join(s.story, "\n")
	if reports := strings.Count(story, "Warning TargetNotRaised Deployment web was not raised to 24 replicas: cannot patch its scale: connection refused"); reports != 1 {
		t.Errorf("it is reported %d times:\n%s", reports, story)
	}
	s.story = nil
	s.reports(24)
	s.run("19:30:00")
	if story := strings.Join(s.story, "\n"); strings.Contains(story, "raises") || len(s.targets.wants) > 0 {
		t.Errorf("it is raised though it is there:\n%s", story)
	}
}

func TestARefusalIsReportedOnceAndGivenUp(t *testing.T) {
	policy := apierrors.NewInvalid(autoscalingv1.SchemeGroupVersion.WithKind("Scale").GroupKind(), "web", nil) // as a policy's refusal, it names the object
	policy.ErrStatus.Message = `ValidatingAdmissionPolicy "caps" denied request: at most 20`
	for want, meets := range map[string]func(func() error) error{
		"at most 20":                   forever(policy),
		`deployments.apps "web" not`:   forever(apierrors.NewNotFound(appsv1.Resource("deployments"), "web")),
		"--raise-targets needs the ve": forever(lacks("web")),
	} {
		t.Run(want, func(t *testing.T) {
			s := raising(t, window(t))
			s.meets = meets
			s.run("19:30:00")
			story := strings.Join(s.story, "\n")
			if attempts := strings.Count(story, "raises *"); attempts != targetAttempts {
				t.Errorf("it is tried %d times, want %d", attempts, targetAttempts)
			}
			if reports := strings.Count(story, "Warning TargetNotRaised"); reports != 1 || !strings.Contains(story, want) {
				t.Errorf("it is reported %d times:\n%s", reports, story)
			}
		})
	}
}

// lacks is the answer of RBAC.
func lacks(name string) error {
	return apierrors.NewForbidden(appsv1.Resource("deployments"), name, errors.New(
		`User "system:serviceaccount:floorkeeper:floorkeeper" cannot patch resource "deployments/scale" in API group "apps" in the namespace "video"`))
}

func TestAMissingRightIsReportedOnceInANamespace(t *testing.T) {
	s := raising(t, evening.Schedule(t, 0))
	s.meets = forever(lacks("web"))
	s.run("20:30:00") // a second floor is due at 20:00
	story := strings.Join(s.story, "\n")
	if reports, attempts := strings.Count(story, "TargetNotRaised"), strings.Count(story, "raises *"); reports != 1 || attempts != targetAttempts+1 {
		t.Errorf("%d reports and %d attempts, want 1 and %d:\n%s", reports, attempts, targetAttempts+1, story)
	}
}

func TestAnotherLeaderRaisesTheTarget(t *testing.T) {
	s := raising(t, window(t))
	s.meets = func(func() error) error { s.leads = false; return errors.New("connection refused") }
	s.run("19:20:02")
	s.meets, s.leads, s.story = nil, true, nil
	s.hire()
	s.plays("19:20:03", `
		19:20:02 hands back
		19:20:02.001 raises *v1.Deployment web from 4 to 24
		19:25:00 wakes`)
}

func TestALeaderThatLeadsAgainRaisesTheTarget(t *testing.T) {
	s := raising(t, window(t))
	s.meets = func(func() error) error { s.leads = false; return errors.New("connection refused") }
	s.run("19:20:10")
	s.meets, s.leads, s.wake = nil, true, s.now
	s.run("19:20:20")
	if s.replicas != 24 {
		t.Errorf("the target has %d replicas, want 24:\n%s", s.replicas, strings.Join(s.story, "\n"))
	}
}

func TestAFloorThatIsGoneIsNotRetried(t *testing.T) {
	for name, change := range map[string]func(*stage){
		"the entry is removed": func(s *stage) { s.loads(schedules.New(nil, nil)) },
		"somebody ignores it": func(s *stage) {
			s.writes("kubectl", func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Annotations[autoscaler.AnnotationIgnore] = "true" })
		},
		"the HPA is deleted":      func(s *stage) { s.deletes(); s.wake = s.now },
		"before it is reconciled": func(s *stage) { s.deletes(); s.wake = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := raising(t, window(t))
			s.meets = forever(errors.New("connection refused"))
			s.run("19:20:30")
			s.meets, s.story = nil, nil
			change(s)
			s.run("19:30:00")
			if s.replicas != 4 || len(s.targets.wants) > 0 {
				t.Errorf("the target has %d replicas, want 4, and %d are remembered:\n%s", s.replicas, len(s.targets.wants), strings.Join(s.story, "\n"))
			}
		})
	}
}

func (s *stage) deletes() {
	if err := s.api.Delete(s.Context(), s.stored()); err != nil {
		s.Fatal(err)
	}
}

// TestAnHPAThatIsNotHeldAnyMore: somebody takes it while its target waits for a worker.
func TestAnHPAThatIsNotHeldAnyMore(t *testing.T) {
	for name, take := range map[string]func(*autoscalingv2.HorizontalPodAutoscaler){
		"taken off": func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations = nil },
		"taken by another": func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
			hpa.Annotations[autoscaler.AnnotationManagedBy] = "another/floorkeeper"
		},
	} {
		s := raising(t, window(t))
		s.scope.Installation = "ours/floorkeeper"
		s.now = evening.Clock(t, "19:20:00")
		s.look()
		s.writes("kubectl", take)
		s.look()
		s.work()
		if s.replicas != 4 {
			t.Errorf("%s: the target is raised to %d", name, s.replicas)
		}
	}
}

func TestADryRunRaisesNoTarget(t *testing.T) {
	s := raising(t, window(t))
	s.dryRun, s.targets.dryRun = true, true
	s.plays("19:30:00", `
		19:20:00 logs would change floor
		19:20:00 logs would raise the target
		23:30:00 wakes`)
}

func TestANamespaceHasAShareOfTheTargets(t *testing.T) {
	s := raising(t, window(t))
	s.targets.shares = newShares(1)
	s.targets.shares.enter(types.NamespacedName{Namespace: "video", Name: "slow"}, false)
	s.run("19:20:30")
	if s.replicas != 4 || *s.stored().Spec.MinReplicas != 24 {
		t.Errorf("the target has %d replicas, want 4: %q", s.replicas, s.story)
	}
}
