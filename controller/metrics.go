package controller

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// metrics are counted when something happens. What follows from the schedule and the cache is computed by collector.
type metrics struct {
	patches *prometheus.CounterVec
	reverts *prometheus.CounterVec
	delay   prometheus.Histogram

	mu      sync.Mutex
	writers map[string]sets.Set[string] // the names that the label manager has, by namespace
}

// maxWriters bounds the series of reverts in a namespace: whoever writes chooses the name of his field manager.
const maxWriters = 20

// reverted counts a revert by a writer. The names after the first maxWriters are counted together, as "other".
func (m *metrics) reverted(namespace, manager string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.writers[namespace]
	if known == nil {
		known = sets.New[string]()
		m.writers[namespace] = known
	}
	if manager = strings.ToValidUTF8(manager, "?"); !known.Has(manager) {
		if known.Len() >= maxWriters {
			manager = "other"
		} else {
			known.Insert(manager)
		}
	}
	m.reverts.WithLabelValues(namespace, manager).Inc()
}

// forget removes the series of a namespace that has no HPAs left.
func (m *metrics) forget(namespace string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.writers, namespace)
	m.reverts.DeletePartialMatch(prometheus.Labels{"namespace": namespace})
}

// newMetrics registers the metrics. They are informational: nothing scales on them.
func newMetrics(reg prometheus.Registerer, version string, leading func() bool) *metrics {
	m := &metrics{
		writers: make(map[string]sets.Set[string]),
		patches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "floorkeeper_patches_total",
			Help: "Patches of HorizontalPodAutoscalers, by direction (raise, lower, release, keep where only annotations change, hand-back of field ownership, target for the scale of a target with --raise-targets) and result (success, conflict, error).",
		}, []string{"direction", "result"}),
		reverts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "floorkeeper_reverts_total",
			Help: "Writes that lowered the minReplicas of a held HorizontalPodAutoscaler below its floor, by the field manager that wrote it; at most 20 for each namespace, the rest is \"other\".",
		}, []string{"namespace", "manager"}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "floorkeeper_transition_delay_seconds",
			Help:    "Time from the boundary of an entry to the acknowledged patch.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60},
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "floorkeeper_build_info",
		Help:        "Always 1; the labels are the version.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	leader := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "floorkeeper_leader",
		Help: "Whether this replica leads (1) or stands by (0).",
	}, func() float64 { return btof(leading()) })
	for _, direction := range []string{"raise", "lower", "release", "keep", "hand-back", "target"} {
		m.patches.WithLabelValues(direction, "error") // increase() does not see a series begin
	}
	reg.MustRegister(m.patches, m.reverts, m.delay, build, leader)
	return m
}

func newUpcoming(reg prometheus.Registerer) *prometheus.GaugeVec {
	upcoming := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "floorkeeper_upcoming_problems",
		Help: "Problems of the coming days with the current schedule and HorizontalPodAutoscalers, by kind (clamped-floor, limited-floor, matches-nothing, owned-by-keda, scaling-disabled, added-replicas), as found by the leader.",
	}, []string{"kind"})
	reg.MustRegister(upcoming)
	return upcoming
}

func (m *metrics) patched(direction string, err error) {
	result := "success"
	switch {
	case apierrors.IsConflict(err):
		result = "conflict"
	case err != nil:
		result = "error"
	}
	m.patches.WithLabelValues(direction, result).Inc()
}

// collector computes, when it is scraped, what follows from the schedule, the cached HPAs and the instant. It keeps no
// series, so those of a deleted HPA are gone. It reports the same on every replica, and so knows of HPAs only what the notes
// hold, which all replicas have.
type collector struct {
	reader client.Reader
	feed   *Feed
	notes  *Notes
	scope  autoscaler.Scope
	now    func() time.Time

	floor, clamped, baseline, next, missing, unreached *prometheus.Desc // of HPAs
	targets, nextStart, nextEnd, multiplier            *prometheus.Desc // of entries
	reloaded, reloadTime, info                         *prometheus.Desc
}

func newCollector(reader client.Reader, feed *Feed, notes *Notes, scope autoscaler.Scope, now func() time.Time) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("floorkeeper_"+name, help, labels, nil)
	}
	return &collector{
		reader: reader, feed: feed, notes: notes, scope: scope, now: now,
		floor:      desc("floor_replicas", "The minReplicas that the schedule asks for now, after the clamp to maxReplicas and to the limits; 0 if no entry is open.", "namespace", "horizontalpodautoscaler"),
		clamped:    desc("floor_clamped_replicas", "The replicas that maxReplicas or a limit takes off the floor of a HorizontalPodAutoscaler; absent if none.", "namespace", "horizontalpodautoscaler"),
		baseline:   desc("baseline_replicas", "The minReplicas that the owner wants when no entry is open.", "namespace", "horizontalpodautoscaler"),
		next:       desc("next_transition_timestamp_seconds", "When the next entry, lead or ramp step begins or ends for any HPA; absent if none is to come."),
		targets:    desc("entry_targets", "The HPAs that an entry covers, whether or not it is open.", "entry"),
		nextStart:  desc("entry_next_start_timestamp_seconds", "The next start of an entry as written, without leadTime and ramps; absent if it does not start again.", "entry"),
		nextEnd:    desc("entry_next_end_timestamp_seconds", "The next end of an entry as written, without ramps; absent if it is over or suspended.", "entry"),
		multiplier: desc("event_multiplier", "The multiplier of an event, while it is open.", "event"),
		missing:    desc("floors_missing", "The HPAs whose minReplicas is below the floor: for a moment at a boundary, for long if nobody leads or patches fail."),
		unreached:  desc("floors_unreached", "The HPAs at a floor that the HPA controller does not ask for yet, by their status: briefly after each raise, for long if a target is at zero or the HPA controller does not run."),
		reloaded:   desc("schedule_last_reload_successful", "Whether the latest content of the schedule was valid (1) or refused (0)."),
		reloadTime: desc("schedule_last_reload_success_timestamp_seconds", "When a valid schedule was last loaded."),
		info:       desc("schedule_info", "Always 1; the label identifies the content of the current schedule.", "sha256"),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.floor, c.clamped, c.baseline, c.next, c.missing, c.unreached,
		c.targets, c.nextStart, c.nextEnd, c.multiplier,
		c.reloaded, c.reloadTime, c.info,
	} {
		ch <- d
	}
}

// sink takes the samples of a scrape.
type sink func(d *prometheus.Desc, value float64, labels ...string)

// at reports an instant, unless it is the zero time.
func (s sink) at(d *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		s(d, float64(t.UnixMilli())/1000, labels...)
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := sink(func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	})
	if outcome := c.feed.outcome.Load(); outcome != nil {
		gauge(c.reloaded, btof(outcome.Err == nil))
	}
	revision := c.feed.Current()
	if revision == nil {
		return
	}
	gauge.at(c.reloadTime, revision.LoadedAt)
	gauge(c.info, 1, revision.SHA256)
	now := c.now()
	c.collectEntries(revision.Schedule, now, gauge)
	c.collectHPAs(revision.Schedule, now, gauge)
}

// collectEntries reports what follows from the schedule alone.
func (c *collector) collectEntries(schedule *schedules.Schedule, now time.Time, gauge sink) {
	for _, name := range schedule.Names() {
		start, end := schedule.Next(name, now)
		gauge.at(c.nextStart, start, name)
		gauge.at(c.nextEnd, end, name)
	}
	for _, event := range schedule.Events() {
		if event.Multiplier > 0 && !event.Suspend && event.Span().Contains(now) {
			gauge(c.multiplier, float64(event.Multiplier)/1000, event.Name)
		}
	}
}

// collectHPAs reports the HPAs in the cache, and nothing before the cache is filled.
func (c *collector) collectHPAs(schedule *schedules.Schedule, now time.Time, gauge sink) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := c.reader.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	targets := make(map[string]int)
	var next time.Time
	missing, unreached := 0.0, 0.0
	for i := range hpas.Items {
		verdict := c.scope.JudgeKnowing(schedule, &hpas.Items[i], now, c.notes.Known(&hpas.Items[i], hpas.Items))
		covering := schedule.Covering(verdict.Subject())
		// What another installation holds has the floor that the other one reports.
		if verdict.HeldBy == "" && (len(covering) > 0 || verdict.State.Condition != autoscaler.Free) {
			c.collectHPA(verdict, gauge)
		}
		missing += btof(verdict.Missing())
		unreached += btof(verdict.Unreached())
		if verdict.Refusal != "" {
			continue
		}
		for _, name := range covering {
			targets[name]++
		}
		next = schedules.Earlier(next, verdict.Applies.Next)
	}
	gauge(c.missing, missing)
	gauge(c.unreached, unreached)
	for _, name := range schedule.Names() {
		gauge(c.targets, float64(targets[name]), name)
	}
	gauge.at(c.next, next)
}

// collectHPA reports one HPA, without its baseline if that is lost. One without its annotations keeps its floor.
func (c *collector) collectHPA(verdict autoscaler.Verdict, gauge sink) {
	namespace, name := verdict.HPA.Namespace, verdict.HPA.Name
	asked := verdict.Applies.Floor
	if asked > 0 && verdict.TakenOff() {
		asked = verdict.State.MinReplicas
	}
	floor := min(asked, verdict.State.Ceiling().Replicas)
	gauge(c.floor, float64(floor), namespace, name)
	if asked > floor {
		gauge(c.clamped, float64(asked-floor), namespace, name)
	}
	if !verdict.State.Lost() && !verdict.TakenOff() {
		gauge(c.baseline, float64(verdict.State.Baseline()), namespace, name)
	}
}

func btof(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
