package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
)

// inputs say where HPAs come from: manifests, a cluster, or nowhere. Every error is an exitError with exitFailed.
type inputs struct {
	hpas          []string
	live          bool
	namespace     string
	allNamespaces bool
	connection

	flags *pflag.FlagSet // that were bound

	sums bool // what Pods request, and ResourceQuotas, are wanted too; no flag, the command sets it
}

// bind adds --hpas, --live, --namespace, --all-namespaces, --kubeconfig and --context.
func (i *inputs) bind(flags *pflag.FlagSet) {
	i.flags = flags
	flags.StringSliceVar(&i.hpas, "hpas", nil, "read HPAs from manifests: files, directories or -, as kubectl get hpa -A -o yaml,\nhelm template and kustomize build print them; may be repeated")
	flags.BoolVar(&i.live, "live", false, "read HPAs from the cluster that kubectl would ask; nothing is changed there")
	flags.StringVarP(&i.namespace, "namespace", "n", "", "with --live the only namespace to read, with --hpas that of manifests without one")
	flags.BoolVarP(&i.allNamespaces, "all-namespaces", "A", false, "with --live read all namespaces, which is the default without --namespace")
	i.connection.bind(flags)
}

// check looks at the flags together. schedules are the arguments that name schedules, of which one may be standard input.
func (i *inputs) check(schedules []string) error {
	for _, mistake := range i.mistakes(schedules) {
		if mistake.made {
			return errors.New(mistake.message)
		}
	}
	return checkNamespace("namespace", i.namespace)
}

// mistake is a combination of flags that cannot be meant.
type mistake struct {
	made    bool
	message string
}

func (i *inputs) mistakes(schedules []string) []mistake {
	manifests := len(i.hpas) > 0
	asks := i.allNamespaces || i.kubeconfig != "" || i.context != ""
	return []mistake{
		{i.flags != nil && i.flags.Changed("hpas") && !manifests, "--hpas needs a file, a directory or -, and here is nothing"},
		{i.live && manifests, "--hpas and --live both say where the HPAs come from; leave one of them out"},
		{!i.live && asks, "--all-namespaces, --kubeconfig and --context say which cluster to ask; give --live too"},
		{i.namespace != "" && !i.live && !manifests, "--namespace says which HPAs to read; give --live or --hpas too"},
		{i.allNamespaces && i.namespace != "", "give --namespace or --all-namespaces, and not both"},
		{
			repeated(slices.Concat(schedules, i.hpas), "-"),
			"- is standard input, which can be read once only; give the schedule or the HPAs as a file",
		},
	}
}

// repeated says whether a name comes more than once.
func repeated(names []string, name string) bool {
	first := slices.Index(names, name)
	return first >= 0 && slices.Contains(names[first+1:], name)
}

// snapshot reads the HPAs. It returns nil where neither --hpas nor --live was given. schedules are as in check. Problems
// of manifests are printed to stderr.
func (i *inputs) snapshot(ctx context.Context, schedules []string, stdin io.Reader, stderr io.Writer) (*cluster.Snapshot, error) {
	if err := i.check(schedules); err != nil {
		return nil, exitError{exitFailed, err}
	}
	switch {
	case i.live:
		return i.ask(ctx, stderr)
	case len(i.hpas) > 0:
		return i.readManifests(stdin, stderr)
	default:
		return nil, nil
	}
}

// only returns the one namespace whose HPAs are read, and "" where those of others are as well.
func (i *inputs) only() string {
	if !i.live {
		return ""
	}
	return i.namespace
}

// ask reads the HPAs of a cluster.
func (i *inputs) ask(ctx context.Context, stderr io.Writer) (*cluster.Snapshot, error) {
	c, err := i.connect(stderr)
	if err != nil {
		return nil, exitError{exitFailed, err}
	}
	s, err := cluster.Live(ctx, c, cluster.Options{Namespace: i.namespace, Sums: i.sums})
	if err != nil {
		return nil, exitError{exitFailed, err}
	}
	return s, nil
}

// readManifests reads the HPAs of manifests.
func (i *inputs) readManifests(stdin io.Reader, stderr io.Writer) (*cluster.Snapshot, error) {
	files, err := readManifestFiles(i.hpas, stdin)
	var objects []manifests.Object
	if err == nil {
		objects, err = manifests.Parse(files...)
	}
	var s *cluster.Snapshot
	if err == nil {
		s, err = cluster.FromObjects(objects, i.namespace)
	}
	if problems := config.Problems(nil); errors.As(err, &problems) {
		printProblems(stderr, files, problems)
		return nil, exitError{code: exitFailed}
	}
	if err != nil {
		return nil, exitError{exitFailed, err}
	}
	return s, nil
}

// readManifestFiles reads files, directories and standard input. The error is config.Problems where a directory holds no
// manifests.
func readManifestFiles(paths []string, stdin io.Reader) (all []config.File, err error) {
	for _, path := range paths {
		var files []config.File
		switch path {
		case "":
			err = errors.New("--hpas needs a file, a directory or -, and here is nothing")
		case "-":
			files = make([]config.File, 1)
			files[0], err = manifests.ReadFrom(stdin, standardInput)
		default:
			files, err = manifests.Read(path)
		}
		if err != nil {
			return all, err
		}
		all = append(all, files...)
	}
	return all, nil
}
