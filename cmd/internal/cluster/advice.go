package cluster

import (
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
)

// Advised adds to an error of the API server what somebody can do who may not do what was asked: which right is missing,
// as the rule of a role that grants it.
func Advised(err error) error {
	if advice := Advice(err); advice != "" {
		return fmt.Errorf("%w; %s", err, advice)
	}
	return err
}

// Advice is what Advised adds, or "".
func Advice(err error) string {
	if apierrors.IsUnauthorized(err) {
		return "the API server does not know you: log in again, with what gave you the credentials of this kubeconfig"
	}
	missing, denied := missingRight(err)
	switch {
	case !denied || missing.verb == "":
		return ""
	case missing.user == "system:anonymous":
		return "the API server does not know you: the kubeconfig has no credentials that it takes"
	case missing.namespace != "":
		return fmt.Sprintf("ask for the right: the rule %s of a Role in namespace %s, and a RoleBinding to you there", missing, missing.namespace)
	default:
		return fmt.Sprintf("ask for the right: the rule %s of a ClusterRole, and a ClusterRoleBinding to you", missing)
	}
}

// ErrorLine returns in one line why an object could not be read.
func ErrorLine(err error) string {
	missing, denied := missingRight(err)
	switch {
	case apierrors.IsNotFound(err):
		return "it does not exist"
	case denied && missing.verb == "":
		return "you may not read it"
	case denied:
		return fmt.Sprintf("you may not read it, which needs the rule %s", missing)
	case meta.IsNoMatchError(err):
		return "the API server does not serve it"
	default:
		return strings.Join(strings.Fields(err.Error()), " ")
	}
}

type right struct{ user, verb, resource, group, namespace string }

// String returns the rule of a role that grants the right.
func (r right) String() string {
	return fmt.Sprintf("{apiGroups: [%q], resources: [%s], verbs: [%s]}", r.group, r.resource, r.verb)
}

// missingRight reads what every API server words alike (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters).
func missingRight(err error) (missing right, denied bool) {
	if !apierrors.IsForbidden(err) {
		return right{}, false
	}
	words := regexp.MustCompile(`User "(.*)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?`)
	if found := words.FindStringSubmatch(err.Error()); found != nil {
		missing = right{found[1], found[2], found[3], found[4], found[5]}
	}
	return missing, true
}
