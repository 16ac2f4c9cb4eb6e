package controller

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// targets raises what HPAs scale to their floors, which the HPA controller would do too: its client may send 20 requests a
// second, and it needs two for each HPA. It has a queue, workers and shares of its own, so that no floor waits for it. Where
// it fails for good it gives up, for the HPA controller does not. All methods that the reconciler calls take a nil targets.
type targets struct {
	client  client.Client
	scope   autoscaler.Scope
	shares  *shares
	metrics *metrics
	now     func() time.Time
	leading func() bool
	dryRun  bool
	report  func(regarding runtime.Object, notes ...autoscaler.EventNote)

	mu      sync.Mutex
	wants   map[types.NamespacedName]*want // by HPA
	enqueue func(types.NamespacedName)     // nil before the controller starts
	lacking sync.Map                       // the rights that were reported to be missing, by namespace and kind
}

// want is a target that lags behind the floor of its HPA.
type want struct {
	hpa  *autoscalingv2.HorizontalPodAutoscaler // as it was when that was decided
	lag  autoscaler.Lag
	done bool // it is raised, or need not or must not be

	// These are the worker's: one at a time has it.
	failures int // in a row
	failing  time.Time
	reported bool // that it fails
	givenUp  bool
}

// targetAttempts is after how many refusals a target is given up. The first ones may come of an API server that is starting,
// or of an HPA that was created before its target.
const targetAttempts = 5

func newTargets(r *reconciler) *targets {
	return &targets{
		client: r.client, scope: r.scope, shares: newShares(namespaceShare), metrics: r.metrics, now: r.now, leading: r.leading,
		dryRun: r.dryRun, report: r.report, wants: make(map[types.NamespacedName]*want),
	}
}

// register adds the workers to a manager.
func (t *targets) register(mgr ctrl.Manager) error {
	if t == nil || t.dryRun {
		return nil
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("target").
		WatchesRawSource(t).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: workers,
			ReconciliationTimeout:   reconcileTimeout,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](minBackoff, maxBackoff),
		}).
		Complete(t)
}

// Start takes the queue, and enqueues what was wanted before.
func (t *targets) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enqueue = func(key types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: key}) }
	for key := range t.wants {
		t.enqueue(key)
	}
	t.shares.begin(t.enqueue)
	return nil
}

// follow has the target of an HPA raised if it lags behind a floor that is written, and forgets it if not. It never blocks.
func (t *targets) follow(ctx context.Context, v autoscaler.Verdict) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := client.ObjectKeyFromObject(v.HPA)
	lag, lags := v.TargetLag()
	if !lags {
		delete(t.wants, key)
		return
	}
	w := &want{hpa: v.HPA, lag: lag}
	if !w.succeeds(t.wants[key]) {
		return
	}
	t.wants[key] = w
	if t.dryRun {
		log.FromContext(ctx).Info("would raise the target", "kind", lag.Target.Kind, "target", lag.Target.Name, "to", lag.To)
	} else if t.enqueue != nil {
		t.enqueue(key)
	}
}

// succeeds reports whether there is more to do than before: the same may be under way, or done while the HPA controller has
// not looked since. Of a step of a ramp, the status need not show the last one.
func (w *want) succeeds(before *want) bool {
	if before == nil || before.hpa.UID != w.hpa.UID || before.lag.Target != w.lag.Target {
		return true
	}
	if before.done && before.lag.To < w.lag.To {
		w.lag.From = max(w.lag.From, before.lag.To)
	}
	return before.lag.To != w.lag.To
}

// forget forgets the target of an HPA that was deleted.
func (t *targets) forget(key types.NamespacedName) {
	if t != nil {
		t.drop(key, nil)
	}
}

// clear forgets everything, for another replica has led.
func (t *targets) clear() {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		clear(t.wants)
	}
}

// drop forgets what is wanted of the target of an HPA: anything, or w alone.
func (t *targets) drop(key types.NamespacedName, w *want) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w == nil || t.wants[key] == w {
		delete(t.wants, key)
	}
}

// Reconcile raises the target of an HPA, if that is wanted.
func (t *targets) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := req.NamespacedName
	defer t.shares.passOn(key)
	w := t.pending(key)
	switch {
	case w == nil || w.givenUp:
		return ctrl.Result{}, nil
	case !t.leading() || w.failures > 0 && !t.stillLags(ctx, w):
		t.drop(key, w) // whoever leads, and whatever has changed the HPA, looks again
		return ctrl.Result{}, nil
	case !t.shares.enter(key, w.failures > 0):
		return ctrl.Result{RequeueAfter: sharePatience}, nil // it is woken much earlier
	}
	defer t.shares.leave(key)
	ctx, cancel := context.WithTimeout(ctx, patchTimeout)
	defer cancel()
	err := t.raise(ctx, w)
	switch {
	case err == nil:
		t.mu.Lock()
		defer t.mu.Unlock()
		w.done = true
	case !t.leading():
		t.drop(key, w)
	default:
		return ctrl.Result{}, t.failed(ctx, w, err)
	}
	return ctrl.Result{}, nil
}

// pending returns what is to be done for an HPA, or nil.
func (t *targets) pending(key types.NamespacedName) *want {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.wants[key]; w != nil && !w.done {
		return w
	}
	return nil
}

// stillLags reports whether the HPA is held at the same floor, and has not reached it.
func (t *targets) stillLags(ctx context.Context, w *want) bool {
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := t.client.Get(ctx, client.ObjectKeyFromObject(w.hpa), hpa); err != nil || hpa.UID != w.hpa.UID {
		return false
	}
	if hpa.ResourceVersion == w.hpa.ResourceVersion {
		return true // the cache may not have seen the raise yet
	}
	lag, lags := t.scope.Judge(nil, hpa, t.now()).TargetLag()
	return lags && lag.Target == w.lag.Target && lag.To == w.lag.To
}

// raise raises the target once. The patch names the replicas that it replaces, so it never lowers a target, and never wakes
// one that was scaled to zero meanwhile. At first these are what the HPA's status shows; if they are not right, the scale is
// read.
func (t *targets) raise(ctx context.Context, w *want) error {
	target := targetObject(w.hpa.Namespace, w.lag.Target)
	from := w.lag.From
	if w.failures > 0 {
		from = 0
	}
	for {
		known := from > 0
		if !known {
			var scale autoscalingv1.Scale
			if err := t.client.SubResource("scale").Get(ctx, target, &scale); err != nil {
				return fmt.Errorf("cannot read its scale: %w", err)
			}
			if from = scale.Spec.Replicas; from == 0 || from >= w.lag.To {
				return nil
			}
		}
		if t.pending(client.ObjectKeyFromObject(w.hpa)) != w { // it took client-go seconds to read the scale
			return nil
		}
		err := t.patch(ctx, target, from, w.lag.To)
		if !known || !apierrors.IsConflict(err) {
			return err
		}
		from = 0
	}
}

// patch sends one patch of a scale, and counts it.
func (t *targets) patch(ctx context.Context, target client.Object, from, to int32) error {
	if !t.leading() {
		return errDeposed
	}
	data := fmt.Appendf(nil, `[{"op":"test","path":"/spec/replicas","value":%d},{"op":"replace","path":"/spec/replicas","value":%d}]`, from, to)
	err := t.client.SubResource("scale").Patch(ctx, target, client.RawPatch(types.JSONPatchType, data),
		client.WithSubResourceBody(&autoscalingv1.Scale{}), client.FieldOwner(autoscaler.FieldManager))
	err = testAsConflict(err, autoscalingv1.Resource("scales"), target.GetName())
	t.metrics.patched("target", err)
	if err != nil {
		return fmt.Errorf("cannot patch its scale: %w", err)
	}
	log.FromContext(ctx).Info("target raised", "target", target.GetName(), "from", from, "to", to)
	return nil
}

// failed counts and reports a failure. It returns the error if there will be another attempt.
func (t *targets) failed(ctx context.Context, w *want, err error) error {
	if w.failures++; w.failures == 1 {
		w.failing = t.now()
	}
	lacks := lacksRight(err)
	var known bool
	if lacks {
		_, known = t.lacking.Load(w.right())
	}
	refused := lacks || apierrors.IsNotFound(err) || refuses(err)
	w.givenUp = refused && (known || w.failures >= targetAttempts)
	if persists := t.now().Sub(w.failing) >= failurePatience; (w.givenUp || persists) && !w.reported {
		w.reported = true
		t.reportFailure(ctx, w, lacks, err)
	}
	if w.givenUp {
		return nil
	}
	return err
}

// reportFailure reports that a target is not raised. A missing right is reported once for each namespace.
func (t *targets) reportFailure(ctx context.Context, w *want, lacks bool, err error) {
	n := w.lag.NotRaised(err)
	if lacks {
		if _, known := t.lacking.LoadOrStore(w.right(), true); known {
			return
		}
		n = w.lag.Forbidden(err)
	}
	t.report(w.hpa, n)
	log.FromContext(ctx).Error(err, "target not raised", "kind", w.lag.Target.Kind, "target", w.lag.Target.Name, "to", w.lag.To)
}

// right identifies the right that raising the target needs.
func (w *want) right() string { return w.hpa.Namespace + "/" + w.lag.Target.Kind }

// lacksRight reports whether RBAC refuses a request, and not a policy or webhook, which is named in the message.
func lacksRight(err error) bool {
	status := apierrors.APIStatus(nil)
	return apierrors.IsForbidden(err) && errors.As(err, &status) && strings.Contains(status.Status().Message, " cannot ")
}

func targetObject(namespace string, target autoscalingv2.CrossVersionObjectReference) client.Object {
	meta := metav1.ObjectMeta{Namespace: namespace, Name: target.Name}
	if target.Kind == "StatefulSet" {
		return &appsv1.StatefulSet{ObjectMeta: meta}
	}
	return &appsv1.Deployment{ObjectMeta: meta}
}
