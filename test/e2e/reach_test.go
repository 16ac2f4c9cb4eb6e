package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/demand"
)

// floorDeadline is the --floor-deadline of the plays in which nobody takes the floor up in time.
const floorDeadline = 4 * time.Second

// floorIsReached: that the HPA controller asks for the floor is reported once for each raise, with the time it took; not
// when the floor is put back, and not by a process that finds it reached. It is no promise of Ready Pods.
func floorIsReached(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	s.kubectl(t, "patch", "deployment", "web", "--namespace="+s.namespace, "--type=merge",
		`--patch={"spec":{"template":{"spec":{"nodeSelector":{"there-is":"no-such-node"}}}}}`)
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 8")))
	first := s.keep(t, "first", s.mount)
	s.awaitHeld(t, "web", 8, 2, name)
	s.awaitTook(t, "web", "Normal", "FloorReached", reachedNote(8))
	if pods := s.readyPods(t, "web"); pods >= 8 {
		t.Errorf("%d Pods are Ready, and no Node should have taken them", pods)
	}
	s.awaitSample(t, "floorkeeper_floors_unreached", 0)

	s.setMin(t, "web", 4)
	s.awaitHeld(t, "web", 8, 4, name)
	s.awaitAsked(t, "web", 8)
	if err := first.Stop(await.Patience); err != nil {
		t.Errorf("after SIGTERM floorkeeper ended with %v", err)
	}
	s.restart(t, "second")
	s.deploy(t, app{name: "late", min: 1, max: 20})
	s.publish(t, event(name, open, s.targets("web: 8", "late: 3"))) // tells that the second has looked at both
	s.awaitTook(t, "late", "Normal", "FloorReached", reachedNote(3))
	s.wantEventCounts(t, "web", map[string]int{"FloorRaised": 1, "FloorReached": 1, "FloorReverted": 1})

	s.publish(t, event(name, open, s.targets("web: 12", "late: 3")))
	s.awaitTook(t, "web", "Normal", "FloorReached", reachedNote(12))
	s.publish(t)
	s.awaitFree(t, "web", 4)
	s.awaitFree(t, "late", 1)
	s.awaitSample(t, "floorkeeper_floors_unreached", 0)
	s.wantEventCounts(t, "web", map[string]int{"FloorRaised": 2, "FloorReached": 2, "FloorNotReached": 0})
	s.wantNoFurtherRights(t)
}

// targetAtZeroByHand: a floor does not wake a target that a person has scaled to zero.
func targetAtZeroByHand(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	s.kubectl(t, "scale", "deployment", "web", "--replicas=0", "--namespace="+s.namespace)
	s.awaitCondition(t, autoscalingv2.ScalingActive, "ScalingDisabled")
	s.missFloor(t, 2, 0, `its target has 0 replicas, which turns the HPA off; scale the target to 1 or more`)
	s.kubectl(t, "scale", "deployment", "web", "--replicas=1", "--namespace="+s.namespace)
	s.makeFloor(t, 2)
	s.awaitReady(t, "web", 2)
}

// targetAtZeroByItsHPA: an HPA that has scaled its target to zero needs a metric to leave it, whatever its floor. Before
// Kubernetes 1.36, none helps: such an HPA is off as soon as minReplicas is above 0.
func targetAtZeroByItsHPA(t *testing.T, s *scene) {
	s.demand.Say(s.namespace, "0")
	s.deploy(t, app{name: "web", min: 0, max: 20, replicas: 1})
	if !kit.Has(t, s.ControlPlane, controlplane.ScaledToZero) {
		s.awaitReplicas(t, "web", 0)
		s.missFloor(t, 0, 0, `its target has 0 replicas, which turns the HPA off; scale the target to 1 or more`)
		s.kubectl(t, "scale", "deployment", "web", "--replicas=1", "--namespace="+s.namespace)
		s.makeFloor(t, 0)
		return
	}
	s.awaitCondition(t, autoscalingv2.ScaledToZero, "ScaledToZero")
	s.demand.Fail(s.namespace)
	s.awaitCondition(t, autoscalingv2.ScalingActive, "FailedGetExternalMetric")
	s.missFloor(t, 0, 0, `it has scaled its target to zero and needs one successful read of a metric to leave that `+
		`\(FailedGetExternalMetric: .*`+demand.Metric+`.*\); see to the metric, or scale the target to 1`)
	s.demand.Say(s.namespace, "1")
	s.makeFloor(t, 0)
	s.awaitReady(t, "web", 1)
}

// targetAtZeroIsScaledToOne: the other way out that the Event names, while the metric still fails.
func targetAtZeroIsScaledToOne(t *testing.T, s *scene) {
	kit.Need(t, s.ControlPlane, controlplane.ScaledToZero)
	s.demand.Say(s.namespace, "0")
	s.deploy(t, app{name: "web", min: 0, max: 20, replicas: 1})
	s.awaitCondition(t, autoscalingv2.ScaledToZero, "ScaledToZero")
	s.demand.Fail(s.namespace)
	s.awaitCondition(t, autoscalingv2.ScalingActive, "FailedGetExternalMetric")
	s.missFloor(t, 0, 0, `it has scaled its target to zero .*`)
	s.kubectl(t, "scale", "deployment", "web", "--replicas=1", "--namespace="+s.namespace)
	s.makeFloor(t, 0)
}

// targetIsMissing: there is nothing to scale yet.
func targetIsMissing(t *testing.T, s *scene) {
	s.createHPA(t, app{name: "web", min: 2, max: 20})
	s.awaitCondition(t, autoscalingv2.AbleToScale, "FailedGetScale")
	s.missFloor(t, 2, 0, `it cannot scale its target \(FailedGetScale: .*not found.*\)`)
	s.kubectl(t, "create", "deployment", "web", "--image=fake", "--replicas=2", "--namespace="+s.namespace)
	s.makeFloor(t, 2)
}

// withoutControllerManager are the plays that stop it.
func withoutControllerManager() []play {
	return []play{
		{"nobody acts on a floor", controllerManagerIsAway},
		{"enough is asked for", enoughIsAskedFor},
	}
}

// controllerManagerIsAway: the floor is written, and nobody acts on it until kube-controller-manager is back.
func controllerManagerIsAway(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	s.awaitAsked(t, "web", 2)
	comesBack := s.stopControllerManager(t)
	s.missFloor(t, 2, 2, `the HPA controller has not acted on it; is kube-controller-manager running\?`)
	comesBack()
	s.makeFloor(t, 2)
	s.awaitReady(t, "web", 2)
}

// enoughIsAskedFor: a floor is not missed as long as the HPA asks for that much, though the HPA controller has not seen
// the HPA as it is; and it is once the HPA asks for less.
func enoughIsAskedFor(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 2, max: 20})
	s.awaitReady(t, "web", 2)
	name, open := s.named("gala"), openNow()
	s.publish(t, event(name, open, s.targets("web: 12")))
	s.keep(t, "only", s.mount, "--floor-deadline="+floorDeadline.String())
	s.awaitHeld(t, "web", 12, 2, name)
	s.awaitAsked(t, "web", 12)
	s.awaitTook(t, "web", "Normal", "FloorReached", reachedNote(12))

	reached, when := []int{1, 1}, `(\S+) after the raise to 8`
	if !kit.Has(t, s.ControlPlane, controlplane.Generations) { // a raise to less than the HPA asks for is reached at once
		reached, when = []int{1, 2}, `for (\S+) now`
	}
	comesBack := s.stopControllerManager(t)
	for i, floor := range []int32{5, 8} {
		s.publish(t, event(name, open, s.targets(fmt.Sprintf("web: %d", floor))))
		s.awaitHeld(t, "web", floor, 2, name)
		s.awaitRenewals(t, len(s.requestsHere(t)), 7) // longer than the deadline
		s.awaitSample(t, "floorkeeper_floors_unreached", 0)
		s.wantEventCounts(t, "web", map[string]int{"FloorReached": reached[i], "FloorNotReached": 0})
	}
	s.kubectl(t, "scale", "deployment", "web", "--replicas=0", "--namespace="+s.namespace)
	comesBack()
	s.awaitCondition(t, autoscalingv2.ScalingActive, "ScalingDisabled")
	s.awaitSample(t, "floorkeeper_floors_unreached", 1)
	s.awaitTook(t, "web", "Warning", "FloorNotReached", when+` the HPA asks for 0 replicas: `+
		`its target has 0 replicas, which turns the HPA off; scale the target to 1 or more`)
	s.publish(t)
	s.awaitFree(t, "web", 2)
	s.awaitSample(t, "floorkeeper_floors_unreached", 0)
}

// stopControllerManager stops it until the test ends, or what it returns is called.
func (s *scene) stopControllerManager(t *testing.T) (comesBack func()) {
	t.Helper()
	if err := s.StopComponent(controlplane.ControllerManager); err != nil {
		t.Fatal(err)
	}
	comesBack = sync.OnceFunc(func() {
		if err := s.StartComponent(context.Background(), controlplane.ControllerManager); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(comesBack)
	return comesBack
}

// missFloor starts a floorkeeper and raises web to 8, which is not reached: the HPA asks for another number for a reason
// that an expression matches.
func (s *scene) missFloor(t *testing.T, baseline, asks int32, obstacle string) {
	t.Helper()
	deadline := floorDeadline
	if !kit.Has(t, s.ControlPlane, controlplane.Generations) { // the status may be as old as the HPA controller's last look, 15 s
		deadline = 20 * time.Second
	}
	s.publish(t, event(s.named("gala"), openNow(), s.targets("web: 8")))
	s.keep(t, "only", s.mount, "--floor-deadline="+deadline.String())
	s.awaitHeld(t, "web", 8, baseline, s.named("gala"))
	s.awaitSample(t, "floorkeeper_floors_unreached", 1)
	took := s.awaitTook(t, "web", "Warning", "FloorNotReached",
		fmt.Sprintf(`(\S+) after the raise to 8 the HPA asks for %d replicas: %s`, asks, obstacle))
	if took < deadline {
		t.Errorf("it was reported after %s, before the deadline of %s", took, deadline)
	}
	s.wantEventCounts(t, "web", map[string]int{"FloorReached": 0})
}

// makeFloor waits until the floor is reached after all, and releases it. Both are reported once.
func (s *scene) makeFloor(t *testing.T, baseline int32) {
	t.Helper()
	if took := s.awaitTook(t, "web", "Normal", "FloorReached", reachedNote(8)); took < floorDeadline {
		t.Errorf("the floor was reached after %s, and had not been after %s", took, floorDeadline)
	}
	s.awaitSample(t, "floorkeeper_floors_unreached", 0)
	s.awaitReady(t, "web", 8)
	s.publish(t)
	s.awaitFree(t, "web", baseline)
	s.wantEventCounts(t, "web", map[string]int{"FloorRaised": 1, "FloorReached": 1, "FloorNotReached": 1})
	s.wantNoFurtherRights(t)
}
