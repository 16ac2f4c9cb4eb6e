package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// crowd is the number of HPAs besides web that the restored scene has.
const crowd = 100

// restored lets etcd be restored from a backup that was made while a lower floor was in effect: resource versions go back,
// and what floorkeeper has in its cache never happened. Neither replica ends by it.
func restored(t *testing.T, s *scene) {
	names := []string{"web"}
	for i := range crowd {
		names = append(names, fmt.Sprintf("crowd-%03d", i))
	}
	for _, name := range names {
		s.create(t, name, 2)
	}
	a, b := s.keep(t, "a", nil), s.keep(t, "b", nil)
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8, names[1:]...))
	s.awaitAll(t, held(8, 2))
	backup := s.backUp(t)

	s.edit(t, "web", 5) // which is lost, like hundreds of versions, for which a watch would wait
	s.publish(t, s.gala(open, 15, names[1:]...))
	s.awaitAll(t, held(15, 2), "web")
	s.awaitHeld(t, "web", 15)
	s.owner["web"] = 2
	s.restore(t, backup)
	back := time.Now()
	s.awaitAll(t, held(15, 2))
	took := time.Since(back)
	t.Logf("RESULT etcd was restored from a backup: %d floors stood %.1f s after the API was back", len(names), took.Seconds())
	if took > recovery || a.ended()+b.ended() > 0 {
		t.Errorf("the floors stood after %s, want at most %s; the replicas ended %d and %d times, want never", took, recovery, a.ended(), b.ended())
	}
	s.edit(t, "web", 4)
	s.awaitHeld(t, "web", 15)
	s.publish(t, s.gala(open.until(2*time.Second), 15, names[1:]...))
	s.wantFree(t)
}

// awaitAll waits until every HPA but some is in a state.
func (s *scene) awaitAll(t *testing.T, want state, except ...string) {
	t.Helper()
	await.Success(t, fmt.Sprintf("all HPAs to be %+v", want), func(ctx context.Context) error {
		hpas, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, hpa := range hpas.Items {
			if got := stateOf(&hpa); got != want && (len(except) == 0 || hpa.Name != except[0]) {
				err = errors.Join(err, fmt.Errorf("%s is %+v", hpa.Name, got))
			}
		}
		return err
	})
}

// backUp copies etcd's data, while etcd is stopped, and returns the copy.
func (s *scene) backUp(t *testing.T) string {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "etcd")
	err := errors.Join(s.Signal(controlplane.Etcd, syscall.SIGSTOP), os.CopyFS(backup, os.DirFS(s.etcdData())),
		s.Signal(controlplane.Etcd, syscall.SIGCONT))
	if err != nil {
		t.Fatal(err)
	}
	return backup
}

// etcdData is the directory of etcd's data.
func (s *scene) etcdData() string { return filepath.Join(filepath.Dir(s.EtcdSocket()), "etcd") }

// restore ends the API server and etcd, and starts them with a backup.
func (s *scene) restore(t *testing.T, backup string) {
	t.Helper()
	err := errors.Join(s.StopComponent(controlplane.APIServer), s.StopComponent(controlplane.Etcd),
		os.RemoveAll(s.etcdData()), os.CopyFS(s.etcdData(), os.DirFS(backup)),
		s.StartComponent(t.Context(), controlplane.Etcd), s.StartComponent(t.Context(), controlplane.APIServer))
	if err != nil {
		t.Fatal(err)
	}
}
