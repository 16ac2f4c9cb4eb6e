package controller

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// guarded are policies as they are installed.
type guarded struct {
	handBack        admissionregistrationv1.MutatingAdmissionPolicy
	handBackBinding admissionregistrationv1.MutatingAdmissionPolicyBinding

	guard        admissionregistrationv1.MutatingAdmissionPolicy
	guardBinding admissionregistrationv1.MutatingAdmissionPolicyBinding
	scope        admissionregistrationv1.ValidatingAdmissionPolicy
	scopeBinding admissionregistrationv1.ValidatingAdmissionPolicyBinding
}

func installed(change func(*guarded)) *guarded {
	guard, scope, handBack := metav1.ObjectMeta{Name: "fk-floor-guard"}, metav1.ObjectMeta{Name: "fk-floor-scope"}, metav1.ObjectMeta{Name: "fk-floor-hand-back"}
	g := &guarded{
		handBack: admissionregistrationv1.MutatingAdmissionPolicy{ObjectMeta: handBack, Spec: admissionregistrationv1.MutatingAdmissionPolicySpec{
			MatchConditions: []admissionregistrationv1.MatchCondition{{Expression: "request.userInfo.username == 'system:serviceaccount:ops:floorkeeper'"}},
			Mutations:       []admissionregistrationv1.Mutation{{JSONPatch: &admissionregistrationv1.JSONPatch{Expression: `[JSONPatch{op: "remove", path: "/metadata/managedFields/0"}]`}}},
		}},
		handBackBinding: admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: handBack, Spec: admissionregistrationv1.MutatingAdmissionPolicyBindingSpec{PolicyName: "fk-floor-hand-back"}},
		guard: admissionregistrationv1.MutatingAdmissionPolicy{ObjectMeta: guard, Spec: admissionregistrationv1.MutatingAdmissionPolicySpec{Mutations: []admissionregistrationv1.Mutation{
			{}, {ApplyConfiguration: &admissionregistrationv1.ApplyConfiguration{Expression: "'" + autoscaler.AnnotationFloor + "'"}},
		}}},
		guardBinding: admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: guard, Spec: admissionregistrationv1.MutatingAdmissionPolicyBindingSpec{PolicyName: "fk-floor-guard"}},
		scope: admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: scope, Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConditions: []admissionregistrationv1.MatchCondition{{Expression: "request.userInfo.username == 'system:serviceaccount:ops:floorkeeper'"}},
			Validations:     []admissionregistrationv1.Validation{{Expression: "true"}},
		}},
		scopeBinding: admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: scope, Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: "fk-floor-scope", ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		}},
	}
	change(g)
	return g
}

func (g *guarded) api(t *testing.T, peculiar interceptor.Funcs) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := admissionregistrationv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(peculiar)
	for _, o := range []client.Object{&g.guard, &g.guardBinding, &g.scope, &g.scopeBinding, &g.handBack, &g.handBackBinding} {
		if o.GetName() != "" {
			builder = builder.WithObjects(o)
		}
	}
	return builder.Build()
}

func TestWhyAPolicyIsNotInForce(t *testing.T) {
	policies := Policies{Prefix: "fk-", Namespace: "ops"}
	for name, test := range map[string]struct {
		change       func(*guarded)
		guard, scope string
	}{
		"both are in force":     {func(*guarded) {}, "", ""},
		"the policies are gone": {func(g *guarded) { g.guard.Name, g.scope.Name = "", "" }, "its policy does not exist", "its policy does not exist"},
		"the bindings are gone": {func(g *guarded) { g.guardBinding.Name, g.scopeBinding.Name = "", "" }, "its binding does not exist", "its binding does not exist"},
		"they bind others":      {func(g *guarded) { g.guardBinding.Spec.PolicyName, g.scopeBinding.Spec.PolicyName = "x", "y" }, "its binding is for the policy x", "its binding is for the policy y"},
		"they bind some HPAs": {func(g *guarded) {
			g.guardBinding.Spec.MatchResources, g.scopeBinding.Spec.MatchResources = &admissionregistrationv1.MatchResources{}, &admissionregistrationv1.MatchResources{}
		}, "its binding is not for all HorizontalPodAutoscalers", "its binding is not for all HorizontalPodAutoscalers"},
		"they have a parameter": {func(g *guarded) {
			g.guard.Spec.ParamKind, g.scope.Spec.ParamKind = &admissionregistrationv1.ParamKind{}, &admissionregistrationv1.ParamKind{}
		}, otherVersion, otherVersion},
		"they say nothing": {func(g *guarded) { g.guard.Spec.Mutations, g.scope.Spec.Validations = nil, nil }, otherVersion, otherVersion},
		"it is another account's": {func(g *guarded) {
			g.scope.Spec.MatchConditions[0].Expression = "'system:serviceaccount:shop:floorkeeper'"
		}, "", "it is not for a ServiceAccount in namespace ops"},
		"it only warns": {func(g *guarded) {
			g.scopeBinding.Spec.ValidationActions = []admissionregistrationv1.ValidationAction{admissionregistrationv1.Warn}
		}, "", "its binding does not deny anything"},
	} {
		api := installed(test.change).api(t, interceptor.Funcs{})
		active, why, err := FloorGuard(t.Context(), api, policies)
		if active != (test.guard == "") || why != test.guard || err != nil {
			t.Errorf("%s: the guard is active %t, %q, %v, want %q", name, active, why, err, test.guard)
		}
		inactive := errInactive("")
		if err := policies.validating(t.Context(), api, floorScope); errors.As(err, &inactive) != (test.scope != "") || inactive.Error() != test.scope {
			t.Errorf("%s: the scope: %v, want %q", name, err, test.scope)
		}
	}
	for want, change := range map[string]func(*guarded){
		"":                          func(*guarded) {},
		"its policy does not exist": func(g *guarded) { g.handBack.Name = "" },
		otherVersion:                func(g *guarded) { g.handBack.Spec.Mutations[0].JSONPatch.Expression = "[]" },
		"it is not for a ServiceAccount in namespace ops": func(g *guarded) { g.handBack.Spec.MatchConditions = nil },
	} {
		inactive := errInactive("")
		if err := policies.mutating(t.Context(), installed(change).api(t, interceptor.Funcs{}), floorHandBack); errors.As(err, &inactive) != (want != "") || inactive.Error() != want {
			t.Errorf("the hand-back: %v, want %q", err, want)
		}
	}
	anywhere := installed(func(*guarded) {}).api(t, interceptor.Funcs{})
	unknown := Policies{Prefix: "fk-"}
	if err := errors.Join(unknown.validating(t.Context(), anywhere, floorScope), unknown.mutating(t.Context(), anywhere, floorHandBack)); err != nil {
		t.Errorf("without a known namespace: %v", err)
	}
}

// Before Kubernetes 1.36 the API server answers like this.
func TestTheGuardIsNotServed(t *testing.T) {
	answer := &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound, Details: &metav1.StatusDetails{},
		Message: "the server could not find the requested resource",
	}}
	api := installed(func(*guarded) {}).api(t, interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
		return answer
	}})
	if active, why, err := FloorGuard(t.Context(), api, Policies{Prefix: "fk-"}); active || why != notServed || err != nil {
		t.Errorf("active %t, %q, %v, want %q", active, why, err, notServed)
	}
}

func TestTheGuardIsUnknownWithoutAnAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		about  string
		known  bool
		series int
	}{
		"away":                       {errors.New("connection refused"), "fk-", false, 1},
		"away when it is about one":  {errors.New("connection refused"), "fk-floor-scope", false, 1},
		"away when it is about that": {errors.New("connection refused"), "fk-floor-hand-back", false, 1},
		"forbidden":                  {apierrors.NewForbidden(schema.GroupResource{}, "", errors.New("no")), "fk-", true, 0},
	} {
		api := installed(func(*guarded) {}).api(t, interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if strings.HasPrefix(key.Name, test.about) {
				return test.err
			}
			return c.Get(ctx, key, o, options...)
		}})
		if active, _, err := FloorGuard(t.Context(), api, Policies{Prefix: "fk-"}); test.about == "fk-" && (active || err == nil) {
			t.Errorf("%s: active %t, %v", name, active, err)
		}
		m, _, err := setUp(t, Options{}, "")
		if err != nil {
			t.Fatal(err)
		}
		g := m.added["*controller.guardCheck"].(*guardCheck)
		g.api, g.policies = api, Policies{Prefix: "fk-"}
		g.active.WithLabelValues().Set(1)
		if known := g.check(t.Context()); known != test.known || testutil.CollectAndCount(g.active) != test.series {
			t.Errorf("%s: known %t, %d series", name, known, testutil.CollectAndCount(g.active))
		}
	}
}

// The gauge of a replica whose Lease is lost while it reads a policy would stay for as long as the process lives.
func TestACheckOfTheGuardThatOutlivesTheLeaseShowsNothing(t *testing.T) {
	leads := true
	m, _, err := setUp(t, Options{Leading: func() bool { return leads }}, "")
	if err != nil {
		t.Fatal(err)
	}
	g := m.added["*controller.guardCheck"].(*guardCheck)
	g.policies = Policies{Prefix: "fk-", Namespace: "ops"}
	g.api = installed(func(*guarded) {}).api(t, interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
		if leads {
			leads = false
			g.active.Reset() // as the end of a term does
		}
		return c.Get(ctx, key, o, options...)
	}})
	if known := g.check(t.Context()); !known || testutil.CollectAndCount(g.active) != 0 {
		t.Errorf("known %t, %d series, want none", known, testutil.CollectAndCount(g.active))
	}
}
