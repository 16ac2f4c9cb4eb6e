package cluster

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// read reads manifests, which are a.yaml.
func read(text, namespace string) (*Snapshot, error) {
	objects, passed := manifests.Parse(HPA, source.File{Name: "a.yaml", Data: []byte(text)})
	return FromObjects(objects, passed, namespace)
}

// hpa is a manifest of an HPA.
func hpa(version, metadata, spec string) string {
	if !strings.Contains(spec, "scaleTargetRef") {
		spec += ", scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}"
	}
	return fmt.Sprintf("---\napiVersion: autoscaling/%s\nkind: HorizontalPodAutoscaler\nmetadata: {%s}\nspec: {%s}\n", version, metadata, strings.TrimPrefix(spec, ", "))
}

func TestFromObjects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"v2":                          {hpa("v2", "name: web, namespace: shop", "minReplicas: 2, maxReplicas: 10"), "shop/web 2-10"},
		"v2beta2":                     {hpa("v2beta2", "name: web, namespace: shop", "minReplicas: 2, maxReplicas: 10, metrics: [{type: External, external: {metric: {name: q}, target: {type: Value, value: 5}}}]"), "shop/web 2-10 zero"},
		"v2beta1":                     {hpa("v2beta1", "name: web, namespace: shop", "minReplicas: 0, maxReplicas: 10, metrics: [{type: Object, object: {target: {kind: Ingress, name: i}, metricName: q, targetValue: 5}}]"), "shop/web 0-10 zero"},
		"v1":                          {hpa("v1", "name: web, namespace: shop", "minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 80"), "shop/web 2-10"},
		"v1 with annotations":         {hpa("v1", `name: web, namespace: shop, annotations: {autoscaling.alpha.kubernetes.io/metrics: '[{"type":"External"}]', autoscaling.alpha.kubernetes.io/behavior: '{"ScaleDown":{"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}'}`, "minReplicas: 0, maxReplicas: 10"), "shop/web 0-10 zero behavior"},
		"v1 with broken annotations":  {hpa("v1", `name: web, annotations: {autoscaling.alpha.kubernetes.io/metrics: '[', autoscaling.alpha.kubernetes.io/behavior: '5'}`, "maxReplicas: 10"), "default/web 1-10"},
		"no namespace, no minimum":    {hpa("v2", "name: web", "maxReplicas: 10"), "default/web 1-10"},
		"an empty namespace":          {hpa("v2", `name: web, namespace: ""`, "maxReplicas: 10, minReplicas: null"), "default/web 1-10"},
		"sorted, with labels":         {hpa("v2", "name: web, namespace: z, labels: {b: c}", "maxReplicas: 10") + hpa("v2", "name: b, namespace: a", "maxReplicas: 10") + hpa("v2", "name: a, namespace: a", "maxReplicas: 10"), "a/a 1-10, a/b 1-10, z/web 1-10 b=c"},
		"one of an API server":        {fetched, "shop/web 2-10"},
		"other kinds are passed over": {hpa("v2", "name: web", "maxReplicas: 10") + "---\napiVersion: v1\nkind: Pod\n---\napiVersion: keda.sh/v1\nkind: Deployment\nspec: 5\n", "default/web 1-10"},
		"a number in JSON":            {`{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},"spec":{"maxReplicas":1e1,"scaleTargetRef":{"kind":"Deployment","name":"web"}}}`, "default/web 1-10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := read(test.text, "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range s.HPAs {
				text := fmt.Sprintf("%s/%s %d-%d", h.Namespace, h.Name, *h.Spec.MinReplicas, h.Spec.MaxReplicas)
				if autoscaler.Observe(&h).ZeroLegal {
					text += " zero"
				}
				if b := h.Spec.Behavior; b != nil && b.ScaleDown.Policies[0].Type == autoscalingv2.PodsScalingPolicy {
					text += " behavior"
				}
				for name, value := range h.Labels {
					text += " " + name + "=" + value
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const fetched = `
apiVersion: v1
kind: List
items:
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata:
    name: web
    namespace: shop
    creationTimestamp: "2026-01-01T00:00:00Z"
    generation: 3
    uid: 0f1d
    managedFields: [{manager: helm, operation: Apply, apiVersion: autoscaling/v2, fieldsType: FieldsV1, fieldsV1: {"f:spec": {}}, time: "2026-01-01T00:00:00Z"}]
  spec:
    minReplicas: 2
    maxReplicas: 10
    metrics:
    - {type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 500m}}}
    - {type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 5}}}
  status: {currentReplicas: 2, desiredReplicas: 2, conditions: [], lastScaleTime: 2026-01-01T00:00:00Z}
`

func TestFromObjectsNamespace(t *testing.T) {
	t.Parallel()
	s, err := read(hpa("v2", "name: web", "maxReplicas: 10")+hpa("v2", "name: web, namespace: shop", "maxReplicas: 10"), "video")
	if err != nil || len(s.HPAs) != 2 || s.HPAs[0].Namespace != "shop" || s.HPAs[1].Namespace != "video" {
		t.Errorf("%v, %v", s, err)
	}
}

func TestFromObjectsRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no HPA":                     {"apiVersion: v1\nkind: Pod\n", "a.yaml: error: there is no HorizontalPodAutoscaler in these files; give what kubectl get hpa -A -o yaml"},
		"nothing":                    {"", "--hpas: error: there is no HorizontalPodAutoscaler in these files"},
		"a version of the future":    {hpa("v3", "name: web", "maxReplicas: 10"), `a.yaml:2:1: error: apiVersion "autoscaling/v3" is not known; write one of autoscaling/v2, autoscaling/v2beta2`},
		"no metadata":                {"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: web}}\n", "a.yaml:1:1: error: metadata is missing"},
		"no name":                    {hpa("v2", "generateName: web-", "maxReplicas: 10"), "metadata.name is missing; write the name that the object has in the cluster"},
		"an illegal name":            {hpa("v2", "name: <script>", "maxReplicas: 10"), `metadata.name "<script>" is not a name`},
		"a name that is a number":    {hpa("v2", "name: 5", "maxReplicas: 10"), `metadata.name "5" is not a name`},
		"an illegal namespace":       {hpa("v2", "name: web, namespace: a.b", "maxReplicas: 10"), `metadata.namespace "a.b" is not a name`},
		"a namespace with an escape": {hpa("v2", `name: web, namespace: "\e[2J"`, "maxReplicas: 10"), `metadata.namespace "\x1b[2J" is not a name`},
		"a namespace of a number":    {hpa("v2", "name: web, namespace: 5", "maxReplicas: 10"), `metadata.namespace "5" is not a name`},
		"a label that is a number":   {hpa("v2", "name: web, labels: {version: 5}", "maxReplicas: 10"), `default/web: metadata.labels: the value of "version" is not a text; put it in quotes`},
		"labels that are a list":     {hpa("v2", "name: web, labels: [a]", "maxReplicas: 10"), "metadata.labels is not a mapping; write names and values"},
		"an annotation that is true": {hpa("v2", "name: web, annotations: {a: true}", "maxReplicas: 10"), `metadata.annotations: the value of "a" is not a text`},
		"no spec":                    {"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n", "passed over, as no objects of Kubernetes: a.yaml (a patch, without spec.scaleTargetRef)"},
		"no maxReplicas":             {hpa("v2", "name: web", "minReplicas: 2"), "spec.maxReplicas is missing"},
		"a text for a number":        {hpa("v2", "name: web", `maxReplicas: "10"`), `spec.maxReplicas is a whole number from 1 to 2147483647, not "10"`},
		"a fraction":                 {hpa("v2", "name: web", "maxReplicas: 10.5"), `spec.maxReplicas is a whole number from 1 to 2147483647, not "10.5"`},
		"a huge number":              {hpa("v2", "name: web", "maxReplicas: 99999999999999999999"), `spec.maxReplicas is a whole number`},
		"a large number":             {hpa("v2", "name: web", "maxReplicas: 2147483648"), `spec.maxReplicas is a whole number`},
		"none at all":                {hpa("v2", "name: web", "maxReplicas: 0"), `spec.maxReplicas is a whole number from 1 to 2147483647, not "0"`},
		"a negative minimum":         {hpa("v2", "name: web", "minReplicas: -1, maxReplicas: 10"), `spec.minReplicas is a whole number from 0 to 2147483647, not "-1"`},
		"a list for a number":        {hpa("v2", "name: web", "minReplicas: [1], maxReplicas: 10"), `spec.minReplicas is a whole number`},
		"more than the maximum":      {hpa("v2", "name: web", "minReplicas: 11, maxReplicas: 10"), "spec.minReplicas 11 is above spec.maxReplicas 10; lower the one or raise the other"},
		"zero without the metric":    {hpa("v2", "name: web", "minReplicas: 0, maxReplicas: 10"), "spec.minReplicas 0 needs an Object or External metric; write 1 or more"},
		"metrics that are a text":    {hpa("v2", "name: web", "maxReplicas: 10, metrics: cpu"), "the HPA default/web cannot be read: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(test.text, "")
			if problems := source.Problems(nil); !errors.As(err, &problems) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

// TestFromObjectsTellsAllProblems: one for each HPA.
func TestFromObjectsTellsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := read(hpa("v2", "name: a", "")+hpa("v2", "name: b", "maxReplicas: 1")+hpa("v2", "name: c", "")+hpa("v2", "name: b", "maxReplicas: 1"), "")
	if problems := source.Problems(nil); !errors.As(err, &problems) || len(problems) != 2 {
		t.Error(err)
	}
}

const workloadsYAML = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: a, env: [{name: x, value: 5}], resources: {requests: {cpu: 1, memory: 1Gi}}}]}}}
---
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: old, namespace: shop}
spec: {template: {spec: {containers: [{name: a, resources: {limits: {cpu: 0.5}}}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: patch, namespace: shop}
spec: {replicas: 3}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: strange, namespace: shop}
spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: much}}}]}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: strange, namespace: shop}
spec: {hard: 5}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {pods: 5}}
`

func TestWorkloadsOfManifests(t *testing.T) {
	t.Parallel()
	text := workloadsYAML
	for _, target := range []string{
		"apiVersion: apps/v1, kind: Deployment, name: web", "apiVersion: extensions/v1beta1, kind: Deployment, name: old",
		"apiVersion: apps/v1, kind: Deployment, name: patch", "apiVersion: apps/v1, kind: StatefulSet, name: strange",
		"apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web", "apiVersion: argoproj.io/v1alpha1, kind: Deployment, name: web",
		"kind: Deployment, name: web", "apiVersion: v1, kind: ReplicationController, name: web",
	} {
		text += hpa("v2", fmt.Sprintf("namespace: shop, name: h%d", strings.Count(text, "HorizontalPodAutoscaler")), "maxReplicas: 5, scaleTargetRef: {"+target+"}")
	}
	s, err := read(text, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range s.HPAs {
		pod, known := s.PodOf(&s.HPAs[i])
		got = append(got, fmt.Sprintf("%s %t %s %s", s.HPAs[i].Name, known, pod.CPU.String(), pod.Memory.String()))
	}
	want := []string{
		"h0 true 1 1Gi", "h1 true 500m 0", "h2 false 0 0", "h3 false 0 0", "h4 false 0 0", "h5 false 0 0", "h6 true 1 1Gi", "h7 false 0 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	notes := []string{
		"a.yaml:12:1: this Deployment has no spec.template",
		"a.yaml:17:1: this StatefulSet cannot be read: ",
		"a.yaml:22:1: this ResourceQuota cannot be read: ",
		"is known of Deployments, ReplicaSets and StatefulSets only, and not of Deployment shop/web, ReplicationController shop/web, Rollout shop/web",
		"is not known of Deployment shop/patch, StatefulSet shop/strange: the manifests do not hold it",
		"how much of these ResourceQuotas is used is not known, and taken for nothing: shop/q",
	}
	for i, note := range notes {
		if len(s.Notes) != len(notes) || !strings.Contains(s.Notes[i], note) {
			t.Errorf("%d notes: %s\nwant %s", len(s.Notes), strings.Join(s.Notes, "\n"), note)
		}
	}
}

func BenchmarkFromObjects(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		text.WriteString(hpa("v2", fmt.Sprintf("name: h%d, namespace: n%d, labels: {a: b, c: d, e: f}, annotations: {a: b}", i, i%50),
			"minReplicas: 2, maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]"))
	}
	objects, err := manifests.Parse("", source.File{Name: "a.yaml", Data: []byte(text.String())})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if s, err := FromObjects(objects, nil, ""); err != nil || len(s.HPAs) != 1000 {
			b.Fatal(err)
		}
	}
}
