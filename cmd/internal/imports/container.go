package imports

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// runs reports whether a container's image has the name, whatever its registry and tag.
func runs(c corev1.Container, image string) bool {
	name, _, _ := strings.Cut(c.Image, "@")
	name, _, _ = strings.Cut(path.Base(name), ":")
	return name == image
}

// argument returns the value of a flag among the container's command and arguments, written --name=value or in two.
func argument(c corev1.Container, name string) (string, bool) {
	words := slices.Concat(c.Command, c.Args)
	for i, word := range words {
		flag, value, joined := strings.Cut(word, "=")
		if !strings.HasPrefix(flag, "-") || strings.TrimLeft(flag, "-") != name {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1]
		}
		return value, true
	}
	return "", false
}

// configMaps are the data of ConfigMaps by namespace and name.
type configMaps map[[2]string]map[string]string

func (d *Draft) configMaps(objects []manifests.Object) configMaps {
	all := configMaps{}
	for o := range ofKind(objects, "", "ConfigMap") {
		data, _, err := unstructured.NestedStringMap(o.Object, "data")
		if err != nil {
			d.omit(origin(o), "its data is not all text, which the API server refuses: put it in quotes")
			continue
		}
		all[[2]string{d.namespace(o.GetNamespace()), o.GetName()}] = data
	}
	return all
}

// environment is what the objects tell of a container's variables. An empty value is as good as none.
type environment struct {
	namespace string // of the workload; "" if its manifest names none
	data      func(configMap string) (data map[string]string, unknown string)
	values    map[string]string
	unknown   map[string]string // why the value of a variable is not known
}

// environment returns the named variables of a container of a workload.
func (m configMaps) environment(d *Draft, o *manifests.Object, c corev1.Container, names ...string) environment {
	e := environment{namespace: o.GetNamespace(), values: map[string]string{}, unknown: map[string]string{}}
	e.data = func(configMap string) (map[string]string, string) {
		data, known := m[[2]string{d.namespace(e.namespace), configMap}]
		if known {
			return data, ""
		}
		return nil, fmt.Sprintf("its settings are in the ConfigMap %s, which is not among the objects; give it too", clean(configMap))
	}
	for _, from := range c.EnvFrom {
		for _, name := range names {
			if key, fits := strings.CutPrefix(name, from.Prefix); fits {
				e.setFrom(name, key, from)
			}
		}
	}
	for _, v := range c.Env {
		switch {
		case !slices.Contains(names, v.Name):
		case v.ValueFrom == nil:
			e.set(v.Name, v.Value, "")
		default:
			e.setReferred(v.Name, v.ValueFrom)
		}
	}
	return e
}

// setFrom sets a variable from a key of a ConfigMap or Secret whose keys are all variables.
func (e environment) setFrom(name, key string, from corev1.EnvFromSource) {
	switch {
	case from.SecretRef != nil:
		e.set(name, "", inSecret(from.SecretRef.Name))
	case from.ConfigMapRef != nil:
		data, unknown := e.data(from.ConfigMapRef.Name)
		if value, given := data[key]; given || unknown != "" {
			e.set(name, value, unknown)
		}
	}
}

// setReferred sets a variable whose value is elsewhere.
func (e environment) setReferred(name string, from *corev1.EnvVarSource) {
	switch {
	case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
		e.set(name, "", "")
		e.values[name] = e.namespace
	case from.SecretKeyRef != nil:
		e.set(name, "", inSecret(from.SecretKeyRef.Name))
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		data, unknown := e.data(ref.Name)
		value, given := data[ref.Key]
		if optional := ref.Optional != nil && *ref.Optional; unknown == "" && !given && !optional {
			unknown = fmt.Sprintf("its %s is in the ConfigMap %s, which has no key %s, so that its container does not start",
				name, clean(ref.Name), quote(ref.Key))
		}
		e.set(name, value, unknown)
	default:
		e.set(name, "", fmt.Sprintf("its %s is known only once the Pod runs: write it into env as a value, for the import", name))
	}
}

// set sets the value of a variable, in place of an earlier one, or why it is not known.
func (e environment) set(name, value, unknown string) {
	delete(e.values, name)
	delete(e.unknown, name)
	if unknown != "" {
		e.unknown[name] = unknown
	} else if value != "" {
		e.values[name] = value
	}
}

func inSecret(name string) string {
	return fmt.Sprintf("its settings are in the Secret %s, which is not read: write them into env as values, for the import", clean(name))
}

// unknowns returns why values are not known, each reason once.
func (e environment) unknowns() string {
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(e.unknown))), "; ")
}
