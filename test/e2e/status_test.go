package e2e

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reachedNote matches the note of FloorReached.
func reachedNote(floor int32) string {
	return fmt.Sprintf(`the HPA asks for %d replicas, (\S+) after the raise to %[1]d; their Pods come as fast as the cluster `+
		`starts them`, floor)
}

// awaitTook waits until floorkeeper has written an Event about an HPA with a note that an expression matches whole, and returns the
// time that its parentheses found.
func (s *scene) awaitTook(t *testing.T, name, eventType, reason, expression string) (took time.Duration) {
	t.Helper()
	note := regexp.MustCompile("^" + expression + "$")
	s.await(t, reason+" "+expression, func(ctx context.Context) error {
		events, err := s.events(ctx, name)
		if err != nil {
			return err
		}
		index := slices.IndexFunc(events, func(e kubeEvent) bool {
			return e.eventType == eventType && e.reason == reason && note.MatchString(e.note)
		})
		if index < 0 {
			return fmt.Errorf("it is not among %s", s.eventList(ctx, name))
		}
		t.Logf("%s: %s", reason, events[index].note)
		took, err = time.ParseDuration(note.FindStringSubmatch(events[index].note)[1])
		return err
	})
	return took
}

// awaitReason waits until floorkeeper has written an Event about an HPA with a reason.
func (s *scene) awaitReason(t *testing.T, name, eventType, reason string) {
	t.Helper()
	s.await(t, "an Event "+reason, func(ctx context.Context) error {
		events, err := s.events(ctx, name)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(events, func(e kubeEvent) bool { return e.eventType == eventType && e.reason == reason }) {
			return fmt.Errorf("it is not among %s", s.eventList(ctx, name))
		}
		return nil
	})
}

// wantEventCounts checks how often floorkeeper has written each of these reasons about an HPA, repetitions included.
func (s *scene) wantEventCounts(t *testing.T, name string, want map[string]int) {
	t.Helper()
	list, err := s.client.EventsV1().Events(s.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range list.Items {
		if e.ReportingController == "floorkeeper" && e.Regarding.Name == name {
			got[e.Reason]++
			if e.Series != nil {
				got[e.Reason] += int(e.Series.Count)
			}
		}
	}
	for reason, times := range want {
		if got[reason] != times {
			t.Errorf("%s was written %d times, want %d: %s", reason, got[reason], times, s.eventList(t.Context(), name))
		}
	}
}

// awaitAsked waits until the HPA controller has seen the HPA as it is and asks for a number of replicas.
func (s *scene) awaitAsked(t *testing.T, name string, replicas int32) {
	t.Helper()
	s.awaitStatus(t, name, fmt.Sprintf("to ask for %d replicas", replicas), func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
		observed := hpa.Status.ObservedGeneration
		seen := hpa.Generation == 0 || observed != nil && *observed == hpa.Generation // 0 up to Kubernetes 1.36
		return seen && hpa.Status.DesiredReplicas == replicas
	})
}

// awaitCondition waits until a condition of HPA web has a reason.
func (s *scene) awaitCondition(t *testing.T, kind autoscalingv2.HorizontalPodAutoscalerConditionType, reason string) {
	t.Helper()
	s.awaitStatus(t, "web", fmt.Sprintf("to be %s for the reason %s", kind, reason), func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
		return slices.ContainsFunc(hpa.Status.Conditions, func(c autoscalingv2.HorizontalPodAutoscalerCondition) bool {
			return c.Type == kind && c.Reason == reason
		})
	})
}

func (s *scene) awaitStatus(t *testing.T, name, what string, is func(*autoscalingv2.HorizontalPodAutoscaler) bool) {
	t.Helper()
	s.await(t, fmt.Sprintf("HPA %s/%s %s", s.namespace, name, what), func(ctx context.Context) error {
		hpa, err := s.hpa(ctx, name)
		if err == nil && !is(hpa) {
			err = fmt.Errorf("its status is %+v", hpa.Status)
		}
		return err
	})
}

func (s *scene) readyPods(t *testing.T, name string) int {
	t.Helper()
	pods, err := s.client.CoreV1().Pods(s.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		t.Fatal(err)
	}
	ready := 0
	for _, pod := range pods.Items {
		if slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}) {
			ready++
		}
	}
	return ready
}

// wantNoFurtherRights checks that floorkeeper has asked for nothing in the scene's namespace but what it always did: it
// knows of a target from the status of its HPA alone.
func (s *scene) wantNoFurtherRights(t *testing.T) {
	t.Helper()
	for _, r := range s.requestsHere(t) {
		ref := r.ObjectRef
		switch {
		case ref.Subresource != "" || !slices.Contains([]string{"horizontalpodautoscalers", "events", "leases", "configmaps"}, ref.Resource):
			t.Errorf("floorkeeper sent %+v", r)
		case r.ResponseStatus.Code == 403:
			t.Errorf("floorkeeper may not %+v", r)
		}
	}
}
