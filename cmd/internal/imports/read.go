package imports

import (
	"context"
	"errors"
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
	"github.com/floorkeeper/floorkeeper/config"
)

// kind is a kind of objects that an import reads from a cluster.
type kind struct {
	apiVersion, kind string
	clusterWide      bool
}

// read reads the objects from manifests or from the cluster.
func (c *command) read(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) ([]manifests.Object, error) {
	if c.live {
		if c.Namespace != "" && c.elsewhere != "" {
			fmt.Fprintf(stderr, "floorkeeper: only the namespace %s is read; %s\n", c.Namespace, c.elsewhere)
		}
		return c.readCluster(ctx, stderr)
	}
	var files []config.File
	for _, arg := range args {
		read, err := readFiles(arg, stdin)
		if err != nil {
			return nil, err
		}
		files = append(files, read...)
	}
	objects, err := manifests.Parse(files...)
	if problems := config.Problems(nil); errors.As(err, &problems) {
		cli.PrintProblems(stderr, files, problems)
		return nil, cli.ExitError{Code: cli.ExitFailed}
	}
	return objects, err
}

func readFiles(arg string, stdin io.Reader) ([]config.File, error) {
	if arg != "-" {
		return manifests.Read(arg)
	}
	file, err := manifests.ReadFrom(stdin, cli.StandardInput)
	return []config.File{file}, err
}

// readCluster reads all kinds that the import knows. A kind that the API server does not have is passed over; one that
// the user may not list is reported.
func (c *command) readCluster(ctx context.Context, stderr io.Writer) ([]manifests.Object, error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, k := range c.kinds {
		scope := meta.RESTScopeNamespace
		if k.clusterWide {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(schema.FromAPIVersionAndKind(k.apiVersion, k.kind), scope)
	}
	rest, err := c.RESTConfig(stderr)
	if err != nil {
		return nil, err
	}
	reader, err := client.New(rest, client.Options{Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	var all []manifests.Object
	for _, k := range c.kinds {
		found, err := c.list(ctx, reader, k)
		switch {
		case apierrors.IsNotFound(err):
		case apierrors.IsForbidden(err):
			fmt.Fprintf(stderr, "floorkeeper: what needs them is missing below: %v\n", err)
		case err != nil:
			return nil, fmt.Errorf("cannot list objects of the kind %s: %w", k.kind, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// list lists all objects of a kind.
func (c *command) list(ctx context.Context, reader client.Reader, k kind) (all []manifests.Object, err error) {
	namespace := c.Namespace
	if k.clusterWide {
		namespace = ""
	}
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(k.apiVersion)
	list.SetKind(k.kind + "List")
	err = cluster.Each(ctx, reader, list, func() { all = nil }, func(object runtime.Object) {
		if item, ok := object.(*unstructured.Unstructured); ok {
			item.SetAPIVersion(k.apiVersion)
			item.SetKind(k.kind)
			all = append(all, manifests.Object{Unstructured: *item})
		}
	}, client.InNamespace(namespace))
	return all, err
}
