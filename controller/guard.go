package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// Policies identifies the admission policies: their names are Prefix followed by one of the constants below, and a binding
// has the name of its policy. Namespace is that of our ServiceAccount, for which the scopes and floor hand-back are; it is
// empty if unknown.
type Policies struct {
	Prefix    string
	Namespace string
}

const (
	floorGuard    = "floor-guard"
	floorHandBack = "floor-hand-back"
	floorNotice   = "floor-notice"
	floorScope    = "floor-scope"
	targetScope   = "floor-scope-targets" // where targets are raised
)

// guardCheck checks whether the admission policies are active: after an election, after a revert, which the floor guard
// should have prevented, and when a watch shows that the guard has changed. There is no timer, except to repeat what the
// API server did not answer.
type guardCheck struct {
	api      client.WithWatch
	policies Policies
	targets  bool // are raised
	leading  func() bool
	active   *prometheus.GaugeVec // without labels; a vector, so that it can be absent
	asked    chan struct{}
	watched  sync.Map          // what a goroutine watches
	reported map[string]string // what was logged last, by policy
}

// newGuardCheck adds the check to a manager.
func newGuardCheck(mgr ctrl.Manager, o Options) (*guardCheck, error) {
	g := &guardCheck{policies: o.Policies, targets: o.RaiseTargets, leading: o.Leading, asked: make(chan struct{}, 1), reported: make(map[string]string)}
	options := client.Options{HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper()}
	var err error
	if g.api, err = client.NewWithWatch(mgr.GetConfig(), options); err != nil {
		return nil, fmt.Errorf("cannot set up the check of the floor guard: %w", err)
	}
	if err := mgr.Add(g); err != nil {
		return nil, fmt.Errorf("cannot set up the check of the floor guard: %w", err)
	}
	g.active = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "floorkeeper_floor_guard_active",
		Help: "Whether the floor guard is active (1) or not (0); absent if floorkeeper may not read policies.",
	}, nil)
	o.Registerer.MustRegister(g.active)
	return g, nil
}

// again requests another check. It never blocks.
func (g *guardCheck) again() { signal(g.asked) }

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
// first may read none. A replica that does not lead asks again when it does.
func (g *guardCheck) check(ctx context.Context) (known bool) {
	if !g.leading() {
		return true
	}
	err := g.policies.mutating(ctx, g.api, floorGuard)
	active, known := g.report(ctx, floorGuard, err)
	if apierrors.IsForbidden(err) {
		g.active.Reset()
		return true
	} else if !known {
		return false
	}
	g.active.WithLabelValues().Set(btof(active))
	if !g.leading() { // any more: the end of the term, which resets the gauge, may be over
		g.active.Reset()
		return true
	}
	g.watch(ctx, "policy", &admissionregistrationv1.MutatingAdmissionPolicyList{})
	g.watch(ctx, "binding", &admissionregistrationv1.MutatingAdmissionPolicyBindingList{})
	_, known = g.report(ctx, floorHandBack, g.policies.mutating(ctx, g.api, floorHandBack))
	for _, rest := range []string{floorNotice, floorScope, targetScope} {
		if rest != targetScope || g.targets {
			_, answered := g.report(ctx, rest, g.policies.validating(ctx, g.api, rest))
			known = known && answered
		}
	}
	return known
}

// watch asks for another check whenever the guard's policy or binding changes, unless it does so already. It ends if
// floorkeeper may not watch it, or its kind is not served.
func (g *guardCheck) watch(ctx context.Context, what string, list client.ObjectList) {
	if _, running := g.watched.LoadOrStore(what, true); running {
		return
	}
	go func() {
		defer g.watched.Delete(what)
		for ctx.Err() == nil {
			stream, err := g.api.Watch(ctx, list, client.MatchingFields{"metadata.name": g.policies.Prefix + floorGuard})
			switch {
			case apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
				return
			case err == nil:
				g.again() // it may have changed before the watch began
				for range stream.ResultChan() {
					g.again()
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(maxBackoff):
			}
		}
	}()
}

// report logs and returns whether a policy is active, which is unknown if the API server did not answer.
func (g *guardCheck) report(ctx context.Context, policy string, err error) (active, known bool) {
	name, why := g.policies.Prefix+policy, errInactive("")
	switch {
	case err == nil:
		g.log(ctx, name, "policy in force", "")
		return true, true
	case errors.As(err, &why):
		g.log(ctx, name, "policy not in force", why.Error())
		return false, true
	case apierrors.IsForbidden(err):
		g.log(ctx, name, "may not look whether the policy is in force", "")
		return false, true
	default:
		log.FromContext(ctx).Error(err, "cannot look whether the policy is in force", "policy", name)
		return false, false
	}
}

// log logs what was found about a policy, unless it is what was logged last.
func (g *guardCheck) log(ctx context.Context, name, found, why string) {
	if g.reported[name] == found+why {
		return
	}
	g.reported[name] = found + why
	logger := log.FromContext(ctx).WithValues("policy", name)
	if why != "" {
		logger = logger.WithValues("why", why)
	}
	logger.Info(found)
}

// FloorGuard reports whether the floor guard is active and, if not, why. The error means that it is unknown.
func FloorGuard(ctx context.Context, api client.Reader, policies Policies) (active bool, why string, err error) {
	err = policies.mutating(ctx, api, floorGuard)
	if inactive := errInactive(""); errors.As(err, &inactive) {
		return false, inactive.Error(), nil
	}
	return err == nil, "", err
}

type errInactive string

func (e errInactive) Error() string { return string(e) }

// mutating returns an error unless a mutating policy is active: it is there, it is bound, and does what it is for. The floor
// guard keeps floors; the floor hand-back, for our ServiceAccount's namespace, removes ownership.
func (p Policies) mutating(ctx context.Context, api client.Reader, policyName string) error {
	name, writes := p.Prefix+policyName, autoscaler.AnnotationFloor
	if policyName == floorHandBack {
		writes = "/metadata/managedFields/"
	}
	var policy admissionregistrationv1.MutatingAdmissionPolicy
	var binding admissionregistrationv1.MutatingAdmissionPolicyBinding
	if err := get(ctx, api, name, &policy, &binding); err != nil {
		return err
	}
	if err := bound(name, binding.Spec.PolicyName, binding.Spec.MatchResources); err != nil {
		return err
	}
	does := slices.ContainsFunc(policy.Spec.Mutations, func(m admissionregistrationv1.Mutation) bool {
		return m.ApplyConfiguration != nil && strings.Contains(m.ApplyConfiguration.Expression, writes) ||
			m.JSONPatch != nil && strings.Contains(m.JSONPatch.Expression, writes)
	})
	switch {
	case !does || policy.Spec.ParamKind != nil:
		return errInactive(otherVersion)
	case policyName == floorHandBack:
		return p.forUs(policy.Spec.MatchConditions)
	default:
		return nil
	}
}

// forUs returns an error unless the conditions of a policy name an account in our ServiceAccount's namespace.
func (p Policies) forUs(conditions []admissionregistrationv1.MatchCondition) error {
	account := "system:serviceaccount:"
	if p.Namespace != "" {
		account += p.Namespace + ":"
	}
	if slices.ContainsFunc(conditions, func(c admissionregistrationv1.MatchCondition) bool { return strings.Contains(c.Expression, account) }) {
		return nil
	}
	return errInactive("it is not for a ServiceAccount in namespace " + p.Namespace)
}

// bound returns an error unless a binding is for the policy, and for all HPAs.
func bound(name, policy string, resources *admissionregistrationv1.MatchResources) error {
	switch {
	case policy != name:
		return errInactive("its binding is for the policy " + policy)
	case resources != nil:
		return errInactive("its binding is not for all HorizontalPodAutoscalers")
	default:
		return nil
	}
}

// otherVersion is why a policy is not active that does not say what it has to.
const otherVersion = "it is not that of this version of floorkeeper; apply its manifests again"

// validating returns an error unless a validating policy is active. A scope must name our ServiceAccount's namespace, and
// refuse.
func (p Policies) validating(ctx context.Context, api client.Reader, policyName string) error {
	name := p.Prefix + policyName
	var policy admissionregistrationv1.ValidatingAdmissionPolicy
	var binding admissionregistrationv1.ValidatingAdmissionPolicyBinding
	if err := get(ctx, api, name, &policy, &binding); err != nil {
		return err
	}
	if err := bound(name, binding.Spec.PolicyName, binding.Spec.MatchResources); err != nil {
		return err
	}
	switch {
	case policy.Spec.ParamKind != nil || len(policy.Spec.Validations) == 0:
		return errInactive(otherVersion)
	case policyName == floorNotice && slices.Contains(binding.Spec.ValidationActions, admissionregistrationv1.Warn):
		return nil
	case policyName == floorNotice:
		return errInactive("its binding does not warn")
	case !slices.Contains(binding.Spec.ValidationActions, admissionregistrationv1.Deny):
		return errInactive("its binding does not deny anything")
	default:
		return p.forUs(policy.Spec.MatchConditions)
	}
}

// notServed is why a mutating policy is not active before Kubernetes 1.36.
const notServed = "this API server does not serve its kind; Kubernetes 1.36 and later do"

// get reads a policy and its binding. If one is missing, or its kind is not served, the policy is not active.
func get(ctx context.Context, api client.Reader, name string, policy, binding client.Object) error {
	for _, part := range []struct {
		what   string
		object client.Object
	}{{"policy", policy}, {"binding", binding}} {
		switch err := api.Get(ctx, client.ObjectKey{Name: name}, part.object); {
		case apierrors.IsNotFound(err) && !names(err, name):
			return errInactive(notServed)
		case apierrors.IsNotFound(err):
			return errInactive("its " + part.what + " does not exist")
		case err != nil:
			return fmt.Errorf("cannot read the %s: %w", part.what, err)
		}
	}
	return nil
}

// names reports whether the API server's error is about an object of that name. Where it does not serve a kind, it is about
// none.
func names(err error, name string) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Details != nil && status.Status().Details.Name == name
}
