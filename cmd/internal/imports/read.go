package imports

import (
	"context"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

func (c *command) read(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) ([]manifests.Object, error) {
	if c.live {
		if c.Namespace != "" && c.elsewhere != "" {
			fmt.Fprintf(stderr, "floorkeeper: only the namespace %s is read; %s\n", c.Namespace, c.elsewhere)
		}
		return c.readCluster(ctx, stderr)
	}
	objects, _, err := cli.ReadObjects(args, stdin)
	return objects, err
}

// readCluster reads all kinds that the import knows. A kind that the API server does not have is passed over; one that
// the user may not list is reported.
func (c *command) readCluster(ctx context.Context, stderr io.Writer) (all []manifests.Object, err error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range c.kinds {
		mapper.Add(kind, scopeOf(kind))
	}
	rest, err := c.RESTConfig(stderr)
	if err != nil {
		return nil, err
	}
	reader, err := client.New(rest, client.Options{Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	for _, kind := range c.kinds {
		found, err := c.list(ctx, reader, kind)
		switch {
		case apierrors.IsNotFound(err):
		case apierrors.IsForbidden(err):
			fmt.Fprintf(stderr, "floorkeeper: what needs them is missing below: %v\n", err)
		case err != nil:
			return nil, fmt.Errorf("cannot list objects of the kind %s: %w", kind.Kind, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func scopeOf(kind schema.GroupVersionKind) meta.RESTScope {
	if kind.Kind == clusterSchedule {
		return meta.RESTScopeRoot
	}
	return meta.RESTScopeNamespace
}

func (c *command) list(ctx context.Context, reader client.Reader, kind schema.GroupVersionKind) (all []manifests.Object, err error) {
	namespace := c.Namespace
	if scopeOf(kind) == meta.RESTScopeRoot {
		namespace = ""
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	err = cluster.Each(ctx, reader, list, func() { all = nil }, func(object runtime.Object) {
		if item, ok := object.(*unstructured.Unstructured); ok {
			item.SetGroupVersionKind(kind)
			all = append(all, manifests.Object{Unstructured: *item})
		}
	}, client.InNamespace(namespace))
	return all, err
}
