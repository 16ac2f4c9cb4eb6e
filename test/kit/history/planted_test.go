package history_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// rogues are ServiceAccounts that may write HPAs as they like: floorkeepers with a bug, which the floor scope would stop.
const rogues = `
{apiVersion: v1, kind: List, items: [
  {apiVersion: v1, kind: Namespace, metadata: {name: rogues}},
  {apiVersion: v1, kind: ServiceAccount, metadata: {name: leader, namespace: rogues}},
  {apiVersion: v1, kind: ServiceAccount, metadata: {name: zombie, namespace: rogues}},
  {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: rogues},
    rules: [{apiGroups: [autoscaling], resources: ["*"], verbs: ["*"]}]},
  {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: rogues},
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: rogues},
    subjects: [{kind: ServiceAccount, name: leader, namespace: rogues}, {kind: ServiceAccount, name: zombie, namespace: rogues}]}]}
`

// writer is a client that remembers the auditID of its last request.
type writer struct {
	kubernetes.Interface
	last atomic.Value
}

func (p *plane) writer(t *testing.T, kubeconfig string) *writer {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{}
	config.QPS = -1
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return trip(func(r *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(r)
			if err == nil {
				w.last.Store(response.Header.Get("Audit-Id"))
			}
			return response, err
		})
	})
	if w.Interface, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	return w
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// request is the auditID of the last request.
func (w *writer) request() string { return w.last.Load().(string) }

// stage is where a bug is planted: a namespace with one HPA, its owner, and two writers that pass for floorkeeper.
type stage struct {
	*plane
	namespace             string
	owner, leader, zombie *writer
	schedule              *schedules.Schedule
	model                 history.Model
	attempt               time.Time // of the last write
}

const hpaName = "web"

// create makes the HPA.
func (s *stage) create(t *testing.T, minReplicas int32) {
	t.Helper()
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: hpaName, Labels: map[string]string{"app": "web"}},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    new(minReplicas), MaxReplicas: 20,
		},
	}
	if _, err := s.owner.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Create(t.Context(), hpa, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// remove deletes the HPA, so that nothing is judged at the end.
func (s *stage) remove(t *testing.T) {
	t.Helper()
	if err := s.owner.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Delete(t.Context(), hpaName, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// publish puts a schedule in force: one event that is open, with these fields.
func (s *stage) publish(t *testing.T, fields string) {
	t.Helper()
	s.schedule = s.open(t, fields)
	s.model.Schedules = append(s.model.Schedules, history.InForce{From: time.Now(), Schedule: s.schedule})
}

func (s *stage) open(t *testing.T, fields string) *schedules.Schedule {
	t.Helper()
	if fields == "" {
		return parse(t, nothing)
	}
	now := time.Now().UTC()
	return parse(t, fmt.Sprintf("apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nevents:\n- {name: gala, start: %q, end: %q, %s}\n",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339),
		strings.ReplaceAll(fields, "HERE", "namespace: "+s.namespace)))
}

// write patches the HPA, and returns the auditID. What the patch is may depend on the HPA, and is asked again after a
// conflict: the HPA controller writes the status of a new HPA.
func (s *stage) write(t *testing.T, w *writer, kind types.PatchType, patch func(*autoscalingv2.HorizontalPodAutoscaler) any) string {
	t.Helper()
	options := metav1.PatchOptions{FieldManager: autoscaler.FieldManager}
	if w == s.owner {
		options.FieldManager = "owner"
	}
	for {
		s.attempt = time.Now()
		data, err := json.Marshal(patch(s.hpa(t, s.namespace, hpaName)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Patch(t.Context(), hpaName, kind, data, options)
		if apierrors.IsConflict(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return w.request()
	}
}

// merge writes a JSON merge patch.
func (s *stage) merge(t *testing.T, w *writer, patch string) string {
	t.Helper()
	return s.write(t, w, types.MergePatchType, func(*autoscalingv2.HorizontalPodAutoscaler) any { return json.RawMessage(patch) })
}

// wish is the owner's new word.
func (s *stage) wish(t *testing.T, minReplicas int32) {
	t.Helper()
	s.merge(t, s.owner, fmt.Sprintf(`{"spec":{"minReplicas":%d}}`, minReplicas))
}

// decide writes what a floorkeeper does that decides so, and returns the auditID.
func (s *stage) decide(t *testing.T, decide func(*autoscalingv2.HorizontalPodAutoscaler) autoscaler.State) string {
	t.Helper()
	return s.write(t, s.leader, types.MergePatchType, func(hpa *autoscalingv2.HorizontalPodAutoscaler) any {
		data, err := decide(hpa).Patch(hpa.ResourceVersion)
		if err != nil {
			t.Fatal(err)
		}
		return json.RawMessage(data)
	})
}

// obey does what floorkeeper does by a schedule.
func (s *stage) obey(t *testing.T, schedule *schedules.Schedule) string {
	t.Helper()
	return s.decide(t, func(hpa *autoscalingv2.HorizontalPodAutoscaler) autoscaler.State {
		return s.model.Scope.Judge(schedule, hpa, time.Now()).Desired
	})
}

// act does what floorkeeper does by the schedule in force.
func (s *stage) act(t *testing.T) string {
	t.Helper()
	return s.obey(t, s.schedule)
}

// release gives a baseline back, right or wrong.
func (s *stage) release(t *testing.T, baseline int32) string {
	t.Helper()
	return s.decide(t, func(*autoscalingv2.HorizontalPodAutoscaler) autoscaler.State {
		return autoscaler.State{MinReplicas: baseline}
	})
}

// handBack removes floorkeeper's entry from managedFields.
func (s *stage) handBack(t *testing.T) string {
	t.Helper()
	return s.write(t, s.leader, types.JSONPatchType, func(hpa *autoscalingv2.HorizontalPodAutoscaler) any {
		own := slices.IndexFunc(hpa.ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager == autoscaler.FieldManager })
		path := fmt.Sprintf("/metadata/managedFields/%d", own)
		return []map[string]any{
			{"op": "test", "path": path + "/manager", "value": autoscaler.FieldManager}, {"op": "remove", "path": path},
		}
	})
}

// quiet runs what happens in the steady state. An attempt that met a conflict came before it.
func (s *stage) quiet(happens func() string) string {
	from := time.Now()
	request := happens()
	if s.attempt.After(from) {
		from = s.attempt
	}
	s.model.Quiet = append(s.model.Quiet, history.Interval{From: from, To: time.Now().Add(time.Second)})
	return request
}

// testPlanted lets each planted bug happen, and wants the checker to name its invariant and its request, and no other.
func testPlanted(t *testing.T, p *plane) {
	p.kubectl(t, rogues, "apply", "--filename=-")
	leader, zombie := p.account(t, "rogues", "leader"), p.account(t, "rogues", "zombie")
	for i, bug := range bugs() {
		t.Run(bug.invariant+" "+bug.name, func(t *testing.T) {
			t.Parallel()
			s := &stage{plane: p, namespace: fmt.Sprintf("bug-%d", i)}
			s.owner, s.leader, s.zombie = p.writer(t, p.Kubeconfig()), p.writer(t, leader), p.writer(t, zombie)
			s.model.Users = []string{"system:serviceaccount:rogues:leader", "system:serviceaccount:rogues:zombie"}
			s.model.Namespaces = []string{s.namespace}
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
			if _, err := s.owner.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			request := bug.happens(t, s)
			s.model.End = time.Now()
			violations := s.model.Check(p.read(t, s.namespace, request))
			if len(violations) != 1 || violations[0].Invariant != bug.invariant || violations[0].Request.AuditID != request {
				t.Errorf("want one violation of %s by the request %s, got %d:", bug.invariant, request, len(violations))
			}
			for _, v := range violations {
				t.Log(v)
			}
		})
	}
}
