package year

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	autoscalingv1client "k8s.io/client-go/kubernetes/typed/autoscaling/v1"
	autoscalingv2client "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
)

// writer is somebody else who writes HPAs, in one of the ways there are.
type writer struct {
	name, manager string
	anew          bool // the HPA is another one afterwards
	v1            bool // in autoscaling/v1; the guard leaves it alone where metrics are an annotation
	// write applies the change to the HPA. It may return, from what it found, that the change came to another one, or
	// that a conflict is the right answer.
	write func(context.Context, api, page, change) (change, error)
}

// api is the API server for one HPA.
type api struct {
	v1      autoscalingv1client.HorizontalPodAutoscalerInterface
	v2      autoscalingv2client.HorizontalPodAutoscalerInterface
	manager string
}

// errConflict means that a conflict came, and had to.
var errConflict = errors.New("conflict, rightly")

// mergePatch is what kubectl patch and client-side kubectl apply send.
func mergePatch(ctx context.Context, to api, p page, c change) (change, error) {
	data := mergeData(p, c)
	_, err := to.v2.Patch(ctx, p.name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: to.manager})
	return c, err
}

// mergePatchV1 is the same from a client of autoscaling/v1.
func mergePatchV1(ctx context.Context, to api, p page, c change) (change, error) {
	if c.external != nil {
		return mergePatch(ctx, to, p, c)
	}
	_, err := to.v1.Patch(ctx, p.name, types.MergePatchType, mergeData(p, c), metav1.PatchOptions{FieldManager: to.manager})
	return c, err
}

func mergeData(p page, c change) []byte {
	spec, annotations, metadata := map[string]any{}, map[string]any{}, map[string]any{}
	if c.minReplicas != nil {
		spec["minReplicas"] = *c.minReplicas
		if *c.minReplicas == 1 && p.word%2 == 0 {
			spec["minReplicas"] = nil // which the API server takes for 1
		}
	}
	if c.maxReplicas != nil {
		spec["maxReplicas"] = *c.maxReplicas
	}
	if c.external != nil {
		p.external = *c.external
		spec["metrics"] = []autoscalingv2.MetricSpec{p.metric()}
	}
	if c.tier != nil {
		metadata["labels"] = map[string]any{"tier": orNull(*c.tier)}
	}
	if c.declared != nil {
		annotations[prefix+"declared-baseline"] = orNull(*c.declared)
	}
	if c.ignore != nil {
		annotations[prefix+"ignore"] = map[bool]any{true: "true", false: nil}[*c.ignore]
	}
	if c.keda != nil {
		p.keda = *c.keda
		metadata["ownerReferences"] = p.ownerReferences()
	}
	for _, key := range keys() {
		switch c.marks {
		case dropped:
			annotations[key] = nil
		case damaged:
			annotations[key] = damage()[key]
		}
	}
	metadata["annotations"] = annotations
	data, err := json.Marshal(map[string]any{"metadata": metadata, "spec": spec})
	if err != nil {
		panic(err) // it is made of maps and numbers
	}
	return data
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// update is what kubectl edit and many controllers do: they write back what they read, with a change.
func update(ctx context.Context, to api, p page, c change) (change, error) {
	for {
		hpa, err := to.v2.Get(ctx, p.name, metav1.GetOptions{})
		if err != nil {
			return c, err
		}
		manifest := changed(p, c)
		hpa.Spec, hpa.Labels, hpa.OwnerReferences = manifest.Spec, manifest.Labels, manifest.OwnerReferences
		if c.minReplicas == nil {
			hpa.Spec.MinReplicas = &p.live
		}
		for key := range p.owners() {
			delete(hpa.Annotations, key)
		}
		maps.Copy(hpa.Annotations, manifest.Annotations)
		for _, key := range keys() {
			switch c.marks {
			case dropped:
				delete(hpa.Annotations, key)
			case damaged:
				hpa.Annotations[key] = damage()[key]
			}
		}
		_, err = to.v2.Update(ctx, hpa, metav1.UpdateOptions{FieldManager: to.manager})
		if !apierrors.IsConflict(err) {
			return c, err
		}
	}
}

// replace is what kubectl replace and KEDA do: the manifest, and nothing of what others have added.
func replace(ctx context.Context, to api, p page, c change) (change, error) {
	if c.minReplicas == nil {
		c.minReplicas = &p.word
	}
	c.marks = dropped
	_, err := to.v2.Update(ctx, changed(p, c), metav1.UpdateOptions{FieldManager: to.manager})
	return c, err
}

// changed is the manifest after the change.
func changed(p page, c change) *autoscalingv2.HorizontalPodAutoscaler {
	set(&p.maxReplicas, c.maxReplicas)
	set(&p.tier, c.tier)
	set(&p.declared, c.declared)
	set(&p.ignore, c.ignore)
	set(&p.external, c.external)
	set(&p.keda, c.keda)
	set(&p.word, c.minReplicas)
	return p.manifest(p.word)
}

// recreate deletes the HPA and creates it from its manifest.
func recreate(ctx context.Context, to api, p page, c change) (change, error) {
	if c.minReplicas == nil {
		c.minReplicas = &p.word
	}
	c.marks = dropped
	trial := changed(p, c)
	trial.Name += "-trial"
	if _, err := to.v2.Create(ctx, trial, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		return c, err // it would be refused, and nobody deletes what they cannot create
	}
	if err := to.v2.Delete(ctx, p.name, metav1.DeleteOptions{}); err != nil {
		return c, err
	}
	_, err := to.v2.Create(ctx, changed(p, c), metav1.CreateOptions{FieldManager: to.manager})
	return c, err
}

// applyForced is Flux, and Argo CD with server-side apply.
func applyForced(ctx context.Context, to api, p page, c change) (change, error) {
	return apply(ctx, to, p, c, true)
}

// applyGently is Helm 4: a conflict is an error.
func applyGently(ctx context.Context, to api, p page, c change) (change, error) {
	return apply(ctx, to, p, c, false)
}

// apply sends the target, maxReplicas and, where the change has one, minReplicas. Without it the API server prunes the
// field if nobody else owns it, and minReplicas is 1.
func apply(ctx context.Context, to api, p page, c change, force bool) (change, error) {
	c = change{minReplicas: c.minReplicas}
	before, err := to.v2.Get(ctx, p.name, metav1.GetOptions{})
	if err != nil {
		return c, err
	}
	mine, others := owners(before, to.manager)
	spec := map[string]any{
		"scaleTargetRef": before.Spec.ScaleTargetRef, "maxReplicas": before.Spec.MaxReplicas,
	}
	if c.minReplicas != nil {
		spec["minReplicas"] = *c.minReplicas
	}
	data, err := json.Marshal(map[string]any{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
		"metadata": map[string]any{"namespace": p.namespace, "name": p.name}, "spec": spec,
	})
	if err != nil {
		return c, err
	}
	options := metav1.PatchOptions{FieldManager: to.manager, Force: &force}
	_, err = to.v2.Patch(ctx, p.name, types.ApplyPatchType, data, options)
	conflict := !force && c.minReplicas != nil && *c.minReplicas != *before.Spec.MinReplicas && len(others) > 0
	if conflict != apierrors.IsConflict(err) {
		return c, fmt.Errorf("a conflict was due: %t, for %q own minReplicas beside %q: %w", conflict, others, to.manager, orNone(err))
	}
	if conflict {
		return c, errConflict
	}
	if c.minReplicas == nil && mine && len(others) == 0 {
		c.minReplicas = new(int32(1))
	}
	return c, err
}

// orNone makes an error of none, to be wrapped.
func orNone(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

// owners reports whether the manager owns minReplicas by apply, and who else does.
func owners(hpa *autoscalingv2.HorizontalPodAutoscaler, manager string) (mine bool, others []string) {
	for _, m := range hpa.ManagedFields {
		if m.FieldsV1 == nil || !bytes.Contains(m.FieldsV1.GetRawBytes(), []byte(`"f:minReplicas"`)) {
			continue
		}
		if m.Manager == manager && m.Operation == metav1.ManagedFieldsOperationApply {
			mine = true
		} else {
			others = append(others, m.Manager)
		}
	}
	return mine, others
}

// writers are all ways to write. Managers have several ways, and ways several managers.
func writers() []writer {
	return []writer{
		{"merge patch", "kubectl-patch", false, false, mergePatch},
		{"merge patch", "kubectl-client-side-apply", false, false, mergePatch},
		{"merge patch of autoscaling/v1", "argocd-controller", false, true, mergePatchV1},
		{"update", "kubectl-edit", false, false, update},
		{"replace", "kubectl-replace", false, false, replace},
		{"replace", "keda", false, false, replace},
		{"forced apply", "flux", false, false, applyForced},
		{"forced apply", "helm", false, false, applyForced},
		{"apply", "helm", false, false, applyGently},
		{"apply", "terraform", false, false, applyGently},
		{"re-creation", "kubectl-create", true, false, recreate},
	}
}
