package gitops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// witness sees every version of an HPA and of its Deployment from one instant on. What must never happen is looked for
// there, since a poll could miss it.
type witness struct {
	mu          sync.Mutex
	minima      []int32 // minReplicas of each version of the HPA
	generations []int64 // metadata.generation of the same
	owned       int     // how many of them name floorkeeper as the owner of a field
	replicas    []int32 // spec.replicas of each version of the Deployment
	seen        map[string]bool
	ended       error
}

// witness begins with the versions that there are now, and loses none that comes later.
func (s *scene) witness(t *testing.T) *witness {
	t.Helper()
	w := &witness{seen: map[string]bool{}}
	hpas, deployments := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace), s.client.AppsV1().Deployments(s.namespace)
	hpaList, err := hpas.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	deploymentList, err := deployments.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range hpaList.Items {
		w.add(&hpaList.Items[i])
	}
	for i := range deploymentList.Items {
		w.add(&deploymentList.Items[i])
	}
	hpaWatch, err := hpas.Watch(t.Context(), metav1.ListOptions{ResourceVersion: hpaList.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hpaWatch.Stop)
	deploymentWatch, err := deployments.Watch(t.Context(), metav1.ListOptions{ResourceVersion: deploymentList.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(deploymentWatch.Stop)
	go w.follow(hpaWatch.ResultChan())
	go w.follow(deploymentWatch.ResultChan())
	return w
}

func (w *witness) follow(events <-chan watch.Event) {
	for event := range events {
		w.add(event.Object)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = fmt.Errorf("a watch has ended")
}

func (w *witness) add(object any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch o := object.(type) {
	case *autoscalingv2.HorizontalPodAutoscaler:
		w.minima = append(w.minima, *o.Spec.MinReplicas)
		w.generations = append(w.generations, o.Generation)
		if stateOf(o).Owned {
			w.owned++
		}
		w.seen[o.ResourceVersion] = true
	case *appsv1.Deployment:
		w.replicas = append(w.replicas, *o.Spec.Replicas)
		w.seen[o.ResourceVersion] = true
	default:
		w.ended = fmt.Errorf("a watch returned %+v", o)
	}
}

// catchUp waits until the witness has seen what is there now, and so all that was before.
func (w *witness) catchUp(t *testing.T, s *scene) {
	t.Helper()
	await.Success(t, "the watches to catch up", func(context.Context) error {
		hpa, err := s.hpa(t.Context())
		if err != nil {
			return err
		}
		deployment, err := s.client.AppsV1().Deployments(s.namespace).Get(t.Context(), app, metav1.GetOptions{})
		if err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.ended == nil && (!w.seen[hpa.ResourceVersion] || !w.seen[deployment.ResourceVersion]) {
			return fmt.Errorf("HPA %s or Deployment %s is not among %v", hpa.ResourceVersion, deployment.ResourceVersion, w.seen)
		}
		return w.ended
	})
}

// lowest returns the lowest minReplicas of the HPA and the lowest replicas of the Deployment so far.
func (w *witness) lowest() (minReplicas, replicas int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Min(w.minima), slices.Min(w.replicas)
}

// ownedVersions counts the versions of the HPA in which floorkeeper owns a field.
func (w *witness) ownedVersions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.owned
}

// wantUndisturbed checks that no version of the HPA and of the Deployment was below the floor, and that the HPA
// controller had nothing to look at: metadata.generation has stayed where it was.
func (w *witness) wantUndisturbed(t *testing.T) {
	t.Helper()
	minReplicas, replicas := w.lowest()
	if minReplicas < floor || replicas < floor {
		t.Errorf("minReplicas went down to %d and the Deployment to %d, want never below %d", minReplicas, replicas, floor)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if distinct := slices.Compact(slices.Clone(w.generations)); len(distinct) != 1 {
		t.Errorf("metadata.generation of the HPA went through %v, want one", distinct)
	}
}
