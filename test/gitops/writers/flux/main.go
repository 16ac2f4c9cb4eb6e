// Command flux reads manifests from standard input and does with them what Flux's kustomize-controller does, by the
// same library, with the same options and under the same name:
//
//	flux apply   detect drift by a dry run, and apply on the server and by force what has drifted
//	flux diff    detect drift only
//
// It prints a line for each object: its name, and created, configured or unchanged.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/normalize"
	"github.com/fluxcd/pkg/ssa/utils"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The name and the API group of kustomize-controller.
const (
	controller = "kustomize-controller"
	group      = "kustomize.toolkit.fluxcd.io"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "flux:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: flux apply|diff")
	}
	objects, err := utils.ReadObjects(in)
	if err != nil {
		return fmt.Errorf("cannot read the manifests: %w", err)
	}
	if err := normalize.UnstructuredList(objects); err != nil {
		return fmt.Errorf("cannot normalize the manifests: %w", err)
	}
	manager, err := connect()
	if err != nil {
		return err
	}
	manager.SetOwnerLabels(objects, "apps", "flux-system")
	switch args[0] {
	case "apply":
		return apply(ctx, manager, objects, out)
	case "diff":
		return diff(ctx, manager, objects, out)
	default:
		return fmt.Errorf("%q is neither apply nor diff", args[0])
	}
}

func connect() (*ssa.ResourceManager, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	c, err := client.New(config, client.Options{})
	if err != nil {
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	return ssa.NewResourceManager(c, nil, ssa.Owner{Field: controller, Group: group}), nil
}

func apply(ctx context.Context, manager *ssa.ResourceManager, objects []*unstructured.Unstructured, out io.Writer) error {
	changes, err := manager.ApplyAllStaged(ctx, objects, options())
	if err != nil {
		return err
	}
	for _, change := range changes.Entries {
		fmt.Fprintln(out, change.String())
	}
	return nil
}

func diff(ctx context.Context, manager *ssa.ResourceManager, objects []*unstructured.Unstructured, out io.Writer) error {
	for _, object := range objects {
		change, _, _, err := manager.Diff(ctx, object, ssa.DefaultDiffOptions())
		if err != nil {
			return err
		}
		fmt.Fprintln(out, change.String())
	}
	return nil
}

// options are those of kustomize-controller, for a Kustomization that sets none.
func options() ssa.ApplyOptions {
	options := ssa.DefaultApplyOptions()
	options.ExclusionSelector = map[string]string{group + "/reconcile": "disabled", group + "/ssa": "ignore"}
	options.IfNotPresentSelector = map[string]string{group + "/ssa": "IfNotPresent"}
	options.ForceSelector = map[string]string{group + "/force": "enabled"}
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations: []string{corev1.LastAppliedConfigAnnotation},
		FieldManagers: []ssa.FieldManager{
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
			{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
			{Name: controller, OperationType: metav1.ManagedFieldsOperationUpdate},
		},
		Exclusions: map[string]string{group + "/ssa": "merge"},
	}
	return options
}
