package cli

import (
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

// parseName reads NAMESPACE/NAME, or NAME where the namespace is known.
func parseName(text, namespace string) (name types.NamespacedName, ok bool) {
	name = types.NamespacedName{Namespace: namespace, Name: text}
	if before, after, both := strings.Cut(text, "/"); both {
		name = types.NamespacedName{Namespace: before, Name: after}
	}
	return name, len(validation.IsDNS1123Label(name.Namespace)) == 0 && len(validation.IsDNS1123Subdomain(name.Name)) == 0
}

// FlagName reads the NAMESPACE/NAME of a flag.
func FlagName(flag, text string) (types.NamespacedName, error) {
	name, ok := parseName(text, "")
	if !ok {
		return name, fmt.Errorf("cannot use --%s %q: write NAMESPACE/NAME", flag, text)
	}
	return name, nil
}

// ArgumentName reads an argument that names an HPA: NAMESPACE/NAME, or NAME where the namespace is known. Where
// --namespace is given, the two must agree.
func ArgumentName(arg, namespace, given string) (types.NamespacedName, error) {
	name, ok := parseName(arg, namespace)
	switch {
	case !ok && namespace != "":
		return name, fmt.Errorf("%q is not the name of an HPA: write NAME or NAMESPACE/NAME", arg)
	case !ok:
		return name, fmt.Errorf("%q is not the name of an HPA: write NAMESPACE/NAME", arg)
	case given != "" && name.Namespace != given:
		return name, fmt.Errorf("cannot use %q with --namespace %s: write the name alone", arg, given)
	}
	return name, nil
}
