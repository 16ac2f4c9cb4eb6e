package imports

import (
	"fmt"
	"iter"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

type reference struct{ kind, namespace, name string }

// ofKind yields the objects of the kinds, in any version of their API group.
func (d *Draft) ofKind(group string, kinds ...string) iter.Seq[*manifests.Object] {
	return func(yield func(*manifests.Object) bool) {
		for i := range d.objects {
			gvk := d.objects[i].GroupVersionKind()
			if gvk.Group == group && slices.Contains(kinds, gvk.Kind) && !yield(&d.objects[i]) {
				return
			}
		}
	}
}

// specs yields the objects of the kinds with their spec as a T. One that is no T is noted in the draft.
func specs[T any](d *Draft, group string, kinds ...string) iter.Seq2[*manifests.Object, *T] {
	return func(yield func(*manifests.Object, *T) bool) {
		for o := range d.ofKind(group, kinds...) {
			spec := new(T)
			data, err := json.Marshal(o.Object["spec"])
			if err == nil {
				err = json.Unmarshal(data, spec)
			}
			if err != nil {
				d.Found++
				d.omit(origin(o), "it cannot be read: %s", clean(err.Error()))
			} else if !yield(o, spec) {
				return
			}
		}
	}
}

func annotation(o *manifests.Object, name string) (string, bool) {
	value, found, _ := unstructured.NestedFieldNoCopy(o.Object, "metadata", "annotations", name)
	if !found {
		return "", false
	}
	return fmt.Sprint(value), true
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// origin names an object with its place.
func origin(o *manifests.Object) string {
	name := clean(o.GetKind()) + " "
	if namespace := o.GetNamespace(); namespace != "" {
		name += clean(namespace) + "/"
	}
	name += clean(o.GetName())
	switch file := clean(o.File); {
	case file == "":
		return name
	case o.Line > 0:
		return fmt.Sprintf("%s (%s:%d)", name, file, o.Line)
	default:
		return fmt.Sprintf("%s (%s)", name, file)
	}
}
