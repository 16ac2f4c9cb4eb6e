package plan_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/cmd/internal/plan"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// evenings raise two HPAs one after the other: images from 10 to 50 Pods at 18:00, search from 10 to 62 at 20:00.
const evenings = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
windows:
- {name: evening, start: "18:00", end: "23:00", targets: [{namespace: video, name: images, minReplicas: 50}]}
- {name: night, start: "20:00", end: "23:00", targets: [{namespace: video, name: search, minReplicas: 62}]}
`

// duringEvening are the HPAs at 19:00, when images is held at its floor and search is not, and what runs then.
const duringEvening = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: video, name: images, annotations: {floorkeeper.dev/baseline: "10", floorkeeper.dev/floor: "50"}}
spec: {minReplicas: 50, maxReplicas: 100, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: video, name: search}
spec: {minReplicas: 10, maxReplicas: 100, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: search}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: video, name: images}
spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: 500m}, limits: {cpu: 1, memory: 1Gi}}}]}}}
STATUS
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: video, name: search}
spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: 500m}, limits: {cpu: 1, memory: 1Gi}}}]}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {namespace: video, name: compute}
`

// TestQuotasCountWhatStandsOnce: what is used holds the Pods of the floors in effect. They are not added to it again.
func TestQuotasCountWhatStandsOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status, quota string
		want          []string
	}{
		"it holds the rest": {"", "status: {hard: {pods: 112, requests.cpu: 56, limits.cpu: 112}, used: {pods: 60, requests.cpu: 30, limits.cpu: 60}}", nil},
		"one Pod too many": {"", "status: {hard: {pods: 111, requests.cpu: 55500m, limits.cpu: 111500m, limits.memory: 111Gi}, used: {pods: 60, requests.cpu: 29900m, limits.cpu: 60, limits.memory: 60Gi}}", []string{
			"ResourceQuota video/compute, limits.cpu: 60 of 111.5 are used, and the floors add 52 more at their peak; raise the quota before then",
			"ResourceQuota video/compute, limits.memory: 60Gi of 111Gi are used, and the floors add 52Gi more at their peak; raise the quota before then",
			"ResourceQuota video/compute, pods: 60 of 111 are used, and the floors add 52 more at their peak; raise the quota before then",
			"ResourceQuota video/compute, requests.cpu: 29.9 of 55.5 are used, and the floors add 26 more at their peak; raise the quota before then",
		}},
		"what the floor asks for is not all there": {"status: {replicas: 40}", "status: {hard: {pods: 111}, used: {pods: 50}}", []string{
			"ResourceQuota video/compute, pods: 50 of 111 are used, and the floors add 62 more at their peak; raise the quota before then",
		}},
		"nothing of it is there": {"status: {}", "status: {hard: {pods: 111}, used: {pods: 20}}", []string{
			"ResourceQuota video/compute, pods: 20 of 111 are used, and the floors add 92 more at their peak; raise the quota before then",
		}},
		"more is there than the floor asks for": {"status: {replicas: 90}", "status: {hard: {pods: 151}, used: {pods: 100}}", []string{
			"ResourceQuota video/compute, pods: 100 of 151 are used, and the floors add 52 more at their peak; raise the quota before then",
		}},
		"nobody knows what is used": {"", "spec: {hard: {pods: 91}}", []string{
			"ResourceQuota video/compute, pods: 0 of 91 are used, and the floors add 92 more at their peak; raise the quota before then",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, evenings, strings.Replace(duringEvening, "STATUS", test.status, 1)+test.quota, "2026-12-18T19:00")
			if diff := cmp.Diff(test.want, exceeded(t, p)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// planOf plans six hours of a schedule for what manifests hold.
func planOf(t *testing.T, schedule, text, from string) *plan.Plan {
	t.Helper()
	parsed, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(schedule)})
	if err != nil {
		t.Fatal(err)
	}
	objects, passed := manifests.Parse("", source.File{Name: "hpas.yaml", Data: []byte(text)})
	if passed != nil {
		t.Fatal(passed)
	}
	snapshot, err := cluster.FromObjects(objects, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	at := local(t, from, time.UTC)
	f := forecast.New(parsed, autoscaler.Scope{}, snapshot.HPAs, at, at.Add(6*time.Hour))
	return forecastPlan(f, snapshot, time.UTC, at)
}

// exceeded returns what a plan prints of ResourceQuotas that cannot hold it.
func exceeded(t *testing.T, p *plan.Plan) []string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(b.String()) {
		if text, ok := strings.CutPrefix(line, "- **warning** <code>exceeded-quota</code>: "); ok {
			told = append(told, strings.TrimSpace(text))
		}
	}
	return told
}
