package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
)

// importer is a tool that a schedule can be imported from.
type importer struct {
	tool, aliases, short, reads string
	zones                       bool // its times may lack a time zone
	kinds                       []importKind
	convert                     func([]manifests.Object, imports.Options) *imports.Draft
	nothing                     string // what was not found
	elsewhere                   string // what is not in the namespaces of the HPAs
}

// importers returns all tools.
func importers() []importer {
	hpas := importKind{"autoscaling/v2", "HorizontalPodAutoscaler", false}
	deployments := importKind{"apps/v1", "Deployment", false}
	return []importer{
		{
			tool: "prescaling-exporter", aliases: "bedrock", zones: true, convert: imports.PrescalingExporter,
			short:   "Import from BedrockStreaming/prescaling-exporter: HPA annotations and PrescalingEvents",
			reads:   "HPAs, PrescalingEvents, and the exporter's Deployment, whose variable TZ is the zone of all times",
			kinds:   []importKind{hpas, {"prescaling.bedrock.tech/v1", "PrescalingEvent", false}, deployments},
			nothing: "no HPA with the annotation annotations.scaling.exporter.replica.min and no PrescalingEvent",

			elsewhere: "PrescalingEvents and the exporter's Deployment are in that of the exporter",
		},
		{
			tool: "hpa-time-scaler", convert: imports.HPATimeScaler,
			short:   "Import from reecetech/hpa-time-scaler: CronJobs and their ConfigMaps",
			reads:   "CronJobs, the ConfigMaps of their environments, and HPAs, to compare their minReplicas",
			kinds:   []importKind{{"batch/v1", "CronJob", false}, {"v1", "ConfigMap", false}, hpas},
			nothing: "no CronJob with the image hpa-time-scaler or the variable SCALE_UP_TIME",
		},
		{
			tool: "keda", convert: imports.KEDA,
			short:   "Import from KEDA: cron triggers of ScaledObjects",
			reads:   "ScaledObjects, HPAs of your own that have the same targets, and ScaledJobs, to name those that must stay",
			kinds:   []importKind{{"keda.sh/v1alpha1", "ScaledObject", false}, {"keda.sh/v1alpha1", "ScaledJob", false}, hpas},
			nothing: "no ScaledObject with a trigger of type cron",
		},
		{
			tool: "kube-metrics-adapter", aliases: "scaling-schedule", zones: true, convert: imports.KubeMetricsAdapter,
			short: "Import from zalando-incubator/kube-metrics-adapter: ScalingSchedules and ClusterScalingSchedules",
			reads: "ScalingSchedules, ClusterScalingSchedules, the HPAs that use them, and the adapter's Deployment for its flags",
			kinds: []importKind{
				{"zalando.org/v1", "ScalingSchedule", false},
				{"zalando.org/v1", "ClusterScalingSchedule", true},
				hpas, deployments,
			},
			nothing: "no ScalingSchedule and no ClusterScalingSchedule",

			elsewhere: "the adapter's Deployment, which has its flags, is in another one",
		},
	}
}

func newImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import TOOL FILE|DIR...|- | TOOL --live",
		Short: "Make a schedule of what another tool is set to",
		Long: `Make a schedule of what another tool is set to, and print it on standard output.

The tool's objects are read from manifests, or with --live from the cluster; nothing is
changed anywhere. The result is always a valid schedule. What could not be carried over
exactly is said in a comment at its line, which begins with CHECK:, and once more on
standard error. Where a tool did not do what its text means, the schedule says what is
meant, and the comment what the tool did.

Exit codes: 0 imported, 2 nothing found, unreadable, or a wrong command line,
3 imported with comments, with --fail-on-warn.`,
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
	for _, i := range importers() {
		cmd.AddCommand(i.command())
	}
	return cmd
}

// importOptions are the flags of the import of one tool.
type importOptions struct {
	cli.Connection
	importer   importer
	live       bool
	failOnWarn bool
	options    imports.Options
}

func (i importer) command() *cobra.Command {
	o := &importOptions{importer: i}
	cmd := &cobra.Command{
		Use:   i.tool + " FILE|DIR...|- | --live",
		Short: i.short,
		Long: i.short + `.

It reads ` + i.reads + `.
Other kinds are passed over. A directory stands for its *.yaml, *.yml and *.json
files, - for standard input.

See docs/migrate-` + i.tool + `.md for what becomes what, and in which order to
replace the tool.`,
		Example: "  floorkeeper import " + i.tool + " manifests/ > schedule.yaml\n" +
			"  floorkeeper import " + i.tool + " --live > schedule.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return err
			}
			return o.run(cmd.Context(), args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	if i.aliases != "" {
		cmd.Aliases = []string{i.aliases}
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.live, "live", false, "read the objects from the cluster that kubectl would ask; nothing is changed there")
	flags.StringVarP(&o.options.Namespace, "namespace", "n", "", "with --live the only namespace to read, else that of manifests without one\n(default: all, and default)")
	if i.zones {
		flags.StringVar(&o.options.TimeZone, "time-zone", "", "the IANA time zone of times whose zone the objects do not say")
	}
	flags.BoolVar(&o.failOnWarn, "fail-on-warn", false, "exit with 3 where something could not be carried over exactly")
	o.Bind(flags)
	return cmd
}

// check looks at flags and arguments together.
func (o *importOptions) check(args []string) error {
	switch {
	case o.live && len(args) > 0:
		return errors.New("give manifests or --live, and not both")
	case !o.live && len(args) == 0:
		return fmt.Errorf("give the manifests to read, - or --live; see import %s --help", o.importer.tool)
	case !o.live && (o.Kubeconfig != "" || o.Context != ""):
		return errors.New("--kubeconfig and --context say which cluster to ask; give --live too")
	}
	if zone := o.options.TimeZone; zone != "" && !imports.LegalZone(zone) {
		return fmt.Errorf("cannot use --time-zone: %q is not an IANA time zone such as Europe/Paris", zone)
	}
	return cli.CheckNamespace("namespace", o.options.Namespace)
}

// run reads the objects and prints the schedule that they make, and on stderr what of it needs a look.
func (o *importOptions) run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	objects, err := o.objects(ctx, args, stdin, stderr)
	if err != nil {
		return err
	}
	draft := o.importer.convert(objects, o.options)
	if draft.Found == 0 {
		return fmt.Errorf("found %s among %s", o.importer.nothing, cli.Count(len(objects), "object"))
	}
	text, notes := draft.Write()
	if _, err := config.Parse(config.File{Name: "the result", Data: []byte(text)}); err != nil {
		return fmt.Errorf("cannot make one schedule of all this, import fewer objects at a time: %w", err)
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		return fmt.Errorf("cannot write the schedule: %w", err)
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, note)
	}
	fmt.Fprintf(stderr, "imported %s and %s; %s to check\n", cli.Count(len(draft.Windows), "window"), cli.Count(len(draft.Events), "event"),
		cli.Count(len(notes), "comment"))
	if len(draft.Windows)+len(draft.Events) == 0 {
		fmt.Fprintln(stderr, "nothing could be imported: this schedule asks for no floor, and in place of one that runs it releases every HPA")
	}
	if o.failOnWarn && len(notes) > 0 {
		return cli.ExitError{Code: cli.ExitWarned}
	}
	return nil
}
