package cluster

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// The rules that manifests offend against.
const (
	RuleHPA       = "bad-hpa"       // an HPA is one that an API server would store, as far as it is read
	RuleDuplicate = "duplicate-hpa" // an HPA is given once
	RuleNoHPA     = "no-hpa"        // there is at least one HPA
)

// FromObjects reads a snapshot from manifests. HPAs are of autoscaling/v2, of v1, or of v2beta1 and v2beta2, which are
// gone from clusters but not from Git. namespace is that of objects that give none; empty means default. Other
// kinds are passed over. The error is source.Problems. A workload or ResourceQuota that cannot be read is noted.
func FromObjects(objects []manifests.Object, namespace string) (*Snapshot, error) {
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	r := &reader{
		snapshot:  &Snapshot{Pods: map[Workload]Pod{}},
		namespace: namespace,
		places:    map[types.NamespacedName]manifests.Object{},
	}
	for _, o := range objects {
		r.read(o)
	}
	if len(r.problems) == 0 && len(r.snapshot.HPAs) == 0 {
		r.problems = source.Problems{noHPA(objects)}
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	r.snapshot.sort()
	r.snapshot.noteTargets(nil, "the manifests do not hold it; give it to --hpas too, or use --live")
	r.snapshot.noteQuotas()
	return r.snapshot, nil
}

// noHPA is the problem of manifests without an HPA.
func noHPA(objects []manifests.Object) source.Problem {
	p := source.Problem{Rule: RuleNoHPA, File: "--hpas", Message: "there is no HorizontalPodAutoscaler in these files; " +
		"give what kubectl get hpa -A -o yaml, helm template or kustomize build print"}
	if len(objects) > 0 {
		p.File = objects[0].File
	}
	return p
}

// reader gathers a snapshot and problems.
type reader struct {
	snapshot  *Snapshot
	namespace string // of objects that give none
	places    map[types.NamespacedName]manifests.Object
	problems  source.Problems
}

// read adds an object, if its kind is one that counts.
func (r *reader) read(o manifests.Object) {
	kind := o.GroupVersionKind()
	switch {
	case kind.Group == "autoscaling" && kind.Kind == "HorizontalPodAutoscaler":
		if err := r.readHPA(o); err != nil {
			r.refuse(o, err)
		}
	case kind.Group != "" && hasTemplate(kind.Group, kind.Kind):
		r.readWorkload(o)
	case kind.Group == "" && kind.Kind == "ResourceQuota":
		r.readQuota(o)
	}
}

func (r *reader) readHPA(o manifests.Object) error {
	hpa, err := hpaOf(o.Object, r.namespace)
	if err != nil {
		return err
	}
	key := types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}
	if first, ok := r.places[key]; ok {
		return source.Refuse(RuleDuplicate, "the HPA %s is given twice, first at %s:%d; leave one out, or write "+
			"metadata.namespace if they belong to different namespaces", key, first.File, first.Line)
	}
	r.places[key] = o
	r.snapshot.HPAs = append(r.snapshot.HPAs, *hpa)
	return nil
}

func (r *reader) refuse(o manifests.Object, err error) {
	rule := RuleHPA
	if known := (*source.Refusal)(nil); errors.As(err, &known) {
		rule = known.Rule
	}
	p := source.Problem{File: o.File, Line: o.Line, Column: min(o.Line, 1), Message: err.Error(), Rule: rule}
	r.problems = append(r.problems, p)
}
