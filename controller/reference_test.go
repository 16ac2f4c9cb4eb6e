package controller

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// recording remembers what is registered.
type recording struct {
	prometheus.Registerer
	collectors []prometheus.Collector
}

func (r *recording) MustRegister(all ...prometheus.Collector) {
	r.collectors = append(r.collectors, all...)
	r.Registerer.MustRegister(all...)
}

const metricsHead = `# Metrics

Every replica serves these at ` + "`/metrics`" + `, with those of controller-runtime and client-go. They are for monitoring only; nothing
scales on them. The [alerts](../operations.md#monitoring) use them.

Every replica computes most of them at the scrape, from the schedule and the cache: aggregate them with ` + "`max`" + `. What the leader
alone knows is absent on the others. Series of an HPA exist while an entry covers it or it has floorkeeper's annotations.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
`

// TestReferenceOfMetrics keeps the list of all metrics in the documentation.
func TestReferenceOfMetrics(t *testing.T) {
	r := &recording{Registerer: prometheus.NewRegistry()}
	if _, _, err := setUp(t, Options{Registerer: r}, ""); err != nil {
		t.Fatal(err)
	}
	NewNamespaces(r)
	rows := map[string]string{}
	for _, c := range r.collectors {
		descriptions := make(chan *prometheus.Desc, 100)
		c.Describe(descriptions)
		close(descriptions)
		for d := range descriptions {
			name, row := metricRow(t, d, metricType(c))
			rows[name] = row
		}
	}
	var b strings.Builder
	b.WriteString(metricsHead)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(rows[name])
	}
	golden.Compare(t, "../docs/reference/metrics.md", b.String())
}

func metricType(c prometheus.Collector) string {
	switch c.(type) {
	case *prometheus.CounterVec:
		return "counter"
	case prometheus.Histogram:
		return "histogram"
	default:
		return "gauge"
	}
}

var description = regexp.MustCompile(`^Desc\{fqName: "(.*?)", help: "(.*?)", (?:unit: ".*", )?constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

func metricRow(t *testing.T, d *prometheus.Desc, kind string) (name, row string) {
	t.Helper()
	parts := description.FindStringSubmatch(d.String())
	if parts == nil {
		t.Fatalf("cannot read %s", d)
	}
	var labels []string
	for label := range strings.SplitSeq(parts[3]+","+parts[4], ",") {
		if label, _, _ = strings.Cut(label, "="); label != "" {
			labels = append(labels, "`"+label+"`")
		}
	}
	help := strings.NewReplacer(`\"`, `"`, "|", `\|`).Replace(parts[2])
	return parts[1], fmt.Sprintf("| `%s` | %s | %s | %s |\n", parts[1], kind, cmp.Or(strings.Join(labels, ", "), " "), help)
}
