// Package imports is floorkeeper import. It turns what other tools know of traffic into a floorkeeper schedule: the annotations and events of
// prescaling-exporter, the CronJobs of hpa-time-scaler, the cron triggers of KEDA, and the schedules of
// kube-metrics-adapter. Whatever cannot be carried over exactly has a comment at its line.
//
// Where a tool did not do what its text evidently means, the schedule contains what is meant, and a comment names the
// difference. What such a comment claims was read in the tool's source.
//
// The conversions are pure: objects in, a [Draft] out. Whatever the objects hold, the draft's text is a valid schedule:
// each entry is given to config.Parse, and one that it refuses becomes a comment. robfig/cron reads cron lines because
// KEDA and Kubernetes read theirs with it.
//
// Read command.go first for the command, or draft.go and entry.go for the result; then the file of one tool. calendar.go
// turns stretches of time into windows.
package imports

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

type tool struct {
	name, alias, short, reads string
	zones                     bool // its times may lack a time zone
	kinds                     []schema.GroupVersionKind
	convert                   func([]manifests.Object, Options) *Draft
	nothing                   string // what was not found
	elsewhere                 string // what is not in the namespaces of the HPAs
}

func tools() []tool {
	type kind = schema.GroupVersionKind
	hpas := autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler")
	deployments := appsv1.SchemeGroupVersion.WithKind("Deployment")
	return []tool{
		{
			name: "prescaling-exporter", alias: "bedrock", zones: true, convert: PrescalingExporter,
			short:     "From BedrockStreaming: HPA annotations and PrescalingEvents",
			reads:     "HPAs, PrescalingEvents, and the exporter's Deployment, whose variable TZ is the zone of all times",
			kinds:     []kind{hpas, {Group: "prescaling.bedrock.tech", Version: "v1", Kind: "PrescalingEvent"}, deployments},
			nothing:   "no HPA with the annotation annotations.scaling.exporter.replica.min and no PrescalingEvent",
			elsewhere: "PrescalingEvents and the exporter's Deployment are in that of the exporter",
		},
		{
			name: "hpa-time-scaler", convert: HPATimeScaler,
			short:   "From reecetech: CronJobs and their ConfigMaps",
			reads:   "CronJobs, the ConfigMaps of their environments, and HPAs, to compare their minReplicas",
			kinds:   []kind{{Group: "batch", Version: "v1", Kind: "CronJob"}, {Version: "v1", Kind: "ConfigMap"}, hpas},
			nothing: "no CronJob with the image hpa-time-scaler or the variable SCALE_UP_TIME",
		},
		{
			name: "keda", convert: KEDA,
			short:   "From KEDA: cron triggers of ScaledObjects",
			reads:   "ScaledObjects, HPAs of your own that have the same targets, and ScaledJobs, to name those that must stay",
			kinds:   []kind{{Group: kedaGroup, Version: "v1alpha1", Kind: "ScaledObject"}, {Group: kedaGroup, Version: "v1alpha1", Kind: "ScaledJob"}, hpas},
			nothing: "no ScaledObject with a trigger of type cron",
		},
		{
			name: "kube-metrics-adapter", alias: "scaling-schedule", zones: true, convert: KubeMetricsAdapter,
			short: "From zalando-incubator: ScalingSchedules and ClusterScalingSchedules",
			reads: "ScalingSchedules, ClusterScalingSchedules, the HPAs that use them, and the adapter's Deployment for its flags",
			kinds: []kind{
				{Group: zalandoGroup, Version: "v1", Kind: scalingSchedule}, {Group: zalandoGroup, Version: "v1", Kind: clusterSchedule}, hpas, deployments,
			},
			nothing:   "no ScalingSchedule and no ClusterScalingSchedule",
			elsewhere: "the adapter's Deployment, which has its flags, is in another one",
		},
	}
}

const help = `Make a schedule of what another tool is set to, and print it on standard output.

The tool's objects are read from manifests, or with --live from the cluster; nothing is
changed anywhere. The result is always a valid schedule. What could not be carried over
exactly is noted in a comment at its line, which begins with CHECK:, and once more on
standard error. Where a tool did not do what its text means, the schedule says what is
meant, and the comment what the tool did.

Exit codes: 0 imported, 2 nothing found or imported, unreadable, or a wrong
command line, 3 imported with comments, with --fail-on-warn.`

// NewCommand returns floorkeeper import, with a command for each tool.
func NewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import TOOL FILE|DIR...|- | TOOL --live",
		Short: "Make a schedule of what another tool is set to",
		Long:  help,
		Example: `  floorkeeper import keda manifests/ > schedule.yaml
  floorkeeper import prescaling-exporter --live > schedule.yaml
  kubectl get cronjobs,configmaps,hpa -A -o yaml | floorkeeper import hpa-time-scaler -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("say which tool to import from; see import --help")
			}
			return fmt.Errorf("%q is no tool that can be imported from; see import --help", args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	for _, t := range tools() {
		cmd.AddCommand(t.command())
	}
	return cmd
}

type command struct {
	cli.Connection
	Options
	tool
	live, failOnWarn bool
}

func (t tool) command() *cobra.Command {
	c := &command{tool: t}
	cmd := &cobra.Command{
		Use:   t.name + " FILE|DIR...|- | --live",
		Short: t.short,
		Long: "Make a schedule of what " + t.name + ` is set to.

It reads ` + t.reads + `.
Other kinds are passed over. Of a directory its *.yaml, *.yml and *.json files
are read, and - is standard input.

The docs show what becomes what, and in which order to replace the tool.

Exit codes: 0 imported, 2 nothing found, unreadable, or a wrong command line,
3 imported with comments, with --fail-on-warn.`,
		ValidArgsFunction: cli.CompleteManifests,
		Annotations:       cli.Documented("migrate-" + t.name + ".md"),
		Example: "  floorkeeper import " + t.name + " manifests/ > schedule.yaml\n" +
			"  floorkeeper import " + t.name + " --live > schedule.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.check(args); err != nil {
				return err
			}
			return c.run(cmd.Context(), args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	if t.alias != "" {
		cmd.Aliases = []string{t.alias}
	}
	flags := cmd.Flags()
	flags.BoolVar(&c.live, "live", false, "read the objects from the cluster that kubectl would ask; nothing is changed there")
	flags.StringVarP(&c.Namespace, "namespace", "n", "", "with --live the only namespace to read, else that of manifests without one\n(default: all, and default)")
	if t.zones {
		flags.StringVar(&c.TimeZone, "time-zone", "", "the IANA time zone of times whose zone the objects do not contain")
	}
	flags.BoolVar(&c.failOnWarn, "fail-on-warn", false, "exit with 3 where something could not be carried over exactly")
	c.Bind(flags)
	return cmd
}

func (c *command) check(args []string) error {
	switch {
	case c.live && len(args) > 0:
		return errors.New("give manifests or --live, and not both")
	case !c.live && len(args) == 0:
		return fmt.Errorf("give the manifests to read, - or --live; see import %s --help", c.name)
	case !c.live && c.Given() != "":
		return fmt.Errorf("--%s is for a cluster; give --live too", c.Given())
	case c.TimeZone != "" && !legalZone(c.TimeZone):
		return fmt.Errorf("cannot use --time-zone: %q is not an IANA time zone such as Europe/Paris", c.TimeZone)
	}
	return cli.CheckNamespace("namespace", c.Namespace)
}

func (c *command) run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	draft, err := c.draft(ctx, args, stdin, stderr)
	if err != nil {
		return err
	}
	schedule, notes := draft.Write()
	if _, err := config.Parse(source.File{Name: "the result", Data: []byte(schedule)}); err != nil {
		return fmt.Errorf("cannot make one schedule of all this, import fewer objects at a time: %w", err)
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, note)
	}
	if len(draft.Windows)+len(draft.Events) == 0 {
		return errors.New("nothing could be imported, for the reasons above; no schedule is written")
	}
	if _, err := io.WriteString(stdout, schedule); err != nil {
		return fmt.Errorf("cannot write the schedule: %w", err)
	}
	fmt.Fprintf(stderr, "imported %s and %s; %s to check\n", text.Count(len(draft.Windows), "window"),
		text.Count(len(draft.Events), "event"), text.Count(len(notes), "comment"))
	if c.failOnWarn && len(notes) > 0 {
		return cli.ExitError{Code: cli.ExitWarned}
	}
	return nil
}

// draft reads the objects and converts them.
func (c *command) draft(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) (*Draft, error) {
	var objects []manifests.Object
	var passed source.Problems
	var err error
	if c.live {
		objects, err = c.readCluster(ctx, stderr)
	} else {
		objects, passed, _, err = cli.ReadObjects("apiVersion", args, stdin)
	}
	if err != nil {
		return nil, err
	}
	draft := c.convert(objects, c.Options)
	draft.noteGaps()
	draft.noteZones()
	if draft.Found == 0 {
		passed = passed.Raised()
	}
	if passed = manifests.Folded(passed); len(passed) > 0 {
		cli.PrintProblems(stderr, nil, passed)
	}
	if draft.Found == 0 {
		return nil, fmt.Errorf("found %s among %s", c.nothing, text.Count(len(objects), "object"))
	}
	return draft, nil
}

// readCluster reads all kinds that the import knows. A kind that the API server does not have is passed over; one that
// the user may not list is reported.
func (c *command) readCluster(ctx context.Context, stderr io.Writer) (all []manifests.Object, err error) {
	if c.Namespace != "" && c.elsewhere != "" {
		fmt.Fprintf(stderr, "floorkeeper: only the namespace %s is read; %s\n", c.Namespace, c.elsewhere)
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range c.kinds {
		scope := meta.RESTScopeNamespace
		if kind.Kind == clusterSchedule {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(kind, scope)
	}
	reader, err := c.NewClient(client.Options{Mapper: mapper}, stderr)
	if err != nil {
		return nil, err
	}
	for _, kind := range c.kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		found, err := cluster.List[unstructured.Unstructured](ctx, reader, list, client.InNamespace(c.Namespace))
		switch err := client.IgnoreNotFound(err); {
		case apierrors.IsForbidden(err):
			fmt.Fprintf(stderr, "floorkeeper: what needs them is missing below: %v\n", cluster.Advised(err))
		case err != nil:
			return nil, fmt.Errorf("cannot list objects of the kind %s: %w", kind.Kind, cluster.Advised(err))
		}
		for _, object := range found {
			all = append(all, manifests.Object{Unstructured: object})
		}
	}
	return all, nil
}
