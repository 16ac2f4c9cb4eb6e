package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/config"
)

// HPASource is where HPAs come from: manifests, a cluster, or nowhere.
type HPASource struct {
	HPAs          []string
	Live          bool
	Namespace     string
	AllNamespaces bool
	Connection

	Flags *pflag.FlagSet // that were bound

	Sums bool // what Pods request, and ResourceQuotas, are wanted too; no flag, the command sets it
}

// Bind adds --hpas, --live, --namespace, --all-namespaces and the flags of the connection.
func (i *HPASource) Bind(flags *pflag.FlagSet) {
	i.Flags = flags
	flags.StringSliceVar(&i.HPAs, "hpas", nil, "read HPAs from manifests: files, directories or -, as kubectl get hpa -A -o yaml,\nhelm template and kustomize build print them; may be repeated")
	flags.BoolVar(&i.Live, "live", false, "read HPAs from the cluster that kubectl would ask; nothing is changed there")
	flags.StringVarP(&i.Namespace, "namespace", "n", "", "with --live the only namespace to read, with --hpas that of manifests without one")
	flags.BoolVarP(&i.AllNamespaces, "all-namespaces", "A", false, "with --live read all namespaces, which is the default without --namespace")
	i.Connection.Bind(flags)
}

// Check checks the flags together. schedules are the arguments that name schedules, one of which may be standard input.
func (i *HPASource) Check(schedules []string) error {
	for _, mistake := range i.mistakes(schedules) {
		if mistake.made {
			return errors.New(mistake.message)
		}
	}
	return cmp.Or(i.Expanded(schedules), CheckNamespace("namespace", i.Namespace))
}

// Expanded returns an error where the shell has made several arguments of --hpas DIRECTORY/*.yaml, so that all but the
// first seem to be schedules.
func (i *HPASource) Expanded(schedules []string) error {
	dirs := map[string]bool{}
	for _, path := range i.HPAs {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			dirs[filepath.Dir(path)] = true
		}
	}
	for _, path := range schedules {
		dir := filepath.Dir(path)
		if info, err := os.Stat(path); !dirs[dir] || err != nil || !info.Mode().IsRegular() {
			continue
		}
		files, err := config.ReadManifests(path)
		if err != nil || config.HoldsSchedule(files[0]) {
			continue
		}
		what := "no schedule"
		if bytes.Contains(files[0].Data, []byte(cluster.HPA)) {
			what = "HPAs and no schedule"
		}
		return fmt.Errorf("%s holds %s; give the directory: --hpas %s/ (of a pattern, the shell makes several arguments)", path, what, dir)
	}
	return nil
}

type mistake struct {
	made    bool
	message string
}

func (i *HPASource) mistakes(schedules []string) []mistake {
	manifests := len(i.HPAs) > 0
	asks := i.Given()
	if i.AllNamespaces {
		asks = "all-namespaces"
	}
	inputs := slices.Concat(schedules, i.HPAs)
	first := slices.Index(inputs, "-")
	return []mistake{
		{i.Flags != nil && i.Flags.Changed("hpas") && !manifests || slices.Contains(i.HPAs, ""), "--hpas needs a file, a directory or -, and here is nothing"},
		{i.Live && manifests, "--hpas and --live are two sources of HPAs; leave one of them out"},
		{!i.Live && asks != "", "--" + asks + " is for a cluster; give --live too"},
		{i.Namespace != "" && !i.Live && !manifests, "--namespace chooses among HPAs; give --live or --hpas too"},
		{i.AllNamespaces && i.Namespace != "", "give --namespace or --all-namespaces, and not both"},
		{
			first >= 0 && slices.Contains(inputs[first+1:], "-"),
			"- is standard input, which can be read once only; give the schedule or the HPAs as a file",
		},
	}
}

// Snapshot reads the HPAs and prints what it passes over. It returns nil where neither --hpas nor --live was given.
// schedules are as in Check. What the API server warns of is printed to stderr.
func (i *HPASource) Snapshot(ctx context.Context, schedules []string, stdin io.Reader, stderr io.Writer) (*cluster.Snapshot, error) {
	if err := i.Check(schedules); err != nil {
		return nil, err
	}
	snapshot, err := i.read(ctx, stdin, stderr)
	if snapshot != nil && len(snapshot.Problems) > 0 {
		PrintProblems(stderr, nil, snapshot.Problems)
	}
	return snapshot, err
}

// read reads the HPAs after a check.
func (i *HPASource) read(ctx context.Context, stdin io.Reader, stderr io.Writer) (*cluster.Snapshot, error) {
	if i.Live {
		c, err := i.Connect(stderr)
		if err != nil {
			return nil, err
		}
		snapshot, err := cluster.Live(ctx, c, cluster.Options{Namespace: i.Namespace, Sums: i.Sums})
		if err == nil {
			err = i.readLimit(ctx, c, snapshot, stderr)
		}
		return snapshot, err
	}
	if len(i.HPAs) == 0 {
		return nil, nil
	}
	objects, passed, files, err := ReadObjects(cluster.HPA, i.HPAs, stdin)
	if err != nil {
		return nil, err
	}
	snapshot, err := cluster.FromObjects(objects, passed, i.Namespace)
	return snapshot, withFiles(err, files)
}

// Only returns the one namespace whose HPAs are read, and "" where those of others are as well.
func (i *HPASource) Only() string {
	if !i.Live {
		return ""
	}
	return i.Namespace
}
