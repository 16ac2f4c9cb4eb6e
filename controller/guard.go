package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// Policies identifies the admission policies: their names are Prefix followed by floor-guard, floor-notice and
// floor-scope, and a binding has the name of its policy. Namespace is that of our ServiceAccount, to which the bindings
// refer; it is empty if unknown.
type Policies struct {
	Prefix    string
	Namespace string
}

// guardCheck checks whether the admission policies are active: after an election, and after a revert, which the floor
// guard should have prevented. There is no timer, except to repeat a check that the API server did not answer.
type guardCheck struct {
	api      client.Reader
	policies Policies
	active   *prometheus.GaugeVec // without labels; a vector, so that it can be absent
	asked    chan struct{}
}

func newGuardCheck(api client.Reader, policies Policies, reg prometheus.Registerer) *guardCheck {
	g := &guardCheck{api: api, policies: policies, asked: make(chan struct{}, 1)}
	g.active = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "floorkeeper_floor_guard_active",
		Help: "Whether the floor guard was active (1) or not (0) at the last check, which follows an election or a FloorReverted Event; absent if floorkeeper may not read policies.",
	}, nil)
	reg.MustRegister(g.active)
	return g
}

// again requests another check. It never blocks.
func (g *guardCheck) again() {
	select {
	case g.asked <- struct{}{}:
	default: // one is already pending
	}
}

// Start checks whenever it is asked, until the context ends.
func (g *guardCheck) Start(ctx context.Context) error {
	for {
		var again <-chan time.Time
		if known := g.check(ctx); !known {
			again = time.After(maxBackoff)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-g.asked:
		case <-again:
		}
	}
}

// check reads each policy and its binding, and returns whether the API server answered. An account that may not read the
// first may read none.
func (g *guardCheck) check(ctx context.Context) (known bool) {
	name := g.policies.guard()
	err := g.mutating(ctx, name)
	if apierrors.IsForbidden(err) {
		g.active.Reset()
		log.FromContext(ctx).Info("may not look whether the floor guard is in force", "policy", name)
		return true
	}
	active, known := report(ctx, name, err)
	if !known {
		return false
	}
	g.active.WithLabelValues().Set(btof(active))
	for _, rest := range []string{"floor-notice", "floor-scope"} {
		name := g.policies.Prefix + rest
		report(ctx, name, g.validating(ctx, name))
	}
	return true
}

// report logs and returns whether a policy is active, which is unknown if the API server did not answer.
func report(ctx context.Context, name string, err error) (active, known bool) {
	logger := log.FromContext(ctx).WithValues("policy", name)
	why := errInactive("")
	switch {
	case err == nil:
		logger.Info("policy in force")
		return true, true
	case errors.As(err, &why):
		logger.Info("policy not in force", "why", why.Error())
		return false, true
	default:
		logger.Error(err, "cannot look whether the policy is in force")
		return false, false
	}
}

// FloorGuard reports whether the floor guard is active and, if not, why. The error means that it is unknown.
func FloorGuard(ctx context.Context, api client.Reader, policies Policies) (active bool, why string, err error) {
	g := &guardCheck{api: api, policies: policies}
	err = g.mutating(ctx, policies.guard())
	if inactive := errInactive(""); errors.As(err, &inactive) {
		return false, inactive.Error(), nil
	}
	return err == nil, "", err
}

func (p Policies) guard() string { return p.Prefix + "floor-guard" }

type errInactive string

func (e errInactive) Error() string { return string(e) }

func (g *guardCheck) mutating(ctx context.Context, name string) error {
	var binding admissionregistrationv1.MutatingAdmissionPolicyBinding
	if err := g.get(ctx, name, &admissionregistrationv1.MutatingAdmissionPolicy{}, &binding); err != nil {
		return err
	}
	return g.bound(name, binding.Spec.PolicyName, binding.Spec.ParamRef)
}

func (g *guardCheck) validating(ctx context.Context, name string) error {
	var binding admissionregistrationv1.ValidatingAdmissionPolicyBinding
	if err := g.get(ctx, name, &admissionregistrationv1.ValidatingAdmissionPolicy{}, &binding); err != nil {
		return err
	}
	return g.bound(name, binding.Spec.PolicyName, binding.Spec.ParamRef)
}

// get reads a policy and its binding. If one is missing, or its kind is not served, which is the same answer, the policy
// is not active.
func (g *guardCheck) get(ctx context.Context, name string, policy, binding client.Object) error {
	for _, part := range []struct {
		what   string
		object client.Object
	}{{"policy", policy}, {"binding", binding}} {
		switch err := g.api.Get(ctx, client.ObjectKey{Name: name}, part.object); {
		case apierrors.IsNotFound(err):
			return errInactive("its " + part.what + " does not exist")
		case err != nil:
			return fmt.Errorf("cannot read the %s: %w", part.what, err)
		}
	}
	return nil
}

// bound returns an error unless the binding is for the policy and for our ServiceAccount, without which a policy is inert.
func (g *guardCheck) bound(name, policy string, param *admissionregistrationv1.ParamRef) error {
	switch {
	case policy != name:
		return errInactive("its binding is for the policy " + policy)
	case param != nil && g.policies.Namespace != "" && param.Namespace != g.policies.Namespace:
		return errInactive("its binding refers to a ServiceAccount in namespace " + param.Namespace + ", not " + g.policies.Namespace)
	default:
		return nil
	}
}
