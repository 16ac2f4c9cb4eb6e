package migrate

import (
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// container is a container of a workload, with the ConfigMaps that its environment may come from.
type container struct {
	fields     any
	namespace  string
	configMaps configMaps
}

// configMaps are the data of ConfigMaps by namespace and name.
type configMaps map[[2]string]map[string]string

// configMapsOf returns the ConfigMaps among the objects.
func (d *Draft) configMapsOf(objects []manifests.Object) configMaps {
	all := configMaps{}
	for i := range objects {
		o := object{&objects[i]}
		if !o.is("", "ConfigMap") {
			continue
		}
		data := map[string]string{}
		fields, _ := at(o.Object.Object, "data").(map[string]any)
		for name, value := range fields {
			data[name] = text(value)
		}
		all[[2]string{d.namespace(o.namespace()), o.name()}] = data
	}
	return all
}

// containers returns the containers of a Pod template.
func containers(template any, namespace string, known configMaps) []container {
	var all []container
	for _, fields := range list(at(template, "spec", "containers")) {
		all = append(all, container{fields, namespace, known})
	}
	return all
}

// environment returns the container's environment variables, as far as ConfigMaps among the objects tell them, and the
// names of the ConfigMaps that are missing.
func (c container) environment() (env map[string]string, missing []string) {
	env = map[string]string{}
	for _, source := range list(at(c.fields, "envFrom")) {
		name := text(at(source, "configMapRef", "name"))
		if name == "" {
			continue
		}
		data, known := c.configMaps[[2]string{c.namespace, name}]
		if !known {
			missing = append(missing, name)
		}
		for key, value := range data {
			env[text(at(source, "prefix"))+key] = value
		}
	}
	for _, variable := range list(at(c.fields, "env")) {
		name := text(at(variable, "name"))
		env[name] = text(at(variable, "value"))
		from := at(variable, "valueFrom")
		if text(at(from, "fieldRef", "fieldPath")) == "metadata.namespace" {
			env[name] = c.namespace
		}
		if ref := text(at(from, "configMapKeyRef", "name")); ref != "" {
			data, known := c.configMaps[[2]string{c.namespace, ref}]
			if !known {
				missing = append(missing, ref)
			}
			env[name] = data[text(at(from, "configMapKeyRef", "key"))]
		}
	}
	return env, missing
}

// argument returns the value of a flag among the container's command and arguments, written --name=value or in two.
func (c container) argument(name string) (string, bool) {
	words := append(list(at(c.fields, "command")), list(at(c.fields, "args"))...)
	for i, word := range words {
		flag, value, joined := strings.Cut(text(word), "=")
		if strings.TrimLeft(flag, "-") != name || !strings.HasPrefix(flag, "-") {
			continue
		}
		if !joined && i+1 < len(words) {
			value = text(words[i+1])
		}
		return value, true
	}
	return "", false
}

// runs says whether the container's image has the name, whatever its registry and tag.
func (c container) runs(image string) bool {
	path := text(at(c.fields, "image"))
	path, _, _ = strings.Cut(path, "@")
	base := path[strings.LastIndex(path, "/")+1:]
	base, _, _ = strings.Cut(base, ":")
	return base == image
}
