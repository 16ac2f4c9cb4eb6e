package history_test

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// bug is what a broken floorkeeper does; happens returns the request in which it shows.
type bug struct {
	invariant, name string
	happens         func(*testing.T, *stage) string
}

const (
	ten    = "targets: [{HERE, minReplicas: 10}]"
	triple = "multiplier: 3, targets: [{HERE}]"
)

func bugs() []bug {
	return []bug{
		{"I1", "the baseline of the beginning is given back", staleBaseline},
		{"I1", "annotations are left behind", annotationsLeft},
		{"I1", "ownership is left behind", ownershipLeft},
		{"I1", "a damaged HPA is guessed at", guess},
		{"I1", "the floor is taken for the baseline", floorKept},
		{"I2", "the window is slept through", sleep},
		{"I2", "the raise comes too late", lateRaise},
		{"I3", "the baseline of the beginning is given back", lowBaseline},
		{"I4", "maxReplicas makes room for the floor", moreRoom},
		{"I4", "the ownership of others is removed", othersDisowned},
		{"I4", "the HPA is deleted", deleted},
		{"I5", "the steady state is written again", restless},
		{"I5", "ownership is handed back much later", lateHandBack},
		{"I6", "HPAs are polled", polls},
		{"I7", "nothing is written twice", twice},
		{"I7", "two schedules take turns", takeTurns},
		{"I8", "the live minReplicas is the baseline after a restart", compounds},
		{"I8", "the floor is computed from the live minReplicas", compoundsUnseen},
		{"I9", "a refused schedule is obeyed", obeysRefused},
		{"I9", "a floor is written without a schedule", obeysNothing},
		{"I9", "the floor stays below what the entry asks", halfway},
		{"I10", "a zombie gives an old baseline back", lateZombie},
	}
}

func staleBaseline(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.wish(t, 3)
	s.act(t)
	s.publish(t, "")
	defer s.remove(t)
	return s.release(t, 4)
}

func annotationsLeft(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.handBack(t)
	s.publish(t, "")
	return s.leader.request()
}

func ownershipLeft(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.publish(t, "")
	return s.act(t)
}

func guess(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.merge(t, s.owner, `{"metadata":{"annotations":{"floorkeeper.dev/baseline":"four"}}}`)
	s.publish(t, "")
	defer s.remove(t)
	return s.release(t, 4)
}

func floorKept(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.merge(t, s.owner, `{"metadata":{"annotations":{"floorkeeper.dev/baseline":null,"floorkeeper.dev/floor":null,
		"floorkeeper.dev/because":null,"floorkeeper.dev/since":null,"floorkeeper.dev/until":null,"floorkeeper.dev/managed-by":null}}}`)
	defer s.remove(t)
	return s.act(t)
}

func sleep(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	return s.owner.request()
}

func lateRaise(t *testing.T, s *stage) string {
	s.model.Grace = 500 * time.Millisecond
	s.publish(t, ten)
	s.create(t, 4)
	<-time.After(2 * s.model.Grace)
	s.act(t)
	s.handBack(t)
	return s.owner.request()
}

func lowBaseline(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.wish(t, 5)
	s.act(t)
	s.publish(t, "")
	defer s.remove(t)
	return s.release(t, 4)
}

func moreRoom(t *testing.T, s *stage) string {
	s.publish(t, "targets: [{HERE, minReplicas: 30}]")
	s.create(t, 4)
	s.act(t)
	defer s.remove(t)
	return s.merge(t, s.leader,
		`{"metadata":{"annotations":{"floorkeeper.dev/floor":"30"}},"spec":{"minReplicas":30,"maxReplicas":30}}`)
}

func othersDisowned(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	return s.merge(t, s.leader, `{"metadata":{"managedFields":[{}]}}`)
}

func deleted(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	if err := s.leader.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Delete(t.Context(), hpaName, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	return s.leader.request()
}

func restless(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.handBack(t)
	s.publish(t, "targets: [{HERE, minReplicas: 11}]")
	return s.quiet(func() string { return s.act(t) })
}

func lateHandBack(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	return s.quiet(func() string { return s.handBack(t) })
}

func polls(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	return s.quiet(func() string {
		if _, err := s.leader.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
		return s.leader.request()
	})
}

func twice(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	return s.act(t)
}

func takeTurns(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	old := s.schedule
	s.publish(t, "targets: [{HERE, minReplicas: 11}]")
	s.act(t)
	defer s.remove(t)
	return s.obey(t, old)
}

func compounds(t *testing.T, s *stage) string {
	s.publish(t, triple)
	s.create(t, 2)
	s.act(t)
	defer s.remove(t)
	return s.decide(t, func(hpa *autoscalingv2.HorizontalPodAutoscaler) autoscaler.State {
		hpa.Annotations = nil // what was recorded is not looked at
		return s.model.Scope.Judge(s.schedule, hpa, time.Now()).Desired
	})
}

func compoundsUnseen(t *testing.T, s *stage) string {
	s.publish(t, triple)
	s.create(t, 2)
	s.act(t)
	defer s.remove(t)
	return s.decide(t, func(hpa *autoscalingv2.HorizontalPodAutoscaler) autoscaler.State {
		next := s.model.Scope.Judge(s.schedule, hpa, time.Now()).Desired
		next.MinReplicas *= 3
		next.Mark.Floor = next.MinReplicas
		return next
	})
}

func obeysRefused(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.schedule = s.open(t, "targets: [{HERE, minReplicas: 11}]")
	return s.act(t)
}

func obeysNothing(t *testing.T, s *stage) string {
	s.schedule = s.open(t, ten)
	s.create(t, 4)
	return s.act(t)
}

func halfway(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	defer s.remove(t)
	return s.decide(t, func(hpa *autoscalingv2.HorizontalPodAutoscaler) autoscaler.State {
		next := s.model.Scope.Judge(s.schedule, hpa, time.Now()).Desired
		next.MinReplicas, next.Mark.Floor = 9, 9
		return next
	})
}

// lateZombie: a leader that was stopped decided to release, and writes when another one has released and the owner has
// spoken since, with no resource version to stop it.
func lateZombie(t *testing.T, s *stage) string {
	s.publish(t, ten)
	s.create(t, 4)
	s.act(t)
	s.publish(t, "")
	late, err := s.model.Scope.Judge(s.schedule, s.hpa(t, s.namespace, hpaName), time.Now()).Desired.Patch("")
	if err != nil {
		t.Fatal(err)
	}
	s.act(t)
	s.handBack(t)
	s.wish(t, 6)
	defer s.remove(t)
	return s.merge(t, s.zombie, string(late))
}
