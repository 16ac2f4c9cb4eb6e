package cli

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
)

// CheckNamespace refuses what is no name of a namespace. An empty one means every namespace in --namespace, and nothing
// elsewhere.
func CheckNamespace(flag, namespace string) error {
	if namespace == "" && flag == "namespace" {
		return nil
	}
	if len(validation.IsDNS1123Label(namespace)) > 0 {
		return fmt.Errorf("cannot use --%s: %q is not the name of a namespace", flag, namespace)
	}
	return nil
}

// CheckNamespaces refuses what is no name of a namespace. An empty one would mean every namespace.
func CheckNamespaces(flag string, namespaces []string) error {
	for _, namespace := range namespaces {
		if len(validation.IsDNS1123Label(namespace)) > 0 {
			return fmt.Errorf("cannot use --%s: %q is not the name of a namespace; write names with commas and no spaces between",
				flag, namespace)
		}
	}
	return nil
}

var errName = errors.New("no name")

// parseName reads NAMESPACE/NAME, or NAME where the namespace is known.
func parseName(text, namespace string) (types.NamespacedName, error) {
	before, name, both := strings.Cut(text, "/")
	if both {
		namespace = before
	} else {
		name = text
	}
	if len(validation.IsDNS1123Label(namespace)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return types.NamespacedName{}, errName
	}
	return types.NamespacedName{Namespace: namespace, Name: name}, nil
}

// FlagName reads the NAMESPACE/NAME of a flag.
func FlagName(flag, text string) (types.NamespacedName, error) {
	name, err := parseName(text, "")
	if err != nil {
		return name, fmt.Errorf("cannot use --%s %q: write NAMESPACE/NAME", flag, text)
	}
	return name, nil
}

// ArgumentName reads an argument that names an HPA: NAMESPACE/NAME, or NAME where the namespace is known. Where
// --namespace is given, the two must agree.
func ArgumentName(arg, namespace, given string) (types.NamespacedName, error) {
	name, err := parseName(arg, namespace)
	switch {
	case err != nil && namespace != "":
		return name, fmt.Errorf("%q is not the name of an HPA: write NAME or NAMESPACE/NAME", arg)
	case err != nil:
		return name, fmt.Errorf("%q is not the name of an HPA: write NAMESPACE/NAME", arg)
	case given != "" && name.Namespace != given:
		return name, fmt.Errorf("cannot use %q with --namespace %s: write the name alone", arg, given)
	}
	return name, nil
}
