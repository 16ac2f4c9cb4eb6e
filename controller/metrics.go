package controller

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// metrics are counted when something happens. What follows from the schedule and the cache is computed by collector.
type metrics struct {
	patches *prometheus.CounterVec
	reverts *prometheus.CounterVec
	delay   prometheus.Histogram
}

// newMetrics registers the metrics. They are informational: nothing scales on them.
func newMetrics(reg prometheus.Registerer, version string) *metrics {
	m := &metrics{
		patches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "floorkeeper_patches_total",
			Help: "Patches of HorizontalPodAutoscalers, by direction (raise, lower, release, keep where only annotations change, hand-back of field ownership) and result (success, conflict, error).",
		}, []string{"direction", "result"}),
		reverts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "floorkeeper_reverts_total",
			Help: "Writes that lowered the minReplicas of a held HorizontalPodAutoscaler below its floor, by the field manager that wrote it.",
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
	reg.MustRegister(m.patches, m.reverts, m.delay, build)
	return m
}

// newUpcoming registers the metric of the look-ahead.
func newUpcoming(reg prometheus.Registerer) *prometheus.GaugeVec {
	upcoming := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "floorkeeper_upcoming_problems",
		Help: "Problems of the coming days with the current schedule and HorizontalPodAutoscalers, by kind (clamped-floor, matches-nothing, owned-by-keda), as found by the leader.",
	}, []string{"kind"})
	reg.MustRegister(upcoming)
	return upcoming
}

// patched counts one patch with its outcome.
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
