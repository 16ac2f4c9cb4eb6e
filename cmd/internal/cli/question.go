package cli

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
)

// question is an unfinished command line.
type question struct {
	ctx  context.Context
	cmd  *cobra.Command
	args []string
}

func (q *question) flag(name string) string {
	flag := q.cmd.Flags().Lookup(name)
	if flag == nil {
		return ""
	}
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		if values := list.GetSlice(); len(values) == 1 {
			return values[0]
		}
		return ""
	}
	return flag.Value.String()
}

// connection returns the one that the flags of the command line describe.
func (q *question) connection() *Connection {
	c, flags := &Connection{}, pflag.NewFlagSet("", pflag.ContinueOnError)
	c.Bind(flags)
	q.cmd.Flags().Visit(func(given *pflag.Flag) {
		values := []string{given.Value.String()}
		if list, ok := given.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			_ = flags.Set(given.Name, value) // of the connection; others it does not know
		}
	})
	return c
}

// kubeconfig returns the names of contexts, clusters or users.
func (q *question) kubeconfig(what string) []string {
	raw, err := q.connection().clientConfig().RawConfig()
	if err != nil {
		return nil
	}
	switch what {
	case clientcmd.FlagContext:
		return slices.Collect(maps.Keys(raw.Contexts))
	case clientcmd.FlagClusterName:
		return slices.Collect(maps.Keys(raw.Clusters))
	default:
		return slices.Collect(maps.Keys(raw.AuthInfos))
	}
}

// list returns the metadata of the objects of a kind in the cluster, as far as they can be read.
func (q *question) list(kind schema.GroupVersionKind, namespace string) (names []metav1.ObjectMeta) {
	c, err := q.connection().Connect(io.Discard)
	if err != nil {
		return nil
	}
	empty := &metav1.PartialObjectMetadataList{}
	empty.SetGroupVersionKind(kind)
	found, _ := cluster.List[metav1.PartialObjectMetadata](q.ctx, c, empty, client.InNamespace(namespace))
	for i := range found {
		names = append(names, found[i].ObjectMeta)
	}
	return names
}

// namespaces returns those of the cluster, or of what the command line names without one.
func (q *question) namespaces() (names []string) {
	if local, known := q.local(); known {
		for _, hpa := range local {
			names = append(names, hpa.Namespace)
		}
		return names
	}
	for _, namespace := range q.list(corev1.SchemeGroupVersion.WithKind("Namespace"), "") {
		names = append(names, namespace.Name)
	}
	return names
}

func (q *question) configMaps() (names []string) {
	for _, m := range q.list(corev1.SchemeGroupVersion.WithKind("ConfigMap"), "") {
		names = append(names, m.Namespace+"/"+m.Name)
	}
	return names
}

// hpas returns NAMESPACE/NAME, and NAME alone where --namespace or the context gives the namespace.
func (q *question) hpas() (names []string) {
	given := q.flag("namespace")
	own := given
	if own == "" && q.cmd.Name() == "status" {
		own, _ = q.connection().ContextNamespace()
	}
	for _, hpa := range q.known(given, own) {
		full := hpa.Namespace + "/" + hpa.Name
		if strings.Contains(full, "*") || slices.Contains(q.args, full) { // a placeholder, or given already
			continue
		}
		if hpa.Namespace == own {
			names = append(names, hpa.Name)
		}
		if given == "" {
			names = append(names, full)
		}
	}
	return names
}

// known returns the HPAs that the command line leads to. Who may not list those of all namespaces may list one's own.
func (q *question) known(namespace, own string) []metav1.ObjectMeta {
	if local, known := q.local(); known {
		return local
	}
	kind := autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler")
	if all := q.list(kind, namespace); all != nil || namespace == own {
		return all
	}
	return q.list(kind, own)
}

// local returns the HPAs of --hpas, or else those that schedules name where no cluster is asked, and whether it is these
// that the command is about.
func (q *question) local() (hpas []metav1.ObjectMeta, known bool) {
	read := func(all []autoscalingv2.HorizontalPodAutoscaler) {
		for i := range all {
			hpas = append(hpas, all[i].ObjectMeta)
		}
	}
	noInput := func(path string) bool { return path == "-" }
	given, _ := q.cmd.Flags().GetStringSlice("hpas")
	if given = slices.DeleteFunc(given, noInput); len(given) > 0 {
		source := HPASource{HPAs: given, Namespace: q.flag("namespace")}
		if snapshot, err := source.Snapshot(q.ctx, nil, nil, io.Discard); err == nil {
			read(snapshot.HPAs)
		}
		return hpas, true
	}
	paths := slices.DeleteFunc(slices.Clone(q.args), noInput)
	if live := q.cmd.Flags().Lookup("live"); live == nil || live.Changed || len(paths) == 0 {
		return nil, false
	}
	if source := ReadSchedule(paths, nil); source.Schedule != nil {
		read(HPAsOf(nil, source.Schedule))
	}
	return hpas, true
}
