package imports

import "fmt"

// definition is a kind of another tool, as bare as a definition can be.
func definition(group, version, kind, plural, scope string) string {
	return fmt.Sprintf(`---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[4]s.%[1]s}
spec:
  group: %[1]s
  scope: %[5]s
  names: {kind: %[3]s, plural: %[4]s}
  versions:
    - name: %[2]s
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`, group, version, kind, plural, scope)
}

// definitions are all of them.
func definitions() string {
	return definition("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", "Namespaced") +
		definition("prescaling.bedrock.tech", "v1", "PrescalingEvent", "prescalingevents", "Namespaced") +
		definition("zalando.org", "v1", "ScalingSchedule", "scalingschedules", "Namespaced") +
		definition("zalando.org", "v1", "ClusterScalingSchedule", "clusterscalingschedules", "Cluster")
}

// objects are settings of all four tools.
const objects = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: images
  namespace: shop
  annotations:
    annotations.scaling.exporter.replica.min: "25"
    annotations.scaling.exporter.time.start: "19:30:00"
    annotations.scaling.exporter.time.end: "23:00:00"
spec:
  maxReplicas: 50
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}
  metrics:
    - type: Object
      object:
        describedObject: {apiVersion: zalando.org/v1, kind: ScalingSchedule, name: nightly}
        metric: {name: nightly}
        target: {type: AverageValue, averageValue: 1500m}
    - type: Object
      object:
        describedObject: {apiVersion: zalando.org/v1, kind: ClusterScalingSchedule, name: campaign}
        metric: {name: campaign}
        target: {type: AverageValue, averageValue: "10"}
---
apiVersion: prescaling.bedrock.tech/v1
kind: PrescalingEvent
metadata: {name: final, namespace: shop}
spec: {date: "2026-12-18", start_time: "20:00:00", end_time: "22:00:00", multiplier: 2, description: the final}
---
apiVersion: zalando.org/v1
kind: ScalingSchedule
metadata: {name: nightly, namespace: shop}
spec:
  schedules:
    - {type: Repeating, value: 40, durationMinutes: 60, period: {startTime: "01:00", timezone: Europe/Berlin, days: [Sat]}}
---
apiVersion: zalando.org/v1
kind: ClusterScalingSchedule
metadata: {name: campaign}
spec: {schedules: [{type: OneTime, date: "2026-11-27T08:00:00Z", durationMinutes: 30, value: 100}]}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: scaler, namespace: shop}, data: {HPA_NAME: images, SCALE_UP_REPLICAS: "9"}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: scaler, namespace: shop}
spec:
  schedule: "1,31 * * * 1-5"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: scaler
              image: ghcr.io/reecetech/hpa-time-scaler:1.0.0
              env: [{name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]
              envFrom: [{configMapRef: {name: scaler}}]
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 1
  triggers:
    - type: cron
      metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: "3"}
`

// accounts are users who may list HPAs, and nothing else.
const accounts = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: reader, namespace: shop}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: shop}]
`
