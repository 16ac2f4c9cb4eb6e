package live

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// TestRequestsAreWhatQuotasCount runs one Pod of each shape in a namespace of its own, and compares what the inputs contain
// that it requests with what the quota controller has counted.
func TestRequestsAreWhatQuotasCount(t *testing.T) {
	shapes := map[string]string{
		"plain":     "{containers: [{name: a, image: a, resources: {requests: {cpu: 100m, memory: 128Mi}}}, {name: b, image: b, resources: {requests: {cpu: 50m, memory: 1M}}}]}",
		"limits":    "{containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 200m}}}]}",
		"init":      "{containers: [{name: a, image: a, resources: {requests: {cpu: 100m, memory: 2Gi}}}], initContainers: [{name: i, image: i, resources: {requests: {cpu: 700m, memory: 1Gi}}}]}",
		"sidecar":   "{containers: [{name: a, image: a, resources: {requests: {cpu: 100m, memory: 1Gi}}}], initContainers: [{name: i, image: i, resources: {requests: {cpu: 300m, memory: 1Gi}}}, {name: s, image: s, restartPolicy: Always, resources: {requests: {cpu: 150m, memory: 64Mi}}}, {name: j, image: j, resources: {requests: {cpu: 110m, memory: 1Gi}}}]}",
		"pod-level": "{resources: {requests: {cpu: 900m}, limits: {memory: 3Gi}}, containers: [{name: a, image: a, resources: {requests: {cpu: 100m}}}]}",
		"mixed":     "{resources: {limits: {cpu: 900m, memory: 3Gi}}, containers: [{name: a, image: a, resources: {requests: {cpu: 100m, memory: 1Gi}}}]}",
	}
	var manifest strings.Builder
	for name, spec := range shapes {
		fmt.Fprintf(&manifest, shape, name, spec)
	}
	apply(t, manifest.String())
	for name := range shapes {
		t.Run(name, func(t *testing.T) {
			await.Success(t, "the quota controller to count the Pod", func(context.Context) error {
				lines, _ := inputs(t, cluster.Kubeconfig(), nil, "--live", "--namespace=shape-"+name)
				hpas, quotas := of(lines, "hpa"), of(lines, "quota")
				if len(hpas) != 1 || len(quotas) != 1 {
					return fmt.Errorf("%q", lines)
				}
				_, pod, _ := strings.Cut(hpas[0], "pod=true ")
				var cpu, memory string
				if _, err := fmt.Sscanf(quotas[0], "shape-"+name+"/quota pods=1 cpu=%s", &cpu); err != nil {
					return fmt.Errorf("%w: %q", err, quotas)
				}
				_, memory, _ = strings.Cut(quotas[0], "memory=")
				if want := cpu + " " + memory; pod != want {
					return fmt.Errorf("a Pod requests %s, and the quota counts %s", pod, want)
				}
				return nil
			})
			lines, _ := inputs(t, cluster.Kubeconfig(), nil, "--live", "--namespace=shape-"+name)
			if got := of(lines, "exceeded"); len(got) != 1 || !strings.Contains(got[0], "quota cannot hold it: pods has 1 of 1 used, and 1 are added") {
				t.Errorf("a full quota is not reported: %q", got)
			}
			if notes := of(lines, "note"); len(notes) > 0 {
				t.Error(notes)
			}
		})
	}
}

// shape is a namespace with a Deployment of one Pod, its HPA, and a quota that holds this one.
const shape = `---
{apiVersion: v1, kind: Namespace, metadata: {name: shape-%[1]s}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shape-%[1]s}
spec: {hard: {pods: 1, cpu: 100, memory: 100Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shape-%[1]s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: %[2]s
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shape-%[1]s}
spec: {maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
`

// TestManifestsSayTheSame as the API server, in every form in which kubectl prints them.
func TestManifestsSayTheSame(t *testing.T) {
	apply(t, fleet)
	admin := cluster.Kubeconfig()
	live, _ := inputs(t, admin, nil, "--live", "--namespace=fleet")
	if n := len(of(live, "hpa")); n != 4 {
		t.Fatalf("%d HPAs: %q", n, live)
	}
	for _, args := range [][]string{
		{"hpa,deployments,statefulsets,replicasets", "-o=yaml"},
		{"hpa,deployments,statefulsets,replicasets", "-o=json"},
		{"hpa,deployments,statefulsets,replicasets", "-o=yaml", "--show-managed-fields"},
		{"hpa.v1.autoscaling,deployments,statefulsets", "-o=yaml"},
	} {
		out := kubectl(t, admin, append([]string{"get", "--namespace=fleet"}, args...)...)
		got, stderr := inputs(t, admin, strings.NewReader(out), "--hpas=-")
		if diff := cmp.Diff(of(live, "hpa"), of(got, "hpa")); diff != "" || stderr != "" {
			t.Errorf("%q (-live +manifests): %s\n%s", args, stderr, diff)
		}
	}
	all, _ := inputs(t, admin, nil, "--live")
	everywhere := kubectl(t, admin, "get", "hpa", "--all-namespaces", "-o=yaml")
	if read, stderr := inputs(t, admin, strings.NewReader(everywhere), "--hpas=-"); len(of(read, "hpa")) != len(of(all, "hpa")) || len(of(read, "hpa")) < 4 || stderr != "" {
		t.Errorf("of the HPAs of all namespaces: %q, want %q\n%s", read, all, stderr)
	}
	raw := kubectl(t, admin, "get", "--raw=/apis/autoscaling/v2/namespaces/fleet/horizontalpodautoscalers")
	got, _ := inputs(t, admin, strings.NewReader(raw), "--hpas=-")
	if n := len(of(got, "hpa")); n != 4 {
		t.Errorf("%d HPAs of a raw list: %q", n, got)
	}
}

const fleet = `---
{apiVersion: v1, kind: Namespace, metadata: {name: fleet}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: fleet}
spec:
  replicas: 0
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 1500m, memory: 1Gi}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: db, namespace: fleet, labels: {tier: back, version: "1"}}
spec:
  maxReplicas: 10
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}
  behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: queue, namespace: fleet}
spec:
  minReplicas: 0
  maxReplicas: 10
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: queue}
  metrics: [{type: External, external: {metric: {name: depth}, target: {type: AverageValue, averageValue: 5}}}]
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: old, namespace: fleet}
spec: {minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 80, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: old}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: rollout, namespace: fleet}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web}}
`
