package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// server is an API server with a Deployment, a ReplicaSet and a StatefulSet, each with an HPA of its name, an HPA of a
// Rollout, and a ResourceQuota. look sees every list before it is answered.
func server(look func(list client.ObjectList, o *client.ListOptions) error) client.Reader {
	about := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "shop", Name: name} }
	template := corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{
		Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}},
	}}}}
	objects := []client.Object{
		&appsv1.Deployment{ObjectMeta: about("deployment"), Spec: appsv1.DeploymentSpec{Template: template}, Status: appsv1.DeploymentStatus{Replicas: 3}},
		&appsv1.Deployment{ObjectMeta: about("of-nobody"), Spec: appsv1.DeploymentSpec{Template: template}},
		&appsv1.ReplicaSet{ObjectMeta: about("replicaset"), Spec: appsv1.ReplicaSetSpec{Template: template}, Status: appsv1.ReplicaSetStatus{Replicas: 3}},
		&appsv1.StatefulSet{ObjectMeta: about("statefulset"), Spec: appsv1.StatefulSetSpec{Template: template}, Status: appsv1.StatefulSetStatus{Replicas: 3}},
		&corev1.ResourceQuota{ObjectMeta: about("quota"), Status: corev1.ResourceQuotaStatus{Used: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}}},
	}
	for _, kind := range []string{"Deployment", "ReplicaSet", "StatefulSet", "Rollout"} {
		group := map[bool]string{true: "argoproj.io/v1alpha1", false: "apps/v1"}[kind == "Rollout"]
		objects = append(objects, &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: about(strings.ToLower(kind)),
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
				MaxReplicas:    5,
				ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: group, Kind: kind, Name: strings.ToLower(kind)},
			},
		})
	}
	return fake.NewClientBuilder().WithScheme(scheme.Scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			o := &client.ListOptions{}
			o.ApplyOptions(options)
			if err := look(list, o); err != nil {
				return err
			}
			return c.List(ctx, list, options...)
		},
	}).Build()
}

// lists is what was listed, in order.
func lists(into *[]string) func(client.ObjectList, *client.ListOptions) error {
	return func(list client.ObjectList, o *client.ListOptions) error {
		*into = append(*into, strings.TrimSpace(fmt.Sprintf("%s %d %s", strings.TrimSuffix(fmt.Sprintf("%T", list)[4:], "List"), o.Limit, o.Namespace)))
		return nil
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options Options
		hpas    int
		known   int
		asked   []string
		notes   []string
	}{
		"HPAs alone":          {Options{}, 4, 0, []string{"HorizontalPodAutoscaler 500"}, nil},
		"HPAs of a namespace": {Options{Namespace: "shop"}, 4, 0, []string{"HorizontalPodAutoscaler 500 shop"}, nil},
		"HPAs of another":     {Options{Namespace: "video", Sums: true}, 0, 0, []string{"HorizontalPodAutoscaler 500 video", "ResourceQuota 500 video"}, nil},
		"everything":          {Options{Sums: true}, 4, 3, []string{"HorizontalPodAutoscaler 500", "Deployment 500", "ReplicaSet 500", "StatefulSet 500", "ResourceQuota 500"}, []string{"what a Pod requests is known of Deployments, ReplicaSets and StatefulSets only, and not of Rollout shop/rollout"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			s, err := Live(t.Context(), server(lists(&asked)), test.options)
			if err != nil {
				t.Fatal(err)
			}
			known := 0
			for i := range s.HPAs {
				if pod, ok := s.PodOf(&s.HPAs[i]); ok && pod.CPU.String() == "1" && *pod.Running == 3 {
					known++
				}
				if s.HPAs[i].Spec.MinReplicas == nil {
					t.Error("minReplicas is nil")
				}
			}
			if diff := cmp.Diff(test.asked, asked); diff != "" || len(s.HPAs) != test.hpas || known != test.known || len(s.Pods) != known {
				t.Errorf("%d HPAs, %d known\n%s", len(s.HPAs), known, diff)
			}
			if diff := cmp.Diff(test.notes, s.Notes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLiveWithoutRights(t *testing.T) {
	t.Parallel()
	refuse := func(kinds string) func(client.ObjectList, *client.ListOptions) error {
		return func(list client.ObjectList, _ *client.ListOptions) error {
			if strings.Contains(kinds, fmt.Sprintf("%T", list)) {
				return apierrors.NewForbidden(autoscalingv2.Resource("things"), "", errors.New("not\n today"))
			}
			return nil
		}
	}
	_, err := Live(t.Context(), server(refuse("*v2.HorizontalPodAutoscalerList")), Options{})
	if want := "cannot list the HorizontalPodAutoscalers of all namespaces: "; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "give --namespace NAMESPACE, one that you may see") {
		t.Error(err)
	}
	_, err = Live(t.Context(), server(refuse("*v2.HorizontalPodAutoscalerList")), Options{Namespace: "shop"})
	if err == nil || !strings.HasSuffix(err.Error(), "; or give their manifests with --hpas") {
		t.Error(err)
	}
	s, err := Live(t.Context(), server(refuse("*v1.DeploymentList *v1.ResourceQuotaList")), Options{Sums: true})
	if err != nil || len(s.HPAs) != 4 || len(s.Pods) != 2 || len(s.Quotas) != 0 {
		t.Fatalf("%v, %v", s, err)
	}
	want := []string{
		`what their Pods request is not known, because the Deployments of all namespaces cannot be listed: things.autoscaling is forbidden: not today`,
		`whether ResourceQuotas hold it is not known, because those of all namespaces cannot be listed: things.autoscaling is forbidden: not today`,
		"what a Pod requests is known of Deployments, ReplicaSets and StatefulSets only, and not of Rollout shop/rollout",
	}
	if diff := cmp.Diff(want, s.Notes); diff != "" {
		t.Error(diff)
	}
}

// TestLivePages reads page after page, and begins anew once when the API server has lost the thread.
func TestLivePages(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"in order": false, "the API server loses the thread": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asks := 0
			pages := answers(func(list client.ObjectList, o *client.ListOptions) error {
				asks++
				hpas := list.(*autoscalingv2.HorizontalPodAutoscalerList)
				if len(hpas.Items) != 0 || hpas.Continue != "" {
					t.Error("the last page is still there")
				}
				page := autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "p" + o.Continue}}
				switch {
				case o.Limit == 0:
					hpas.Items = []autoscalingv2.HorizontalPodAutoscaler{page, page, page}
				case o.Continue == "2" && lost:
					return apierrors.NewResourceExpired("too old")
				case o.Continue == "2":
					hpas.Items = append(hpas.Items, page)
				default:
					hpas.Items = append(hpas.Items, page)
					hpas.Continue = map[string]string{"": "1", "1": "2"}[o.Continue]
				}
				return nil
			})
			s, err := Live(t.Context(), pages, Options{})
			if err != nil || len(s.HPAs) != 3 || lost != (asks == 4) {
				t.Errorf("%d asks, %v, %v", asks, s, err)
			}
		})
	}
}

// TestLiveIsInterrupted is an error, and no half of a snapshot.
func TestLiveIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Live(ctx, server(func(list client.ObjectList, _ *client.ListOptions) error {
		if _, ok := list.(*corev1.ResourceQuotaList); ok {
			cancel()
		}
		return ctx.Err()
	}), Options{Sums: true})
	if s != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
}

// answers is a client that can only list.
type answers func(client.ObjectList, *client.ListOptions) error

func (a answers) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	o := &client.ListOptions{}
	o.ApplyOptions(options)
	return a(list, o)
}

func (a answers) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return errors.New("nothing else is asked")
}
