package manifests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/floorkeeper/floorkeeper/config/source"
)

// fleet is what kubectl get hpa -A -o yaml prints of so many HPAs.
func fleet(n int) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: v1\nitems:\n")
	for i := range n {
		fmt.Fprintf(&b, printed, i%50, i)
	}
	b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	return b.Bytes()
}

const printed = `- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata:
    annotations:
      floorkeeper.dev/baseline: "4"
      floorkeeper.dev/because: prime-time
      floorkeeper.dev/floor: "24"
      floorkeeper.dev/since: "2026-11-22T18:30:00Z"
      floorkeeper.dev/until: "2026-11-22T23:30:00Z"
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"annotations":{},"name":"images","namespace":"video"},"spec":{"maxReplicas":100,"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":60,"type":"Utilization"}},"type":"Resource"}],"minReplicas":4,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"images"}}}
    creationTimestamp: "2025-04-17T08:12:45Z"
    generation: 42
    labels:
      app.kubernetes.io/instance: images
      app.kubernetes.io/managed-by: Helm
      app.kubernetes.io/name: images
      app.kubernetes.io/version: 1.42.0
      helm.sh/chart: images-3.1.4
    name: images-%[2]d
    namespace: video-%[1]d
    resourceVersion: "18446744%[2]d"
    uid: 5f1ae7b4-86ce-4d3d-9e0b-2f6b0f6f5e1c
  spec:
    behavior:
      scaleDown:
        policies:
        - periodSeconds: 60
          type: Percent
          value: 10
        selectPolicy: Max
        stabilizationWindowSeconds: 300
      scaleUp:
        policies:
        - periodSeconds: 15
          type: Pods
          value: 4
        - periodSeconds: 15
          type: Percent
          value: 100
        selectPolicy: Max
        stabilizationWindowSeconds: 0
    maxReplicas: 100
    metrics:
    - resource:
        name: cpu
        target:
          averageUtilization: 60
          type: Utilization
      type: Resource
    minReplicas: 24
    scaleTargetRef:
      apiVersion: apps/v1
      kind: Deployment
      name: images-%[2]d
  status:
    conditions:
    - lastTransitionTime: "2026-11-22T18:30:00Z"
      message: recommended size matches current size
      reason: ReadyForNewScale
      status: "True"
      type: AbleToScale
    - lastTransitionTime: "2026-11-22T18:30:00Z"
      message: the HPA was able to successfully calculate a replica count from cpu resource
        utilization (percentage of request)
      reason: ValidMetricFound
      status: "True"
      type: ScalingActive
    - lastTransitionTime: "2026-11-22T18:30:00Z"
      message: the desired replica count is less than the minimum replica count
      reason: TooFewReplicas
      status: "True"
      type: ScalingLimited
    currentMetrics:
    - resource:
        current:
          averageUtilization: 7
          averageValue: 35m
        name: cpu
      type: Resource
    currentReplicas: 24
    desiredReplicas: 24
    lastScaleTime: "2026-11-22T18:30:02Z"
    observedGeneration: 42
`

// BenchmarkParse reads 1,000 HPAs, some 2.8 MB.
func BenchmarkParse(b *testing.B) {
	data := fleet(1000)
	list, err := fromYAML(documents(data)[0])
	if err != nil {
		b.Fatal(err)
	}
	asJSON, err := json.MarshalIndent(list[0].value, "", "    ")
	if err != nil {
		b.Fatal(err)
	}
	for name, data := range map[string][]byte{"YAML": data, "JSON": asJSON} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				objects, err := Parse("Pod", source.File{Name: "hpas", Data: data})
				if err != nil || len(objects) != 1000 {
					b.Fatal(err, len(objects))
				}
			}
		})
	}
}
