package policies

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/google/go-cmp/cmp"
)

// legalMinReplicas is the one field that floorkeeper may write; testTransitions tries its values.
const legalMinReplicas = "HorizontalPodAutoscalerSpec.minReplicas"

// elsewhere are the fields whose illegal values the API server itself refuses or overrules, for every writer.
func elsewhere() []string {
	return []string{
		"TypeMeta.kind", "TypeMeta.apiVersion",
		"ObjectMeta.name", "ObjectMeta.namespace", "ObjectMeta.selfLink", "ObjectMeta.uid", "ObjectMeta.resourceVersion",
		"ObjectMeta.generation", "ObjectMeta.creationTimestamp", "ObjectMeta.deletionTimestamp",
		"ObjectMeta.deletionGracePeriodSeconds",
		"ObjectMeta.managedFields", "ManagedFieldsEntry.operation", "ManagedFieldsEntry.time", "ManagedFieldsEntry.fieldsType",
		"MetricSpec.type", "MetricTarget.type", // another source, or another kind of target, would have to come along
	}
}

// testFields changes each field of an HPA, one after the other, and expects that the scope refuses each of them. It walks
// the Go type, so that it fails when Kubernetes adds a field, until full has it and the policy protects it.
func testFields(t *testing.T, in *installation) {
	withoutControllerManager(t)
	base := in.create(t, full("full"))
	t.Cleanup(func() { // so that it may go
		patch := []byte(`{"metadata":{"finalizers":null}}`)
		if _, err := in.hpas().Patch(context.Background(), base.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Error(err)
		}
	})
	tried := map[string]bool{legalMinReplicas: true}
	walk(reflect.ValueOf(base).Elem(), "", func(field string, v reflect.Value) {
		tried[field] = tried[field] || v.Kind() == reflect.Struct && !leaf(v.Type()) // what it contains is tried
	})
	hpas := in.keepers()
	each(base, func(field string, changed *autoscalingv2.HorizontalPodAutoscaler) {
		if field == legalMinReplicas || same(base, changed) {
			return
		}
		after, err := hpas.Update(t.Context(), changed, metav1.UpdateOptions{FieldManager: "floorkeeper", DryRun: []string{metav1.DryRunAll}})
		overruled := slices.Contains(elsewhere(), field) && (err != nil || same(base, after))
		switch {
		case overruled || err != nil && strings.Contains(err.Error(), refusal(base, changed)):
			tried[field] = true
		case err == nil:
			t.Errorf("%s: the scope lets this write pass (-before +after):\n%s", field, cmp.Diff(base, after))
		case !apierrors.IsInvalid(err): // a value that is illegal with some metrics is not with others
			t.Errorf("%s: refused, but not by the scope because of %q: %v", field, refusal(base, changed), err)
		}
	})
	for _, field := range fieldsOf(reflect.TypeFor[autoscalingv2.HorizontalPodAutoscaler]()) {
		if !tried[field] && !underStatus(field) {
			t.Errorf("%s was never tried with a value that the scope alone refuses; is it new, and missing in full?", field)
		}
	}
}

// refusal is the message of the scope about a change. One of spec also moves field ownership, which is not its own reason.
func refusal(base, changed *autoscalingv2.HorizontalPodAutoscaler) string {
	switch {
	case !equality.Semantic.DeepEqual(base.Spec, changed.Spec):
		return "floorkeeper may change no field of spec but minReplicas"
	case !equality.Semantic.DeepEqual(base.ManagedFields, changed.ManagedFields):
		return "floorkeeper may remove no entry from managedFields but its own"
	case !equality.Semantic.DeepEqual(base.Annotations, changed.Annotations):
		return "floorkeeper may change no annotations but its own"
	default:
		return "floorkeeper may change no metadata but its own annotations"
	}
}

// underStatus are the fields of types that only a status has.
func underStatus(field string) bool {
	name, _, _ := strings.Cut(field, ".")
	return slices.Contains([]string{
		"HorizontalPodAutoscalerStatus", "MetricStatus", "ObjectMetricStatus", "PodsMetricStatus", "ResourceMetricStatus", "ContainerResourceMetricStatus",
		"ExternalMetricStatus", "MetricValueStatus", "HorizontalPodAutoscalerCondition",
	}, name)
}

// same reports whether a write that was accepted changed nothing.
func same(before, after *autoscalingv2.HorizontalPodAutoscaler) bool {
	return equality.Semantic.DeepEqual(before, after)
}

// leaf reports whether a type is changed as a whole.
func leaf(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[resource.Quantity](), reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.FieldsV1]():
		return true
	}
	return t.Kind() != reflect.Struct && t.Kind() != reflect.Slice && t.Kind() != reflect.Pointer
}

// fieldsOf lists all fields of a struct and of what it contains, as Type.field.
func fieldsOf(root reflect.Type) []string {
	found := map[string]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || leaf(t) {
			return
		}
		for f := range t.Fields() {
			key := nameOf(t, f)
			if !found[key] {
				found[key] = true
				visit(f.Type)
			}
		}
	}
	visit(root)
	maps.DeleteFunc(found, func(field string, _ bool) bool { return strings.HasSuffix(field, ".") })
	return slices.Sorted(maps.Keys(found))
}

func nameOf(t reflect.Type, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return t.Name() + "." + name
}

// walk visits every field that a value has, the status aside, and what the fields contain.
func walk(v reflect.Value, field string, visit func(field string, v reflect.Value)) {
	if field != "" {
		visit(field, v)
	}
	switch {
	case field == "HorizontalPodAutoscaler.status" || leaf(v.Type()):
	case v.Kind() == reflect.Pointer && !v.IsNil():
		walk(v.Elem(), field, visit)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), field, visit)
		}
	case v.Kind() == reflect.Struct:
		for f, value := range v.Fields() {
			walk(value, nameOf(v.Type(), f), visit)
		}
	}
}

// each gives copies of the base, each with one thing changed.
func each(base *autoscalingv2.HorizontalPodAutoscaler, try func(string, *autoscalingv2.HorizontalPodAutoscaler)) {
	count := 0
	walk(reflect.ValueOf(base).Elem(), "", func(string, reflect.Value) { count++ })
	for i := range count {
		changed, at, done := base.DeepCopy(), 0, ""
		walk(reflect.ValueOf(changed).Elem(), "", func(field string, v reflect.Value) {
			if at == i && changeable(v) {
				change(v, field)
				done = field
			}
			at++
		})
		if done != "" {
			try(done, changed)
		}
	}
}

// changeable is a leaf, a list, and what a pointer that is not nil points to; or the pointer, if it can be given a leaf.
func changeable(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		return leaf(v.Type().Elem()) == v.IsNil()
	}
	return leaf(v.Type()) || v.Kind() == reflect.Slice
}

// change gives a value that differs, and that the API server accepts where that is possible at all.
func change(v reflect.Value, field string) {
	words := map[string]string{
		"HPAScalingPolicy.type":              "Percent",
		"HPAScalingRules.selectPolicy":       "Min",
		"ResourceMetricSource.name":          "memory",
		"ContainerResourceMetricSource.name": "memory",
		"LabelSelectorRequirement.operator":  "NotIn",
		"OwnerReference.apiVersion":          "batch/v1",
	}
	if word := words[field]; word != "" && v.Kind() == reflect.String {
		v.SetString(word)
		return
	}
	switch value := v.Addr().Interface().(type) {
	case *resource.Quantity:
		value.Add(resource.MustParse("1"))
		return
	case **resource.Quantity:
		one := resource.MustParse("1")
		*value = &one
		return
	case *metav1.FieldsV1:
		value.SetRawString(`{"f:spec":{"f:maxReplicas":{}}}`)
		return
	case *metav1.Time:
		*value = metav1.NewTime(value.Add(time.Hour))
		return
	case *map[string]string:
		(*value)["added"] = "x"
		return
	}
	changeKind(v, field)
}

func changeKind(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		if v.Len() > 0 {
			v.Set(v.Slice(0, v.Len()-1))
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			change(v.Elem(), field)
		} else {
			v.SetZero()
		}
	default:
		panic(fmt.Sprintf("no way to change %s, which is a %s", field, v.Type()))
	}
}

// full has every field that an owner can give, with a value that is no default.
func full(name string) *autoscalingv2.HorizontalPodAutoscaler {
	hpa := free(name, 2)
	hpa.GenerateName = "generated-"
	hpa.Labels = map[string]string{"team": "video"}
	hpa.Annotations = map[string]string{"team": "video"}
	hpa.Finalizers = []string{"example.com/one", "example.com/two"}
	hpa.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: "Deployment", Name: "web", UID: types.UID("0815"), Controller: new(false), BlockOwnerDeletion: new(false),
	}}
	identifier := autoscalingv2.MetricIdentifier{Name: "requests", Selector: &metav1.LabelSelector{
		MatchLabels:      map[string]string{"app": "web"},
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: metav1.LabelSelectorOpIn, Values: []string{"front", "back"}}},
	}}
	value := autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: new(resource.MustParse("5"))}
	average := autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: new(resource.MustParse("5"))}
	utilization := autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(50))}
	hpa.Spec.Metrics = []autoscalingv2.MetricSpec{
		{Type: autoscalingv2.ObjectMetricSourceType, Object: &autoscalingv2.ObjectMetricSource{
			DescribedObject: hpa.Spec.ScaleTargetRef, Target: value, Metric: identifier,
		}},
		{Type: autoscalingv2.PodsMetricSourceType, Pods: &autoscalingv2.PodsMetricSource{Metric: identifier, Target: average}},
		{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu", Target: utilization}},
		{Type: autoscalingv2.ContainerResourceMetricSourceType, ContainerResource: &autoscalingv2.ContainerResourceMetricSource{
			Name: "cpu", Container: "web", Target: utilization,
		}},
		{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{Metric: identifier, Target: average}},
	}
	hpa.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: rules(), ScaleDown: rules()}
	return hpa
}

func rules() *autoscalingv2.HPAScalingRules {
	return &autoscalingv2.HPAScalingRules{
		StabilizationWindowSeconds: new(int32(30)),
		SelectPolicy:               new(autoscalingv2.MaxChangePolicySelect),
		Tolerance:                  new(resource.MustParse("50m")),
		Policies: []autoscalingv2.HPAScalingPolicy{
			{Type: autoscalingv2.PodsScalingPolicy, Value: 4, PeriodSeconds: 60},
			{Type: autoscalingv2.PercentScalingPolicy, Value: 5, PeriodSeconds: 70},
		},
	}
}
