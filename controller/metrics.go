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
// series, so those of a deleted HPA are gone, and it reports the same on every replica.
type collector struct {
	reader client.Reader
	feed   *Feed
	scope  autoscaler.Scope
	now    func() time.Time

	floor, baseline, next, targets, multiplier, unreached *prometheus.Desc
	reloaded, reloadTime, info                            *prometheus.Desc
}

func newCollector(reader client.Reader, feed *Feed, scope autoscaler.Scope, now func() time.Time) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("floorkeeper_"+name, help, labels, nil)
	}
	return &collector{
		reader: reader, feed: feed, scope: scope, now: now,
		floor:      desc("floor_replicas", "The minReplicas that the schedule asks for now, after the clamp to maxReplicas and to the limits; 0 if no entry is open.", "namespace", "horizontalpodautoscaler"),
		baseline:   desc("baseline_replicas", "The minReplicas that the owner wants when no entry is open.", "namespace", "horizontalpodautoscaler"),
		next:       desc("next_transition_timestamp_seconds", "When the next entry, lead or ramp step begins or ends for any HPA; absent if none is to come."),
		targets:    desc("entry_targets", "The HPAs that an entry covers, whether or not it is open.", "entry"),
		multiplier: desc("event_multiplier", "The multiplier of an event, while it is open.", "event"),
		unreached:  desc("floors_unreached", "The HPAs at a floor that the HPA controller does not ask for yet, by their status: briefly after each raise, for long if a target is at zero or the HPA controller does not run."),
		reloaded:   desc("schedule_last_reload_successful", "Whether the latest content of the schedule was valid (1) or refused (0)."),
		reloadTime: desc("schedule_last_reload_success_timestamp_seconds", "When a valid schedule was last loaded."),
		info:       desc("schedule_info", "Always 1; the label identifies the content of the current schedule.", "sha256"),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.floor, c.baseline, c.next, c.targets, c.multiplier, c.unreached, c.reloaded, c.reloadTime, c.info,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if outcome := c.feed.outcome.Load(); outcome != nil {
		gauge(c.reloaded, btof(outcome.Err == nil))
	}
	revision := c.feed.Current()
	if revision == nil {
		return
	}
	gauge(c.reloadTime, float64(revision.LoadedAt.UnixMilli())/1000)
	gauge(c.info, 1, revision.SHA256)
	now := c.now()
	for _, event := range revision.Events() {
		if event.Multiplier > 0 && !event.Suspend && event.Span().Contains(now) {
			gauge(c.multiplier, float64(event.Multiplier)/1000, event.Name)
		}
	}
	c.collectHPAs(revision.Schedule, now, gauge)
}

// collectHPAs reports the HPAs in the cache, and nothing before the cache is filled.
func (c *collector) collectHPAs(schedule *schedules.Schedule, now time.Time,
	gauge func(*prometheus.Desc, float64, ...string),
) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := c.reader.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		return
	}
	targets := make(map[string]int)
	var next time.Time
	unreached := 0
	for i := range hpas.Items {
		verdict := c.scope.Judge(schedule, &hpas.Items[i], now)
		covering := schedule.Covering(verdict.Subject())
		if len(covering) > 0 || verdict.State.Condition != autoscaler.Free {
			c.collectHPA(verdict, gauge)
		}
		if verdict.Unreached() {
			unreached++
		}
		if verdict.Refusal != "" {
			continue
		}
		for _, name := range covering {
			targets[name]++
		}
		next = schedules.Earlier(next, verdict.Applies.Next)
	}
	gauge(c.unreached, float64(unreached))
	for _, name := range schedule.Names() {
		gauge(c.targets, float64(targets[name]), name)
	}
	if !next.IsZero() {
		gauge(c.next, float64(next.UnixMilli())/1000)
	}
}

// collectHPA reports one HPA, without its baseline if that is lost.
func (c *collector) collectHPA(verdict autoscaler.Verdict, gauge func(*prometheus.Desc, float64, ...string)) {
	gauge(c.floor, float64(min(verdict.Applies.Floor, verdict.State.Ceiling().Replicas)), verdict.HPA.Namespace, verdict.HPA.Name)
	if !verdict.State.Lost() {
		gauge(c.baseline, float64(verdict.State.Baseline()), verdict.HPA.Namespace, verdict.HPA.Name)
	}
}

func btof(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
