package policies

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// writers is how many HPAs the states are tried on at the same time.
const writers = 8

// testStates lets the controller decide about every state of a grid, and sends each patch that it would send: the floor
// scope must let all of them pass, or it would block the controller for good.
func testStates(t *testing.T, in *installation) {
	withoutControllerManager(t)
	var sent sync.Map
	var stored atomic.Int64
	states := make(chan *autoscalingv2.HorizontalPodAutoscaler)
	var group sync.WaitGroup
	for i := range writers {
		name := fmt.Sprintf("states-%d", i)
		in.create(t, free(name, 2))
		group.Go(func() {
			for hpa := range states {
				hpa.Name = name
				if in.tryDecisions(t, hpa, &sent) {
					stored.Add(1)
				}
			}
		})
	}
	began, total := time.Now(), 0
	for hpa := range grid {
		states <- hpa
		total++
	}
	close(states)
	group.Wait()
	t.Logf("%d states, %d of which the API server stores, in %s", total, stored.Load(), time.Since(began).Round(time.Millisecond))
	for _, step := range []string{
		"free to held", "held to held", "held to free", "damaged to held", "damaged to free",
	} {
		count, ok := sent.Load(step)
		if !ok {
			t.Errorf("no patch from %s was tried", step)
			continue
		}
		t.Logf("%s: %d patches", step, count.(*atomic.Int64).Load())
	}
}

// withoutControllerManager stops the HPA controller until the end of the test, so that nobody writes the status meanwhile.
func withoutControllerManager(t *testing.T) {
	t.Helper()
	if err := cluster.StopComponent(controlplane.ControllerManager); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.StartComponent(context.Background(), controlplane.ControllerManager); err != nil {
			t.Error(err)
		}
	})
}

// tryDecisions stores a state, unless the API server refuses it, and tries what the controller makes of it. It counts by
// kind what was sent.
func (in *installation) tryDecisions(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler, sent *sync.Map) (exists bool) {
	stored, err := in.hpas().Update(t.Context(), hpa, metav1.UpdateOptions{FieldManager: autoscaler.FieldManager}) // past the guard
	if apierrors.IsInvalid(err) {
		return false
	}
	if err != nil {
		t.Errorf("cannot store %s: %v", describe(hpa), err)
		return false
	}
	state := autoscaler.Observe(stored)
	for _, decision := range decisions() {
		next := state.Next(decision)
		if next == state {
			continue
		}
		patch, err := next.Patch(stored.ResourceVersion)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := in.try(t, hpa.Name, patch); err != nil {
			t.Errorf("%s, a floor of %d: the patch %s was refused: %v", describe(hpa), decision.Floor, patch, err)
		}
		count, _ := sent.LoadOrStore(step(state, next), new(atomic.Int64))
		count.(*atomic.Int64).Add(1)
	}
	return true
}

func step(from, to autoscaler.State) string {
	names := map[autoscaler.Condition]string{autoscaler.Free: "free", autoscaler.Held: "held", autoscaler.Damaged: "damaged"}
	return names[from.Condition] + " to " + names[to.Condition]
}

func describe(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return fmt.Sprintf("minReplicas %d, maxReplicas %d, %d metrics, %v", *hpa.Spec.MinReplicas, hpa.Spec.MaxReplicas,
		len(hpa.Spec.Metrics), hpa.Annotations)
}

// decisions are those of a schedule: with the longest name, and instants in every form that RFC 3339 has.
func decisions() []schedules.Decision {
	name := strings.Repeat("a-", 31) + "z"
	kolkata := time.FixedZone("IST", 5*60*60+30*60)
	since := time.Date(2026, 12, 18, 19, 15, 0, 0, time.UTC)
	return []schedules.Decision{
		{Next: since}, // no entry is open
		{Floor: 1, Because: "a", Since: since, Until: since.Add(7_777_777 * time.Nanosecond)},
		{Floor: 8, Because: name, Since: since.In(kolkata), Until: since.Add(time.Hour).In(kolkata)},
		{Floor: schedules.MaxReplicas, Because: "9-lives", Since: since.Add(100 * time.Millisecond), Until: since.Add(time.Hour)},
	}
}

// grid yields what an HPA can be: each combination of its annotations, its declaration and its spec.
func grid(yield func(*autoscalingv2.HorizontalPodAutoscaler) bool) {
	limits := [][2]int32{
		{0, 8},
		{1, 1},
		{1, 8},
		{3, 8},
		{8, 8},
		{2, 20},
		{8, 20},
		{12, 20},
		{20, 20},
		{schedules.MaxReplicas, 3_000_000},
		{2_000_000, 3_000_000},
	}
	for _, annotations := range annotated() {
		for _, declared := range []string{"", "0", "3", "50", "03"} {
			for _, limit := range limits {
				zeroes := limit[0] == 0 || declared == "0" || annotations["floorkeeper.dev/baseline"] == "0"
				for _, external := range []bool{false, true} {
					if external && !zeroes { // it makes no difference
						continue
					}
					hpa := free("", limit[0])
					hpa.Spec.MaxReplicas = limit[1]
					hpa.Annotations = maps.Clone(annotations)
					if declared != "" {
						hpa.Annotations["floorkeeper.dev/declared-baseline"] = declared
					}
					if external {
						hpa.Spec.Metrics = []autoscalingv2.MetricSpec{externalMetric()}
					}
					if !yield(hpa) {
						return
					}
				}
			}
		}
	}
}

// annotated are the annotations of ours that an HPA can have: none, those of a held one, and damaged ones.
func annotated() []map[string]string {
	all := []map[string]string{{}, {"floorkeeper.dev/because": "cup-final"}}
	for _, floor := range []int{0, 1, 8, 12, 20, schedules.MaxReplicas} {
		for _, baseline := range []int{0, 1, 2, 8, 20, 50} { // 2 is above the floor of 1: that is damaged
			if baseline <= max(floor, 2) {
				all = append(all, marks(strconv.Itoa(baseline), strconv.Itoa(floor)))
			}
		}
	}
	for _, key := range []string{"baseline", "floor", "because", "since", "until"} {
		spoilt := marks("2", "8")
		delete(spoilt, "floorkeeper.dev/"+key)
		all = append(all, spoilt)
	}
	return append(all, marks("two", "8"), marks("2", "08"), marks("2", "1000000"))
}
