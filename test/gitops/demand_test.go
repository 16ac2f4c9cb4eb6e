package gitops

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// demand plays an external metrics API. Its only metric says that every HPA wants one Pod, so that a Deployment shrinks
// as soon as its floor allows it: without metrics the HPA controller would not take a Pod away, and no test could fail.
type demand struct{ server *httptest.Server }

const metricsGroup = "/apis/external.metrics.k8s.io/v1beta1"

func startDemand() *demand {
	d := &demand{}
	d.server = httptest.NewTLSServer(http.HandlerFunc(d.serve))
	return d
}

func (d *demand) serve(w http.ResponseWriter, r *http.Request) {
	group := strings.TrimPrefix(metricsGroup, "/apis/")
	answer := map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": []any{}}
	if strings.HasSuffix(r.URL.Path, "/demand") {
		answer = map[string]any{
			"kind": "ExternalMetricValueList", "apiVersion": group, "metadata": map[string]any{},
			"items": []any{map[string]any{
				"metricName": "demand", "metricLabels": map[string]any{}, "value": "1",
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
