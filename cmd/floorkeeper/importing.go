package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
)

// importPage is how many objects are asked for at a time, as kubectl does it.
const importPage = 500

// importKind is a kind of objects that an import reads from a cluster.
type importKind struct {
	apiVersion, kind string
	clusterWide      bool
}

// objects reads the objects from manifests or from the cluster.
func (o *importOptions) objects(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) ([]manifests.Object, error) {
	if o.live {
		if o.options.Namespace != "" && o.importer.elsewhere != "" {
			fmt.Fprintf(stderr, "floorkeeper: only the namespace %s is read; %s\n", o.options.Namespace, o.importer.elsewhere)
		}
		return o.ask(ctx, stderr)
	}
	var files []config.File
	for _, arg := range args {
		read, err := importFiles(arg, stdin)
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
	if err != nil {
		return nil, err
	}
	return objects, nil
}

func importFiles(arg string, stdin io.Reader) ([]config.File, error) {
	if arg != "-" {
		return manifests.Read(arg)
	}
	file, err := manifests.ReadFrom(stdin, cli.StandardInput)
	return []config.File{file}, err
}

// ask reads all kinds that the import knows. A kind that the API server does not have is passed over; one that the user
// may not list is said.
func (o *importOptions) ask(ctx context.Context, stderr io.Writer) ([]manifests.Object, error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range o.importer.kinds {
		scope := meta.RESTScopeNamespace
		if kind.clusterWide {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(schema.FromAPIVersionAndKind(kind.apiVersion, kind.kind), scope)
	}
	config, err := o.RESTConfig(stderr)
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	var all []manifests.Object
	for _, kind := range o.importer.kinds {
		found, err := o.list(ctx, c, kind)
		switch {
		case apierrors.IsNotFound(err):
		case apierrors.IsForbidden(err):
			fmt.Fprintf(stderr, "floorkeeper: what needs them is missing below: %v\n", err)
		case err != nil:
			return nil, fmt.Errorf("cannot list objects of the kind %s: %w", kind.kind, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// list reads all objects of a kind, page by page.
func (o *importOptions) list(ctx context.Context, c client.Reader, kind importKind) ([]manifests.Object, error) {
	var all []manifests.Object
	for next := ""; ; {
		page := &unstructured.UnstructuredList{}
		page.SetAPIVersion(kind.apiVersion)
		page.SetKind(kind.kind + "List")
		options := []client.ListOption{client.Limit(importPage), client.Continue(next)}
		if !kind.clusterWide {
			options = append(options, client.InNamespace(o.options.Namespace))
		}
		if err := c.List(ctx, page, options...); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			item.SetAPIVersion(kind.apiVersion)
			item.SetKind(kind.kind)
			all = append(all, manifests.Object{Unstructured: item})
		}
		if next = page.GetContinue(); next == "" {
			return all, nil
		}
	}
}
