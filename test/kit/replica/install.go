package replica

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// Home is the namespace that deploy/kustomize installs floorkeeper into, and the name of its ServiceAccount and of its
// Deployment.
const Home = "floorkeeper"

// Installation is deploy/kustomize in a control plane.
type Installation struct {
	Account string // the kubeconfig file of floorkeeper's ServiceAccount
	plane   *controlplane.ControlPlane
	args    []string                    // of its Deployment
	homely  []unstructured.Unstructured // of its own namespace: Role, RoleBinding, ConfigMap
}

// Install applies deploy/kustomize, without objects of some kinds, and logs in as the ServiceAccount that it makes.
func Install(ctx context.Context, plane *controlplane.ControlPlane, without ...string) (*Installation, error) {
	all, err := render(ctx, plane)
	if err != nil {
		return nil, fmt.Errorf("cannot read deploy/kustomize: %w", err)
	}
	in := &Installation{plane: plane}
	for _, object := range all {
		if err := in.learn(object); err != nil {
			return nil, fmt.Errorf("cannot read deploy/kustomize: %w", err)
		}
	}
	all = slices.DeleteFunc(all, func(o unstructured.Unstructured) bool { return slices.Contains(without, o.GetKind()) })
	if err := in.apply(ctx, all); err != nil {
		return nil, err
	}
	in.Account, err = plane.ServiceAccountKubeconfig(ctx, Home, Home)
	return in, err
}

// learn keeps what a process needs of an object.
func (in *Installation) learn(object unstructured.Unstructured) error {
	switch object.GetKind() {
	case "Role", "RoleBinding", "ConfigMap":
		in.homely = append(in.homely, object)
	case "Deployment":
		deployment, err := objects.As[appsv1.Deployment](object)
		if err != nil {
			return err
		}
		in.args = deployment.Spec.Template.Spec.Containers[0].Args
	}
	return nil
}

// render returns what deploy/kustomize holds.
func render(ctx context.Context, plane *controlplane.ControlPlane) ([]unstructured.Unstructured, error) {
	root, err := Root(ctx)
	if err != nil {
		return nil, err
	}
	text, err := plane.Kubectl(ctx, "kustomize", filepath.Join(root, "deploy", "kustomize"))
	if err != nil {
		return nil, err
	}
	return objects.Read(text)
}

// apply gives objects to kubectl apply.
func (in *Installation) apply(ctx context.Context, all []unstructured.Unstructured) error {
	list := unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "v1", "kind": "List"}, Items: all}
	manifest, err := list.MarshalJSON()
	if err != nil {
		return fmt.Errorf("cannot write the manifests of floorkeeper: %w", err)
	}
	return in.plane.Apply(ctx, string(manifest))
}

// Beside lets floorkeeper use another namespace as its home too, with the very Role, RoleBinding and ConfigMap of
// deploy/kustomize, so that several can run side by side without competing for one Lease.
func (in *Installation) Beside(ctx context.Context, namespace string) error {
	var copies []unstructured.Unstructured
	for _, original := range in.homely {
		object := original.DeepCopy()
		object.SetNamespace(namespace)
		copies = append(copies, *object)
	}
	return in.apply(ctx, copies)
}

// Args are those of its Deployment for a floorkeeper at home in a namespace, with the rights of the ServiceAccount. What
// a caller adds prevails: the last of two equal flags counts.
func (in *Installation) Args(home string) []string {
	var args []string
	for _, arg := range in.args {
		args = append(args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", home))
	}
	return append(args, "--kubeconfig="+in.Account, "--leader-election-namespace="+home)
}
