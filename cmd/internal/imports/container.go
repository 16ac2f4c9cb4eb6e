package imports

import (
	"slices"
	"strings"
)

// container is a container of a workload, with the ConfigMaps that its environment may come from.
type container struct {
	fields         any
	own, namespace string // of the workload: as it is written, and where it is taken to live
	configMaps     configMaps
}

// containers returns the containers of an object's Pod template, which is at a path of its spec.
func (d *Draft) containers(o object, known configMaps, path ...string) []container {
	var all []container
	for _, fields := range list(at(o.spec(path...), "spec", "containers")) {
		all = append(all, container{fields, o.namespace(), d.namespace(o.namespace()), known})
	}
	return all
}

// declares says whether the container gives a variable by its name.
func (c container) declares(name string) bool {
	return slices.ContainsFunc(list(at(c.fields, "env")), func(variable any) bool { return text(at(variable, "name")) == name })
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
