package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	"k8s.io/client-go/rest"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// strangers are people and controllers who write HPAs that floorkeeper never touched, their spec and their status.
type strangers struct {
	plane *controlplane.ControlPlane
	etcd  *line
	admin kubernetes.Interface
	hpas  autoscalingclient.HorizontalPodAutoscalerInterface
	ours  autoscalingclient.HorizontalPodAutoscalerInterface // of floorkeeper's ServiceAccount
	names []string
}

// slowness is of each request to etcd: longer than the API server waits for a parameter of a policy.
const slowness = 1500 * time.Millisecond

// TestStrangers: the policies refuse and delay no write of anybody else, whatever happens to the API server, to etcd and
// to floorkeeper's ServiceAccount.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := startStrangers(t)
	without := s.slowly(t, "no policies")
	account := s.install(t)
	s.compare(t, without, s.slowly(t, "policies"))
	s.restarted(t, "policies")
	accounts := s.admin.CoreV1().ServiceAccounts(account.Namespace)
	if err := accounts.Delete(t.Context(), account.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.compare(t, without, s.slowly(t, "policies, no ServiceAccount"))
	s.restarted(t, "policies, no ServiceAccount")
}

func startStrangers(t *testing.T) *strangers {
	t.Helper()
	flags := map[controlplane.Component][]string{}
	s := &strangers{plane: kit.ControlPlane(t, controlplane.Options{LogDir: t.TempDir(), ExtraArgs: flags})}
	s.etcd = startLine(t, s.plane.EtcdSocket())
	if err := s.plane.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	var overrides []string
	for _, resource := range []string{"autoscaling/horizontalpodautoscalers", "/serviceaccounts", "/namespaces"} {
		overrides = append(overrides, resource+"#unix://"+s.etcd.socket)
	}
	flags[controlplane.APIServer] = []string{"--etcd-servers-overrides=" + strings.Join(overrides, ",")}
	if err := s.plane.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	s.admin = s.plane.Client()
	s.hpas = s.admin.AutoscalingV2().HorizontalPodAutoscalers("default")
	for i := range 4 {
		s.names = append(s.names, fmt.Sprintf("strange-%d", i))
		s.create(t, s.names[i], nil)
	}
	return s
}

func (s *strangers) create(t *testing.T, name string, annotations map[string]string) {
	t.Helper()
	_, err := s.hpas.Create(t.Context(), &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name},
			MinReplicas:    new(int32(10)), MaxReplicas: 20,
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// install applies the manifests with the floor guard, and waits until all policies are active.
func (s *strangers) install(t *testing.T) types.NamespacedName {
	t.Helper()
	account := types.NamespacedName{Namespace: "floorkeeper", Name: "floorkeeper"}
	if _, err := s.plane.Kubectl(t.Context(), "apply", "-k", kit.Overlay(t, kit.Guarded)); err != nil {
		t.Fatal(err)
	}
	s.create(t, "held", map[string]string{
		"floorkeeper.dev/baseline": "2", "floorkeeper.dev/floor": "10", "floorkeeper.dev/because": "gala",
		"floorkeeper.dev/since": "2026-01-01T00:00:00Z", "floorkeeper.dev/until": "2099-01-01T00:00:00Z",
	})
	keeper := s.plane.Config()
	keeper.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:floorkeeper:floorkeeper"}
	s.ours = kubernetes.NewForConfigOrDie(keeper).AutoscalingV2().HorizontalPodAutoscalers("default")
	await.Success(t, "the floor scope", func(ctx context.Context) error {
		_, err := s.ours.Patch(ctx, "held", types.MergePatchType, []byte(`{"spec":{"maxReplicas":30}}`), dryRun())
		if err == nil || !strings.Contains(err.Error(), "floor-scope") {
			return fmt.Errorf("it answers %w", err)
		}
		return nil
	})
	await.Success(t, "the floor guard", s.guarded)
	await.Success(t, "the floor hand-back", s.handedBack)
	return account
}

// handedBack lowers the same floor as floorkeeper does, which then owns nothing.
func (s *strangers) handedBack(ctx context.Context) error {
	options := dryRun()
	options.FieldManager = autoscaler.FieldManager
	patch := []byte(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"9"}},"spec":{"minReplicas":9}}`)
	hpa, err := s.ours.Patch(ctx, "held", types.MergePatchType, patch, options)
	if err != nil {
		return err
	}
	if _, owned := autoscaler.OwnEntry(hpa); owned {
		return errors.New("floorkeeper owns what it wrote")
	}
	return nil
}

// guarded lowers the floor of the HPA that is held, which the guard prevents.
func (s *strangers) guarded(ctx context.Context) error {
	hpa, err := s.hpas.Patch(ctx, "held", types.MergePatchType, []byte(`{"spec":{"minReplicas":3}}`), dryRun())
	if err == nil && *hpa.Spec.MinReplicas != 10 {
		err = fmt.Errorf("minReplicas is %d", *hpa.Spec.MinReplicas)
	}
	return err
}

func dryRun() metav1.PatchOptions { return metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}} }

// strange is what became of the strangers' requests.
type strange struct {
	mu      sync.Mutex
	took    []time.Duration // of those that succeeded
	refused map[string]int  // by the API server's message
	other   int             // the API server was away
}

func (w *strange) note(err error, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch status := apierrors.APIStatus(nil); {
	case err == nil:
		w.took = append(w.took, took)
	case errors.As(err, &status):
		w.refused[err.Error()]++
	default:
		w.other++
	}
}

// write lets every stranger write the spec and the status of an HPA again and again, until the context ends, and at least
// once.
func (s *strangers) write(ctx context.Context) *strange {
	w := &strange{refused: map[string]int{}}
	var group sync.WaitGroup
	for _, name := range s.names {
		for _, sub := range [][]string{nil, {"status"}} {
			group.Go(func() {
				for i := 0; i == 0 || ctx.Err() == nil; i++ {
					patch := fmt.Appendf(nil, `{"metadata":{"labels":{"n%d":"%d"}},"spec":{"maxReplicas":%d},"status":{"desiredReplicas":%d}}`,
						len(sub), i, 20+i%7, i%7)
					began := time.Now()
					_, err := s.hpas.Patch(context.WithoutCancel(ctx), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "stranger"}, sub...)
					w.note(err, time.Since(began))
					<-time.After(20 * time.Millisecond)
				}
			})
		}
	}
	group.Wait()
	return w
}

// slowly writes while etcd is slow.
func (s *strangers) slowly(t *testing.T, what string) *strange {
	t.Helper()
	s.etcd.slow(slowness)
	defer s.etcd.slow(0)
	ctx, cancel := context.WithTimeout(t.Context(), 4*slowness)
	defer cancel()
	w := s.write(ctx)
	w.judge(t, what+", slow etcd")
	return w
}

// restarted writes while the API server ends and comes back.
func (s *strangers) restarted(t *testing.T, what string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan *strange)
	go func() { done <- s.write(ctx) }()
	if err := s.plane.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	guard, handBack := make(chan int), make(chan int)
	go func() { guard <- unready(ctx, s.guarded) }()
	go func() { handBack <- unready(ctx, s.handedBack) }()
	if err := s.plane.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	await.Success(t, "the floor guard", s.guarded)
	time.AfterFunc(3*time.Second, cancel)
	(<-done).judge(t, what+", the API server restarted")
	t.Logf("RESULT %s, the API server restarted: of the writes that lower a floor, %d were answered in place of the guard, %d of floorkeeper's in place "+
		"of the hand-back", what, <-guard, <-handBack)
}

// unready sends a request that a mutating policy has to see, again and again, until the context ends, and returns how often
// the API server could not ask the policy.
func unready(ctx context.Context, request func(context.Context) error) (n int) {
	for ctx.Err() == nil {
		<-time.After(20 * time.Millisecond)
		if err := request(context.WithoutCancel(ctx)); err != nil && strings.Contains(err.Error(), unconverted) {
			n++
		}
	}
	return n
}

// unconverted is part of the answer 503 that the API server gives in place of a mutating policy, in spite of its
// failurePolicy, until it has read its own OpenAPI documents.
const unconverted = "There can be a delay between when CustomResourceDefinitions are created and when they are available."

// judge fails if a policy of floorkeeper refused anything.
func (w *strange) judge(t *testing.T, what string) {
	t.Helper()
	slices.Sort(w.took)
	t.Logf("RESULT %s: %d writes, median %s, slowest %s; %d without an answer", what, len(w.took), w.median(), w.slowest(), w.other)
	for _, message := range slices.Sorted(maps.Keys(w.refused)) {
		t.Logf("RESULT %s: %d times %s", what, w.refused[message], message)
		if strings.Contains(message, "floorkeeper") || strings.Contains(message, unconverted) {
			t.Errorf("%s: a policy of floorkeeper refused %d writes: %s", what, w.refused[message], message)
		}
	}
}

func (w *strange) median() time.Duration { return w.rank(len(w.took) / 2) }

func (w *strange) slowest() time.Duration { return w.rank(len(w.took) - 1) }

func (w *strange) rank(i int) time.Duration {
	if len(w.took) == 0 {
		return -1
	}
	return w.took[i].Round(time.Millisecond)
}

// compare fails if the policies made writes slower. The API server waits for seconds for what it does not get from a slow
// etcd; all else is noise.
func (s *strangers) compare(t *testing.T, without, with *strange) {
	t.Helper()
	before, after := without.median(), with.median()
	if len(with.took) == 0 || after > before+slowness/2 {
		t.Errorf("%d writes took %s without the policies, %d took %s with them", len(without.took), before, len(with.took), after)
	}
}
