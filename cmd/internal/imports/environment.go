package imports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// configMaps are the data of ConfigMaps by namespace and name.
type configMaps map[[2]string]map[string]any

// configMapsOf returns the ConfigMaps among the objects.
func (d *Draft) configMapsOf(objects []manifests.Object) configMaps {
	all := configMaps{}
	for i := range objects {
		if o := (object{&objects[i]}); o.is("", "ConfigMap") {
			data, _ := at(o.Object.Object, "data").(map[string]any)
			all[[2]string{d.namespace(o.namespace()), o.name()}] = data
		}
	}
	return all
}

// environment is what the objects tell of a container's variables.
type environment struct {
	values  map[string]string
	unknown map[string]string // why the value of a variable is not known
}

// environment returns what the objects tell of the variables that are asked for.
func (c container) environment(names ...string) environment {
	e := environment{map[string]string{}, map[string]string{}}
	for _, source := range list(at(c.fields, "envFrom")) {
		c.addAll(e, source, names)
	}
	for _, variable := range list(at(c.fields, "env")) {
		if name := text(at(variable, "name")); slices.Contains(names, name) {
			c.add(e, name, variable)
		}
	}
	return e
}

// addAll adds the variables of a ConfigMap or Secret.
func (c container) addAll(e environment, source any, names []string) {
	ref, secret := text(at(source, "configMapRef", "name")), text(at(source, "secretRef", "name"))
	data, known := c.configMaps[[2]string{c.namespace, ref}]
	for _, name := range names {
		key, fits := strings.CutPrefix(name, text(at(source, "prefix")))
		value, given := data[key]
		switch {
		case !fits:
		case secret != "":
			e.inSecret(name, secret)
		case ref != "" && !known:
			e.elsewhere(name, ref)
		case given:
			e.set(name, value, " in the ConfigMap "+clean(ref))
		}
	}
}

// add adds a variable with its own value.
func (c container) add(e environment, name string, variable any) {
	from := at(variable, "valueFrom")
	ref, key := text(at(from, "configMapKeyRef", "name")), text(at(from, "configMapKeyRef", "key"))
	secret := text(at(from, "secretKeyRef", "name"))
	data, known := c.configMaps[[2]string{c.namespace, ref}]
	value, given := data[key]
	switch {
	case from == nil:
		e.set(name, at(variable, "value"), "")
	case text(at(from, "fieldRef", "fieldPath")) == "metadata.namespace":
		e.values[name] = c.own
		delete(e.unknown, name)
	case secret != "":
		e.inSecret(name, secret)
	case ref == "":
		e.unknown[name] = fmt.Sprintf("its %s is known only once the Pod runs: write it into env as a value, for the import", name)
	case !known:
		e.elsewhere(name, ref)
	case given:
		e.set(name, value, " in the ConfigMap "+clean(ref))
	case at(from, "configMapKeyRef", "optional") != true:
		e.unknown[name] = fmt.Sprintf("its %s is in the ConfigMap %s, which has no key %s, so that its container does not start",
			name, clean(ref), quote(key))
	}
}

// set notes the value of a variable. An empty one is as good as none.
func (e environment) set(name string, value any, where string) {
	delete(e.values, name)
	delete(e.unknown, name)
	switch v := value.(type) {
	case nil:
	case string:
		if v != "" {
			e.values[name] = v
		}
	default:
		e.unknown[name] = fmt.Sprintf("%s is not text%s, which the API server refuses: put it in quotes", name, where)
	}
}

func (e environment) inSecret(name, secret string) {
	e.unknown[name] = fmt.Sprintf("its settings are in the Secret %s, which is not read: write them into env as values, for the import", clean(secret))
}

func (e environment) elsewhere(name, configMap string) {
	e.unknown[name] = fmt.Sprintf("its settings are in the ConfigMap %s, which is not among the objects; give it too", clean(configMap))
}

// unknowns returns why values are not known, each reason once.
func (e environment) unknowns() string {
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(e.unknown))), "; ")
}
