package event

import (
	"errors"
	"fmt"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/edit"
)

// readTarget reads a target as it is written on the command line: namespace=video,name=images,min-replicas=25.
func readTarget(text string) (edit.Target, error) {
	var target edit.Target
	fields := map[string]*string{
		"namespace": &target.Namespace, "name": &target.Name, "selector": &target.Selector,
		"min-replicas": &target.MinReplicas, "minReplicas": &target.MinReplicas,
	}
	for _, part := range splitTarget(text) {
		key, value, _ := strings.Cut(part, "=")
		field := fields[strings.TrimSpace(key)]
		switch {
		case value == "":
			return target, fmt.Errorf("%q has no value; write namespace=, name=, selector= and min-replicas=, with commas between", part)
		case field == nil:
			return target, fmt.Errorf("%q is none of namespace, name, selector and min-replicas; labels are written selector=%s", key, part)
		case *field == "":
			*field = value
		case field == &target.Selector:
			*field += "," + value
		default:
			return target, fmt.Errorf("%s is written twice", key)
		}
	}
	if target == (edit.Target{}) {
		return target, errors.New("it is empty; write namespace=, name=, selector= and min-replicas=, with commas between")
	}
	return target, nil
}

// splitTarget splits at commas, but not at those in parentheses: selector=tier in (front,back).
func splitTarget(text string) (parts []string) {
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts, from = append(parts, text[from:i]), i+1
		}
	}
	if rest := text[from:]; rest != "" {
		parts = append(parts, rest)
	}
	return parts
}
