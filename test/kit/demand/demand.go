// Package demand plays an external metrics API, from which HPAs learn how many Pods are wanted: without metrics the HPA
// controller would never take a Pod away, and no test that watches over Pods could fail. It imports the standard library
// alone.
package demand

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"time"
)

// Demand serves the API. Its only metric asks for one Pod for every HPA, so that a Deployment shrinks as soon as its
// floor allows it, unless Say or Fail changes that. The API server reaches it as it reaches any adapter: through an APIService.
type Demand struct {
	server *httptest.Server
	said   sync.Map // by namespace: the value, or "" for a failure
}

// Metric is the name of the only metric.
const Metric = "demand"

// Serve serves on the loopback interface until Close.
func Serve() *Demand {
	d := &Demand{}
	d.server = httptest.NewTLSServer(http.HandlerFunc(d.serve))
	return d
}

// Close ends it.
func (d *Demand) Close() { d.server.Close() }

// Say gives the metric a value in a namespace.
func (d *Demand) Say(namespace, value string) { d.said.Store(namespace, value) }

// Fail lets nobody read the metric in a namespace.
func (d *Demand) Fail(namespace string) { d.said.Store(namespace, "") }

func (d *Demand) serve(w http.ResponseWriter, r *http.Request) {
	const group = "external.metrics.k8s.io/v1beta1"
	answer := map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": []any{}}
	if metric, ok := strings.CutSuffix(r.URL.Path, "/"+Metric); ok {
		value, _ := d.said.LoadOrStore(path.Base(metric), "1")
		if value == "" {
			http.Error(w, "the source of the metric is away", http.StatusInternalServerError)
			return
		}
		answer = map[string]any{
			"kind": "ExternalMetricValueList", "apiVersion": group, "metadata": map[string]any{},
			"items": []any{map[string]any{
				"metricName": Metric, "metricLabels": map[string]any{}, "value": value,
				"timestamp": time.Now().UTC().Format(time.RFC3339),
			}},
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// Manifest registers the API with the API server.
func (d *Demand) Manifest() string {
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
