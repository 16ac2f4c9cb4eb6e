package cluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestRequests: KEP-753 says that init containers start in order, each beside the sidecars before it; KEP-2837 that what
// the Pod itself requests replaces that of its containers, and overhead is added.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ pod, cpu, memory string }{
		"nothing":                                        {"containers: [{name: a}]", "0", "0"},
		"one container":                                  {"containers: [{resources: {requests: {cpu: 100m, memory: 128Mi}}}]", "100m", "128Mi"},
		"two containers":                                 {"containers: [{resources: {requests: {cpu: 100m, memory: 128Mi}}}, {resources: {requests: {cpu: 2, nvidia.com/gpu: 1}}}]", "2100m", "128Mi"},
		"limits stand for requests":                      {"containers: [{resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 100m}}}]", "100m", "1Gi"},
		"an init container that needs less":              {"containers: [{resources: {requests: {cpu: 2}}}], initContainers: [{resources: {requests: {cpu: 1}}}]", "2", "0"},
		"an init container that needs more":              {"containers: [{resources: {requests: {cpu: 2, memory: 1Gi}}}], initContainers: [{resources: {requests: {cpu: 1, memory: 3Gi}}}, {resources: {requests: {memory: 2Gi}}}]", "2", "3Gi"},
		"a sidecar":                                      {"containers: [{resources: {requests: {cpu: 2}}}], initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1, memory: 1Gi}}}]", "3", "1Gi"},
		"an init container after a sidecar":              {"containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 5}}}]", "6", "0"},
		"an init container before a sidecar":             {"containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{resources: {requests: {cpu: 5}}}, {restartPolicy: Always, resources: {requests: {cpu: 1}}}]", "5", "0"},
		"two sidecars":                                   {"containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 1}}}, {restartPolicy: Always, resources: {limits: {cpu: 1}}}]", "3", "0"},
		"overhead":                                       {"containers: [{resources: {requests: {cpu: 1}}}], overhead: {cpu: 250m, memory: 120Mi}", "1250m", "120Mi"},
		"the Pod's own requests":                         {"containers: [{resources: {requests: {cpu: 1, memory: 1Gi}}}], resources: {requests: {cpu: 3}}, overhead: {cpu: 1}", "4", "1Gi"},
		"the Pod's own limits, and none of a container":  {"containers: [{name: a}], resources: {limits: {cpu: 3, memory: 2Gi}}", "3", "2Gi"},
		"the Pod's own limits, and requests of another":  {"containers: [{resources: {requests: {cpu: 1}}}], resources: {limits: {cpu: 3, memory: 2Gi}}", "1", "2Gi"},
		"the Pod's own limits, and limits of containers": {"containers: [{resources: {limits: {cpu: 1}}}, {resources: {limits: {cpu: 500m}}}], resources: {limits: {cpu: 3}}", "1500m", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := read(hpa("v2", "name: web", "maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}")+
				"---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec: {template: {spec: {"+test.pod+"}}}\n", "")
			if err != nil {
				t.Fatal(err)
			}
			pod, known := s.PodOf(&s.HPAs[0])
			if !known || pod.CPU.Cmp(resource.MustParse(test.cpu)) != 0 || pod.Memory.Cmp(resource.MustParse(test.memory)) != 0 {
				t.Errorf("%t, cpu %s, memory %s, want %s and %s; %v", known, pod.CPU.String(), pod.Memory.String(), test.cpu, test.memory, s.Notes)
			}
		})
	}
}

// TestLimits: they are counted as requests are, but that no limit stays none.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ pod, cpu, memory string }{
		"nothing":                           {"containers: [{name: a}]", "0", "0"},
		"requests are none":                 {"containers: [{resources: {requests: {cpu: 100m, memory: 128Mi}}}], overhead: {cpu: 250m}", "0", "0"},
		"two containers":                    {"containers: [{resources: {limits: {cpu: 100m, memory: 128Mi}, requests: {cpu: 50m}}}, {resources: {limits: {cpu: 2}}}]", "2100m", "128Mi"},
		"an init container after a sidecar": {"containers: [{resources: {limits: {cpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {limits: {cpu: 1}}}, {resources: {limits: {cpu: 5}}}]", "6", "0"},
		"overhead":                          {"containers: [{resources: {limits: {cpu: 1}}}], overhead: {cpu: 250m, memory: 120Mi}", "1250m", "0"},
		"the Pod's own limits":              {"containers: [{resources: {limits: {cpu: 1, memory: 1Gi}}}], resources: {limits: {cpu: 3}}, overhead: {cpu: 1}", "4", "1Gi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := read(hpa("v2", "name: web", "maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}")+
				"---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec: {template: {spec: {"+test.pod+"}}}\nstatus: {replicas: 7}\n", "")
			if err != nil {
				t.Fatal(err)
			}
			pod, known := s.PodOf(&s.HPAs[0])
			if !known || pod.Limits.CPU.Cmp(resource.MustParse(test.cpu)) != 0 || pod.Limits.Memory.Cmp(resource.MustParse(test.memory)) != 0 {
				t.Errorf("%t, cpu %s, memory %s, want %s and %s; %v", known, pod.Limits.CPU.String(), pod.Limits.Memory.String(), test.cpu, test.memory, s.Notes)
			}
			if pod.Running == nil || *pod.Running != 7 {
				t.Errorf("%v Pods are running, want 7", pod.Running)
			}
		})
	}
}

func TestUnknownPod(t *testing.T) {
	t.Parallel()
	if _, known := (&Snapshot{}).PodOf(&autoscalingv2.HorizontalPodAutoscaler{}); known {
		t.Error("a Pod of nothing is known")
	}
}

func TestExceeded(t *testing.T) {
	t.Parallel()
	s, err := read(hpa("v2", "name: web", "maxReplicas: 5")+`
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: compute, namespace: shop}
spec: {hard: {pods: 1000, requests.cpu: 1000}}
status: {hard: {pods: 10, requests.cpu: 4, memory: 4Gi, limits.cpu: 0, count/pods: 100, configmaps: 0, count/secrets: 5, services: 2, requests.ephemeral-storage: 1Gi, count/jobs.batch: 5}, used: {pods: 8, requests.cpu: 1500m, memory: 1Gi}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: best-effort, namespace: shop}
spec: {hard: {pods: 0, count/jobs.batch: 5}, scopes: [BestEffort]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: priority, namespace: shop}
spec: {hard: {pods: 0}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: new, namespace: video}
spec: {hard: {cpu: 2}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: full, namespace: idle}
spec: {hard: {pods: 1}}
status: {hard: {pods: 1}, used: {pods: 5}}
`, "")
	if err != nil {
		t.Fatal(err)
	}
	demand := func(pods int64, cpu, memory string) Demand {
		return Demand{Pods: pods, Resources: Resources{resource.MustParse(cpu), resource.MustParse(memory)}}
	}
	for name, test := range map[string]struct {
		added map[string]Demand
		want  []string
	}{
		"nothing":                   {nil, nil},
		"what fits exactly":         {map[string]Demand{"shop": demand(2, "2500m", "3Gi"), "video": demand(9, "2", "1"), "elsewhere": demand(9, "9", "9")}, nil},
		"nothing, where it is full": {map[string]Demand{"idle": demand(0, "0", "0")}, nil},
		"one more of each": {map[string]Demand{"shop": demand(3, "2501m", "3073Mi"), "video": demand(1, "2001m", "0"), "idle": demand(1, "0", "0")}, []string{
			"ResourceQuota idle/full cannot hold it: pods has 5 of 1 used, and 1 are added",
			"ResourceQuota shop/compute cannot hold it: memory has 1Gi of 4Gi used, and 3073Mi are added",
			"ResourceQuota shop/compute cannot hold it: pods has 8 of 10 used, and 3 are added",
			"ResourceQuota shop/compute cannot hold it: requests.cpu has 1500m of 4 used, and 2501m are added",
			"ResourceQuota video/new cannot hold it: cpu has 0 of 2 used, and 2001m are added",
		}},
		"very many": {map[string]Demand{"shop": demand(101, "0", "0")}, []string{
			"ResourceQuota shop/compute cannot hold it: count/pods has 0 of 100 used, and 101 are added",
			"ResourceQuota shop/compute cannot hold it: pods has 8 of 10 used, and 101 are added",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range s.Exceeded(test.added, nil) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if notes := strings.Join(s.Notes, "\n"); !strings.Contains(notes, "ResourceQuotas with scopes hold for some Pods only and are not checked: shop/best-effort, shop/priority") ||
		!strings.Contains(notes, "is used is not known, and taken for nothing: video/new") ||
		!strings.Contains(notes+"\n", "these limits of ResourceQuotas are not checked: shop/compute (count/jobs.batch, requests.ephemeral-storage)\n") {
		t.Error(notes)
	}
}
