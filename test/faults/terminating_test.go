package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// terminating deletes a namespace in mid-window. One of its HPAs has a finalizer that nobody takes off; its owner and a
// writer of an old value still write it. The floor of another namespace opens meanwhile, and nothing is left in the end.
func terminating(t *testing.T, s *scene) {
	doomed := s.beside(t, "doomed")
	s.create(t, "web", 2)
	for i := range 20 {
		doomed.create(t, fmt.Sprintf("app-%02d", i), 2)
	}
	doomed.create(t, "web", 2)
	stuck := func(finalizers string) {
		t.Helper()
		patch := []byte(`{"metadata":{"finalizers":` + finalizers + `}}`)
		_, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(doomed.namespace).
			Patch(t.Context(), "web", types.MergePatchType, patch, metav1.PatchOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	}
	stuck(`["floorkeeper.test/stuck"]`)
	var err error
	if s.metrics, err = addresses.Next(); err != nil {
		t.Fatal(err)
	}
	k := s.keep(t, "only", nil, "--namespaces="+s.namespace+","+doomed.namespace)
	open := openFrom(-5 * time.Second)
	everything := fmt.Sprintf("- {name: everything, start: %q, end: %q, targets: [{namespace: %s, minReplicas: 8}]}\n",
		open.start.Format(time.RFC3339), open.end.Format(time.RFC3339), doomed.namespace)
	s.publish(t, everything)
	doomed.awaitAll(t, held(8, 2))
	doomed.edit(t, "web", 2) // a revert is counted
	doomed.awaitHeld(t, "web", 8)
	s.awaitSeries(t, k, doomed.namespace, true)

	if err := s.client.CoreV1().Namespaces().Delete(t.Context(), doomed.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await.Success(t, "all HPAs but the stuck one to be gone", func(ctx context.Context) error {
		hpas, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(doomed.namespace).List(ctx, metav1.ListOptions{})
		if err == nil && (len(hpas.Items) != 1 || hpas.Items[0].DeletionTimestamp == nil) {
			err = fmt.Errorf("there are %d", len(hpas.Items))
		}
		return err
	})
	doomed.edit(t, "web", 3)
	next := openFrom(2 * time.Second)
	next.end = next.start.Add(4 * time.Second)
	s.publish(t, everything, s.gala(next, 8))
	at(next.start.Add(-time.Second))
	s.awaitMin(t, 8)
	raised := time.Since(next.start)
	at(next.end.Add(-time.Second))
	s.awaitMin(t, 2)
	t.Logf("RESULT beside a namespace that terminates: raised after %.2f s, given back after %.2f s", raised.Seconds(), time.Since(next.end).Seconds())
	s.wantFree(t)

	stuck(`null`)
	await.Success(t, "the namespace to be gone", func(ctx context.Context) error {
		_, err := s.client.CoreV1().Namespaces().Get(ctx, doomed.namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is there"), err)
	})
	s.awaitSeries(t, k, doomed.namespace, false)
	if complaints := k.current().Tail(100, `"level":"error"`); complaints != "" {
		t.Errorf("floorkeeper complains:\n%s", complaints)
	}
}

// beside makes another namespace that the scene's floorkeepers may keep. It is not judged.
func (s *scene) beside(t *testing.T, name string) *scene {
	t.Helper()
	other := &scene{cluster: s.cluster, namespace: s.namespace + "-" + name, owner: map[string]int32{}}
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: other.namespace}}
	if _, err := s.client.CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Beside(t.Context(), other.namespace); err != nil {
		t.Fatal(err)
	}
	return other
}

// awaitSeries waits until a keeper's metrics about a namespace are there, or are gone.
func (s *scene) awaitSeries(t *testing.T, k *keeper, namespace string, there bool) {
	t.Helper()
	await.Success(t, fmt.Sprintf("series of %s: %t", namespace, there), func(ctx context.Context) error {
		samples, err := k.current().Samples(ctx)
		if err != nil {
			return err
		}
		found := map[string]bool{}
		for series := range samples {
			if name, labels, ok := strings.Cut(series, "{"); ok && strings.Contains(labels, `namespace="`+namespace+`"`) {
				found[name] = true
			}
		}
		if found["floorkeeper_floor_replicas"] != there || found["floorkeeper_reverts_total"] != there {
			return fmt.Errorf("found are %v", found)
		}
		return nil
	})
}
