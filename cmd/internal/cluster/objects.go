package cluster

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
)

// The rules that objects offend against.
const (
	RuleHPA       = "bad-hpa"       // an HPA is one that an API server would accept, as far as floorkeeper reads it
	RuleDuplicate = "duplicate-hpa" // an HPA is given once
	RuleWorkload  = "bad-workload"  // a workload or ResourceQuota is what its kind asks
	RuleNoHPA     = "no-hpa"        // manifests hold at least one HPA
)

// FromObjects reads a snapshot from manifests. HPAs are of autoscaling/v2, of v1, or of v2beta1 and v2beta2, which are
// gone from clusters but not from Git. namespace is that of objects that give none; empty stands for default. Other
// kinds are passed over. The error is config.Problems.
func FromObjects(objects []manifests.Object, namespace string) (*Snapshot, error) {
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	r := &reader{snapshot: &Snapshot{Templates: map[Workload]corev1.PodTemplateSpec{}}, namespace: namespace, places: map[string]manifests.Object{}}
	for _, o := range objects {
		r.read(o)
	}
	if len(r.problems) == 0 && len(r.snapshot.HPAs) == 0 {
		r.problems = append(r.problems, noHPA(objects))
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	r.snapshot.sort()
	r.snapshot.noteUnknown("give their manifests with --hpas too, or use --live")
	return r.snapshot, nil
}

// noHPA is the problem of manifests without an HPA.
func noHPA(objects []manifests.Object) config.Problem {
	p := config.Problem{
		Rule:    RuleNoHPA,
		Message: "there is no HorizontalPodAutoscaler in what --hpas names; give what kubectl get hpa -A -o yaml prints, or helm template",
	}
	if len(objects) > 0 {
		p.File = objects[0].File
	}
	return p
}

// reader gathers a snapshot and problems.
type reader struct {
	snapshot  *Snapshot
	namespace string
	places    map[string]manifests.Object // of HPAs by namespace and name
	problems  config.Problems
}

func (r *reader) refuse(o manifests.Object, rule, format string, args ...any) {
	r.problems = append(r.problems, config.Problem{File: o.File, Line: o.Line, Column: min(o.Line, 1), Message: fmt.Sprintf(format, args...), Rule: rule})
}

// read adds an object, if its kind is one that counts.
func (r *reader) read(o manifests.Object) {
	kind := o.GroupVersionKind()
	switch {
	case kind.Group == "autoscaling" && kind.Kind == "HorizontalPodAutoscaler":
		r.readHPA(o)
	case kind.Group != "" && hasTemplate(kind.Group, kind.Kind):
		r.readWorkload(o)
	case kind.Group == "" && kind.Kind == "ResourceQuota":
		r.readQuota(o)
	}
}

// named returns namespace and name of an object.
func (r *reader) named(o manifests.Object) (namespace, name string) {
	namespace, _, _ = unstructured.NestedString(o.Object, "metadata", "namespace")
	name, _, _ = unstructured.NestedString(o.Object, "metadata", "name")
	if namespace == "" {
		namespace = r.namespace
	}
	return namespace, name
}

func (r *reader) readHPA(o manifests.Object) {
	hpa := autoscalingv2.HorizontalPodAutoscaler{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &hpa); err != nil {
		r.refuse(o, RuleHPA, "%v", err)
		return
	}
	hpa.Namespace, hpa.Name = r.named(o)
	if hpa.Spec.MinReplicas == nil {
		hpa.Spec.MinReplicas = new(int32(1))
	}
	r.snapshot.HPAs = append(r.snapshot.HPAs, hpa)
}

func (r *reader) readWorkload(o manifests.Object) {
	namespace, name := r.named(o)
	content, found, err := unstructured.NestedMap(o.Object, "spec", "template")
	template := corev1.PodTemplateSpec{}
	if err == nil && found {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(content, &template)
	}
	if err != nil || !found || name == "" {
		r.refuse(o, RuleWorkload, "%v", err)
		return
	}
	r.snapshot.Templates[Workload{namespace, o.GetKind(), name}] = template
}

func (r *reader) readQuota(o manifests.Object) {
	quota := corev1.ResourceQuota{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &quota); err != nil {
		r.refuse(o, RuleWorkload, "%v", err)
		return
	}
	quota.Namespace, quota.Name = r.named(o)
	r.snapshot.Quotas = append(r.snapshot.Quotas, quota)
}
