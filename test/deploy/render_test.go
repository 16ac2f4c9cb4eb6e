package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// The folders that a user applies.
const (
	clusterWide = "../../deploy/kustomize"
	namespaced  = "../../deploy/kustomize-namespaced"
)

// manifest is what kustomize makes of a folder.
type manifest []unstructured.Unstructured

func render(t *testing.T, dir string) manifest {
	t.Helper()
	all, err := objects.Read(kubectl(t, "kustomize", dir))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (m manifest) kind(kind string) manifest {
	return m.where(func(object unstructured.Unstructured) bool { return object.GetKind() == kind })
}

func (m manifest) named(name string) manifest {
	return m.where(func(object unstructured.Unstructured) bool { return object.GetName() == name })
}

func (m manifest) where(matches func(unstructured.Unstructured) bool) manifest {
	var found manifest
	for _, object := range m {
		if matches(object) {
			found = append(found, object)
		}
	}
	return found
}

// only reads the one object of a kind.
func only[T any](t *testing.T, m manifest, kind string) T {
	t.Helper()
	found := m.kind(kind)
	if len(found) != 1 {
		t.Fatalf("%d objects of kind %s, want 1", len(found), kind)
	}
	return as[T](t, found[0])
}

func as[T any](t *testing.T, object unstructured.Unstructured) T {
	t.Helper()
	typed, err := objects.As[T](object)
	if err != nil {
		t.Fatal(err)
	}
	return typed
}

// arguments returns those of the Deployment's container with $(POD_NAMESPACE) replaced, as kubelet does it.
func (m manifest) arguments(t *testing.T) []string {
	t.Helper()
	deployment := only[appsv1.Deployment](t, m, "Deployment")
	container := deployment.Spec.Template.Spec.Containers[0]
	variables := map[string]string{}
	for _, v := range container.Env {
		if v.ValueFrom != nil && v.ValueFrom.FieldRef != nil && v.ValueFrom.FieldRef.FieldPath == "metadata.namespace" {
			variables[v.Name] = deployment.Namespace
		}
	}
	args := make([]string, len(container.Args))
	for i, arg := range container.Args {
		for name, value := range variables {
			arg = strings.ReplaceAll(arg, "$("+name+")", value)
		}
		if strings.Contains(arg, "$(") {
			t.Errorf("argument %q refers to a variable that the container does not have", arg)
		}
		args[i] = arg
	}
	return args
}

// values returns what the arguments give to a flag, each time that they give it.
func values(args []string, flag string) []string {
	var found []string
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--"+flag+"="); ok {
			found = append(found, value)
		}
	}
	return found
}

func write(t *testing.T, text string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces a text, which must be there exactly once, in a file.
func edit(t *testing.T, old, replacement string, path ...string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), old); n != 1 {
		t.Fatalf("%s contains %q %d times, want once", filepath.Join(path...), old, n)
	}
	write(t, strings.Replace(string(data), old, replacement, 1), path...)
}
