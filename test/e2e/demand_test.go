package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"
)

// demand plays an external metrics API. Its only metric says that every HPA wants one Pod, so that a Deployment shrinks
// as soon as its floor allows it, unless it is told otherwise. The API server reaches it as it reaches any adapter:
// through an APIService.
type demand struct {
	server *httptest.Server
	said   sync.Map // by namespace: the value, or "" for a failure
}

// metricName is that of the only metric.
const metricName = "demand"

const metricsGroup = "/apis/external.metrics.k8s.io/v1beta1"

func startDemand(t *testing.T) *demand {
	t.Helper()
	d := &demand{}
	d.server = httptest.NewTLSServer(http.HandlerFunc(d.serve))
	t.Cleanup(d.server.Close)
	return d
}

// say gives the metric a value in a namespace.
func (d *demand) say(namespace, value string) { d.said.Store(namespace, value) }

// fail lets nobody read the metric in a namespace.
func (d *demand) fail(namespace string) { d.said.Store(namespace, "") }

func (d *demand) serve(w http.ResponseWriter, r *http.Request) {
	group := strings.TrimPrefix(metricsGroup, "/apis/")
	answer := map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": []any{}}
	if metric, ok := strings.CutSuffix(r.URL.Path, "/"+metricName); ok {
		value, _ := d.said.LoadOrStore(path.Base(metric), "1")
		if value == "" {
			http.Error(w, "the source of the metric is away", http.StatusInternalServerError)
			return
		}
		answer = map[string]any{
			"kind": "ExternalMetricValueList", "apiVersion": group, "metadata": map[string]any{},
			"items": []any{map[string]any{
				"metricName": metricName, "metricLabels": map[string]any{}, "value": value,
				"timestamp": time.Now().UTC().Format(time.RFC3339),
			}},
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// manifest registers the API with the API server.
func (d *demand) manifest() string {
	_, port, _ := net.SplitHostPort(d.server.Listener.Addr().String())
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: demand, namespace: default}
spec: {type: ExternalName, externalName: localhost}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.external.metrics.k8s.io}
spec:
  group: external.metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: demand, namespace: default, port: %s}
`, port)
}
