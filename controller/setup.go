package controller

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Options configure the controller. Now is the wall clock, time.Now by default. A FloorDeadline or LookAhead of 0 is the
// default. Leading reports whether the Lease is certainly ours. OnTerms registers what the election calls from one goroutine:
// begin before Leading reports true again after it did not, and whether another replica may have led meanwhile; end when
// another one leads. Both may be nil without an election.
type Options struct {
	Feed              *Feed
	Scope             autoscaler.Scope
	SettleTime        time.Duration
	FloorDeadline     time.Duration   // after which a floor that the HPA controller does not follow is reported
	LookAhead         time.Duration   // how far ahead problems are searched
	Ignore            []forecast.Rule // whose problems are not reported
	WarnAdded         int             // replicas that all floors together may add without a warning; 0 for any number
	RaiseTargets      bool            // raise what HPAs scale as well
	DryRun            bool
	Version           string
	ScheduleConfigMap types.NamespacedName // where Events about the schedule go; the Lease if empty
	Lease             types.NamespacedName
	Policies          Policies
	Namespaces        *Namespaces // nil if all are watched
	Notes             *Notes      // of an earlier leader, and for a later one; nil if there is no Lease
	Registerer        prometheus.Registerer
	Events            *Events // their writer, to be flushed at the end; one of its own if nil
	Now               func() time.Time
	Leading           func() bool
	OnTerms           func(begin func(another bool), end func())
}

// DefaultFloorDeadline is how long the HPA controller may take to ask for a floor before a Warning is written.
const DefaultFloorDeadline = 5 * time.Minute

// DefaultLookAhead is how far ahead problems are searched: most windows open within a week, and there are days left to act.
const DefaultLookAhead = 7 * 24 * time.Hour

const (
	// A reconcile mostly waits for the API server, which bounds by itself what it serves at a time.
	workers        = 256
	namespaceShare = 32 // of the workers

	// One admission webhook may take 30 seconds. A time limit below that would refuse what the API server is about to store.
	patchTimeout     = 35 * time.Second
	reconcileTimeout = patchTimeout + 10*time.Second

	sharePatience = time.Minute // after which an HPA that waits for its share is reconciled again in any case

	minBackoff = 50 * time.Millisecond
	maxBackoff = 15 * time.Second // the default of 1000 s would let an outage delay a window by 16 minutes

	// A process that starts while the API server does not answer waits, healthy and not ready. Exiting would only add the
	// kubelet's restart back-off to the outage.
	startPatience = 365 * 24 * time.Hour
)

func (o *Options) complete(mgr ctrl.Manager) (err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Leading == nil {
		o.Leading = func() bool { return true }
	}
	o.Notes = cmp.Or(o.Notes, NewNotes())
	o.FloorDeadline = cmp.Or(o.FloorDeadline, DefaultFloorDeadline)
	o.LookAhead = cmp.Or(o.LookAhead, DefaultLookAhead)
	if o.Events == nil {
		o.Events, err = NewEvents(mgr.GetConfig(), mgr.GetScheme(), o.Now)
	}
	return err
}

// Setup adds the controller to a manager.
func Setup(mgr ctrl.Manager, o Options) error {
	if err := o.complete(mgr); err != nil {
		return err
	}
	a := newAnnouncer(o)
	a.cache, a.api, a.recorder = mgr.GetClient(), mgr.GetAPIReader(), o.Events
	g, err := newGuardCheck(mgr, o)
	if err != nil {
		return err
	}
	r := &reconciler{
		client: mgr.GetClient(), live: mgr.GetAPIReader(), recorder: o.Events, feed: o.Feed, scope: o.Scope, now: o.Now,
		leading: o.Leading, dryRun: o.DryRun, deadline: o.FloorDeadline,
		settling: &settling{period: o.SettleTime}, notes: o.Notes, alarms: newAlarms(o.Now), shares: newShares(namespaceShare), gate: newGate(),
		metrics:  newMetrics(o.Registerer, o.Version, o.Leading),
		changed:  a.hpaChanged,
		reverted: g.again,
	}
	o.Registerer.MustRegister(newCollector(mgr.GetClient(), o.Feed, o.Notes, o.Scope, o.Now))
	b := newBacklog(r, o.Events)
	a.idle = b.idle
	if o.RaiseTargets {
		r.targets = newTargets(r)
	}
	if err := errors.Join(r.register(mgr, b), r.targets.register(mgr)); err != nil {
		return fmt.Errorf("cannot set up the controller: %w", err)
	}
	if err := add(mgr, "clock watch", newClockWatch(o.Now, o.Feed.Poke)); err != nil {
		return err
	}
	if o.OnTerms != nil {
		o.OnTerms(func(another bool) { r.leadAgain(another); a.hpaChanged() }, func() { g.active.Reset(); a.upcoming.Reset() })
	}
	if o.DryRun {
		return nil // no Events
	}
	return errors.Join(add(mgr, "announcer", a), add(mgr, "Events", o.Events))
}

func add(mgr ctrl.Manager, name string, part manager.Runnable) error {
	if err := mgr.Add(part); err != nil {
		return fmt.Errorf("cannot set up the %s: %w", name, err)
	}
	return nil
}

// leadAgain begins a new term of this process. What it remembers, and how long it has followed the schedule, counts no
// more if another replica has led.
func (r *reconciler) leadAgain(another bool) {
	if another {
		r.term.Add(1)
		r.records.Clear()
		r.targets.clear()
		r.settling.restart()
	}
	r.reverted()
}

func (r *reconciler) register(mgr ctrl.Manager, b *backlog) error {
	return builder.ControllerManagedBy(mgr).
		Named("floor").
		For(&autoscalingv2.HorizontalPodAutoscaler{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: concerns}, r.noting())).
		WatchesRawSource(b).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: workers,
			EnableWarmup:            new(true),
			CacheSyncTimeout:        startPatience,
			ReconciliationTimeout:   reconcileTimeout,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](minBackoff, maxBackoff),
		}).
		Complete(r)
}

// noting lets the events of a leader pass, but for those of its own writes, and notes that an HPA has changed. A standby's
// queue, which nobody empties, would keep the name of every HPA that ever was; who begins to lead is poked.
func (r *reconciler) noting() predicate.Predicate {
	notes := predicate.NewPredicateFuncs(func(client.Object) bool {
		if !r.leading() {
			return false
		}
		r.changed()
		return true
	})
	passes := notes.UpdateFunc
	notes.UpdateFunc = func(e event.UpdateEvent) bool { return !r.echoes(e.ObjectNew) && passes(e) }
	return notes
}

// echoes reports whether an HPA is as we wrote it, and nothing has come of that yet: one that asks for the floor already
// will not change.
func (r *reconciler) echoes(object client.Object) bool {
	hpa, ok := object.(*autoscalingv2.HorizontalPodAutoscaler)
	return ok && r.recall(client.ObjectKeyFromObject(hpa)).wrote == hpa.ResourceVersion && !autoscaler.AtFloor(hpa)
}

// concerns reports whether an update changed anything that a decision depends on. The HPA controller writes the status of
// every HPA each 15 seconds, where only matters whether the floor is reached; metadata.generation is maintained from
// Kubernetes 1.37 only.
func concerns(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*autoscalingv2.HorizontalPodAutoscaler)
	after, alsoOK := e.ObjectNew.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok || !alsoOK {
		return true
	}
	return before.UID != after.UID ||
		autoscaler.AtFloor(before) != autoscaler.AtFloor(after) || autoscaler.BelowFloor(before) != autoscaler.BelowFloor(after) ||
		autoscaler.Observe(before) != autoscaler.Observe(after) ||
		!maps.Equal(before.Labels, after.Labels) ||
		!maps.Equal(prefixed(before.Annotations), prefixed(after.Annotations)) ||
		!equality.Semantic.DeepEqual(before.OwnerReferences, after.OwnerReferences)
}

// prefixed returns the annotations with our prefix, the users' ones included.
func prefixed(annotations map[string]string) map[string]string {
	ours := maps.Clone(annotations)
	maps.DeleteFunc(ours, func(key, _ string) bool { return !strings.HasPrefix(key, autoscaler.Prefix) })
	return ours
}
