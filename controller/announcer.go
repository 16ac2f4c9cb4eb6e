package controller

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

const (
	// Changes that come together, such as those of a boundary, cause one look-ahead, after the last of them: it takes as much
	// time as all of them.
	lookAheadDelay  = time.Second
	lookAheadLatest = time.Minute // after the first
	lookAheadPeriod = time.Hour   // so that problems enter the horizon as time passes

	// What a look-ahead writes at most: Events of one rule on an HPA, and altogether. The rest of the latter is for the next.
	maxOfRuleAhead = 5
	maxEventsAhead = 200
)

// announcer reports what concerns the schedule as a whole: that it was loaded or refused, and the problems of the
// coming days. It runs on the leader only.
type announcer struct {
	cache    client.Reader
	api      client.Reader // reads the ConfigMap or Lease that Events are written on, uncached: it happens rarely
	recorder events.EventRecorder
	feed     *Feed
	scope    autoscaler.Scope
	now      func() time.Time
	leading  func() bool
	idle     func() bool // whether no floor is due and no Event waits: these go first
	subject  client.Object
	horizon  time.Duration
	ignore   []forecast.Rule
	most     int // replicas that all floors together add without a warning; 0 for any number
	upcoming *prometheus.GaugeVec
	hpas     chan struct{} // signalled when an HPA may have changed
	news     bool          // an outcome was not announced yet
	unread   *Namespaces
	reported map[string]bool
	refused  map[string]bool // reported, of the namespaces
}

// newAnnouncer writes its Events on the schedule's ConfigMap if that is named, else on the Lease.
func newAnnouncer(o Options) *announcer {
	a := &announcer{
		feed: o.Feed, scope: o.Scope, now: o.Now, leading: o.Leading, idle: func() bool { return true }, horizon: o.LookAhead, ignore: o.Ignore, most: o.WarnAdded, upcoming: newUpcoming(o.Registerer),
		unread: o.Namespaces, hpas: make(chan struct{}, 1), reported: make(map[string]bool),
	}
	if o.ScheduleConfigMap.Name != "" {
		a.subject = &corev1.ConfigMap{ObjectMeta: named(o.ScheduleConfigMap)}
	} else if o.Lease.Name != "" {
		a.subject = &coordinationv1.Lease{ObjectMeta: named(o.Lease)}
	}
	return a
}

func named(name types.NamespacedName) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name}
}

// hpaChanged requests a look-ahead soon. It never blocks.
func (a *announcer) hpaChanged() { signal(a.hpas) }

// Start reports until the context ends.
func (a *announcer) Start(ctx context.Context) error {
	soon, latest := time.NewTimer(0), time.NewTimer(lookAheadLatest)
	defer soon.Stop()
	defer latest.Stop()
	requested := true
	look := func() {
		a.announce(ctx)
		a.announceRefusals(ctx)
		a.lookAhead(ctx)
		debug.FreeOSMemory() // what a boundary and this have left would stay with the process for minutes
		soon.Reset(lookAheadPeriod)
		latest.Stop()
		requested = false
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.unread.changes():
			a.announceRefusals(ctx)
			continue
		case <-a.feed.news:
			a.news = true
			a.announce(ctx)
		case <-a.hpas:
		case <-soon.C:
			if a.idle() {
				look()
				continue
			}
		case <-latest.C:
			look()
			continue
		}
		if !requested {
			requested = true
			latest.Reset(lookAheadLatest)
		}
		soon.Reset(lookAheadDelay)
	}
}

// announce reports the latest outcome of reading the schedule, once, if this process leads.
func (a *announcer) announce(ctx context.Context) {
	if !a.news || !a.leading() {
		return
	}
	a.news = false
	outcome := a.feed.outcome.Load()
	if outcome.Err != nil {
		a.report(ctx, autoscaler.ScheduleRefused(outcome.Err))
		return
	}
	a.report(ctx, autoscaler.ScheduleLoaded(outcome.Revision.SHA256, outcome.Detail))
}

// announceRefusals reports each namespace that may not be read, once while that lasts, if this process leads.
func (a *announcer) announceRefusals(ctx context.Context) {
	if !a.leading() {
		return
	}
	refused := make(map[string]bool)
	for _, refusal := range a.unread.refused() {
		if refused[refusal] = true; !a.refused[refusal] {
			a.report(ctx, autoscaler.NamespaceUnreadable(refusal))
		}
	}
	a.refused = refused
}

// lookAhead reports the problems that it finds for the first time. One that goes away and comes back is reported again.
func (a *announcer) lookAhead(ctx context.Context) {
	revision := a.feed.Current()
	if revision == nil || !a.leading() {
		return
	}
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := a.cache.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "cannot list HorizontalPodAutoscalers to look ahead")
		return
	}
	now := a.now()
	reported, counts := make(map[string]bool), make(map[forecast.Rule]int)
	f := forecast.Within(ctx, math.MaxInt64, func(*autoscalingv2.HorizontalPodAutoscaler) bool { return true },
		revision.Schedule, a.scope, hpas.Items, now, now.Add(a.horizon))
	f.Context = forecast.Context{Now: now, Ignore: a.ignore, WarnAdded: a.most}
	written, prospects := 0, lookAhead(f)
	if !a.leading() { // any more
		return
	}
	for _, w := range prospects {
		reported[w.key()] = true
		counts[w.rule] += 1 + w.more
		switch {
		case a.reported[w.key()] || w.quiet:
			continue
		case written == maxEventsAhead:
			delete(reported, w.key())
			continue
		}
		written++
		switch {
		case w.hpa != nil:
			write(a.recorder, w.hpa, w.EventNote)
		default:
			a.report(ctx, w.EventNote)
		}
	}
	a.count(counts)
	a.reported = reported
}

// count sets the metric.
func (a *announcer) count(found map[forecast.Rule]int) {
	for _, kind := range imminent() {
		a.upcoming.WithLabelValues(string(kind)).Set(float64(found[kind]))
	}
	if !a.leading() { // any more: the end of the term, which resets the gauges, may be over
		a.upcoming.Reset()
	}
}

// report writes an Event on the ConfigMap or Lease. It reads the object first because kubectl describe finds Events by
// uid.
func (a *announcer) report(ctx context.Context, n autoscaler.EventNote) {
	if a.subject == nil {
		return
	}
	if err := a.api.Get(ctx, client.ObjectKeyFromObject(a.subject), a.subject); err != nil {
		log.FromContext(ctx).V(1).Info("the Event will lack the uid of its object", "reason", n.Reason, "error", err.Error())
	}
	write(a.recorder, a.subject, n)
}

func write(recorder events.EventRecorder, regarding runtime.Object, n autoscaler.EventNote) {
	recorder.Eventf(regarding, nil, n.Type, n.Reason, n.Action, "%s", n.Note)
}

// prospect is a finding that the look-ahead reports as an Event on the HPA, or on the schedule if hpa is nil. It is quiet
// if its entry is already open, as it was reported when that opened.
type prospect struct {
	rule  forecast.Rule
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	quiet bool
	more  int // of further entries, which have no Event of their own
	autoscaler.EventNote
}

// key identifies a prospect, so that each is reported once.
func (w prospect) key() string {
	if w.hpa == nil {
		return w.Action
	}
	return w.hpa.Namespace + "/" + w.hpa.Name + " " + string(w.hpa.UID) + " " + w.Action
}

// imminent returns the kinds of findings that the look-ahead reports: an HPA gets less than the schedule asks for, or all get very
// much.
func imminent() []forecast.Rule {
	return []forecast.Rule{
		forecast.ClampedFloor, forecast.LimitedFloor, forecast.MatchesNothing, forecast.OwnedByKEDA, forecast.ScalingDisabled, forecast.AddedReplicas,
	}
}

func lookAhead(f *forecast.Forecast) []prospect {
	open := make(map[string]bool)
	for _, opening := range f.Schedule.Openings(f.From, f.From.Add(1)) {
		open[opening.Name] = true
	}
	verdicts := make(map[*autoscalingv2.HorizontalPodAutoscaler]autoscaler.Verdict)
	for _, o := range f.Outlooks {
		verdicts[o.HPA] = o.Verdict
	}
	var warnings []prospect
	for _, finding := range f.Problems() {
		title := f.Schedule.Title(finding.Entry)
		w := prospect{rule: finding.Rule, hpa: finding.HPA, quiet: finding.HPA != nil && open[finding.Entry]}
		switch finding.Rule {
		case forecast.OwnedByKEDA:
			w.EventNote = autoscaler.TargetRefused(verdicts[finding.HPA], title)
		case forecast.ClampedFloor, forecast.LimitedFloor, forecast.MatchesNothing, forecast.ScalingDisabled, forecast.AddedReplicas:
			location := f.Schedule.Entry(finding.Entry).Location
			w.EventNote = autoscaler.FloorAtRisk(string(finding.Rule), title, finding.Message, finding.From.In(location), f.From)
			if finding.Rule == forecast.AddedReplicas { // its numbers change with each baseline
				w.Action = string(finding.Rule) + " of " + title
			}
		default:
			continue
		}
		warnings = append(warnings, w)
	}
	return folded(warnings)
}

// folded leaves the first few problems of a rule on each HPA, and on the schedule, and counts the others.
func folded(all []prospect) (few []prospect) {
	type about struct {
		rule  forecast.Rule
		hpa   *autoscalingv2.HorizontalPodAutoscaler
		quiet bool
	}
	last := make(map[about][]int)
	for _, w := range all {
		key := about{w.rule, w.hpa, w.quiet}
		if kept := last[key]; len(kept) == maxOfRuleAhead {
			few[kept[len(kept)-1]].more++
			continue
		}
		last[key] = append(last[key], len(few))
		few = append(few, w)
	}
	for i := range few {
		if few[i].more > 0 {
			few[i].Note += fmt.Sprintf("; likewise %d more entries, see floorkeeper validate --live", few[i].more)
		}
	}
	return few
}
