package imports

import (
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/sets"

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

type container struct {
	corev1.Container
	*Draft
	workloadNamespace string // "" if the manifest names none
}

func (c container) runs(image string) bool {
	name, _, _ := strings.Cut(c.Image, "@")
	name, _, _ = strings.Cut(path.Base(name), ":")
	return name == image
}

// argument returns the value of a flag among the command and arguments, written --name=value or in two, or else otherwise.
func (c container) argument(name, otherwise string) string {
	words := slices.Concat(c.Command, c.Args)
	for i, word := range words {
		flag, value, joined := strings.Cut(word, "=")
		if !strings.HasPrefix(flag, "-") || strings.TrimLeft(flag, "-") != name {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1]
		}
		return value
	}
	return otherwise
}

// environment returns the values of variables, as far as they have any, and why others are not known.
func (c container) environment(names ...string) (map[string]string, error) {
	values, reasons := map[string]string{}, sets.New[string]()
	for _, name := range names {
		switch value, given, err := c.variable(name); {
		case err != nil:
			reasons.Insert(err.Error())
		case given:
			values[name] = value
		}
	}
	if len(reasons) > 0 {
		return values, errors.New(strings.Join(sets.List(reasons), "; "))
	}
	return values, nil
}

// variable returns the value of a variable, from the last of the sources that set it. An empty value is as good as none.
func (c container) variable(name string) (value string, given bool, err error) {
	for _, v := range slices.Backward(c.Env) {
		switch {
		case v.Name != name:
		case v.ValueFrom == nil:
			return v.Value, v.Value != "", nil
		default:
			return c.reference(name, v.ValueFrom)
		}
	}
	for _, from := range slices.Backward(c.EnvFrom) {
		key, fits := strings.CutPrefix(name, from.Prefix)
		switch {
		case !fits:
		case from.SecretRef != nil:
			return "", false, errInSecret(from.SecretRef.Name)
		case from.ConfigMapRef != nil:
			data, err := c.configMap(from.ConfigMapRef.Name)
			if value, given := data[key]; given || err != nil {
				return value, value != "", err
			}
		}
	}
	return "", false, nil
}

func (c container) reference(name string, from *corev1.EnvVarSource) (value string, given bool, err error) {
	switch ref := from.ConfigMapKeyRef; {
	case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
		return c.workloadNamespace, true, nil
	case from.SecretKeyRef != nil:
		return "", false, errInSecret(from.SecretKeyRef.Name)
	case ref == nil:
		return "", false, fmt.Errorf("its %s is known only once the Pod runs: write it into env as a value, for the import", name)
	default:
		data, err := c.configMap(ref.Name)
		value, given := data[ref.Key]
		if err == nil && !given && !valueOr(ref.Optional, false) {
			err = fmt.Errorf("its %s is in the ConfigMap %s, which has no key %s, so that its container does not start",
				name, clean(ref.Name), quote(ref.Key))
		}
		return value, value != "", err
	}
}

func errInSecret(name string) error {
	return fmt.Errorf("its settings are in the Secret %s, which is not read: write them into env as values, for the import", clean(name))
}

func (c container) configMap(name string) (data map[string]string, err error) {
	for o := range c.ofKind("", "ConfigMap") {
		if o.GetName() != name || c.namespace(o.GetNamespace()) != c.namespace(c.workloadNamespace) {
			continue
		}
		if data, _, err = unstructured.NestedStringMap(o.Object, "data"); err != nil {
			err = fmt.Errorf("its settings are in the ConfigMap %s, whose data is not all text, which the API server refuses: put it in quotes", clean(name))
		}
		return data, err
	}
	return nil, fmt.Errorf("its settings are in the ConfigMap %s, which is not among the objects; give it too", clean(name))
}

func (d *Draft) containers(o *manifests.Object, template corev1.PodTemplateSpec) (all []container) {
	for _, c := range template.Spec.Containers {
		all = append(all, container{c, d, o.GetNamespace()})
	}
	return all
}

func (d *Draft) deployed(image string) iter.Seq2[*manifests.Object, container] {
	return func(yield func(*manifests.Object, container) bool) {
		for o, spec := range specs[appsv1.DeploymentSpec](d, "apps", "Deployment") {
			for _, c := range d.containers(o, spec.Template) {
				if c.runs(image) && !yield(o, c) {
					return
				}
			}
		}
	}
}
