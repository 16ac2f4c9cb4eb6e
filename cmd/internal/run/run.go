// Package run is floorkeeper run: the controller, its leader election, health endpoint and page.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/text"
	"github.com/floorkeeper/floorkeeper/zones"
)

// NewCommand returns floorkeeper run.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "run --schedule FILE|DIRECTORY",
		Short: "Run the controller", Annotations: cli.Documented("operations.md"),
		Long: `Run the controller: follow the schedule and keep every HorizontalPodAutoscaler at its floor.

Several replicas may run; the one that holds the Lease acts and the others stand by. Until a first valid
schedule has been read, nothing is touched, the election is not joined and /readyz fails. A later edit that
is invalid changes nothing: the last good schedule stays in force.

Every flag can be given as an environment variable: FLOORKEEPER_LEADER_ELECT for --leader-elect. A flag
overrides the environment, and the environment the default.

Exit codes: 0 it was asked to end, 2 it could not start or go on, or the command line is wrong.`,
		Example: `  floorkeeper run --schedule /etc/floorkeeper/schedule
  floorkeeper run --schedule schedule.yaml --leader-elect=false --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.Environment(cmd.Flags()); err != nil {
				return err
			}
			logger, err := newLogger(cmd.ErrOrStderr(), o.logLevel, o.logFormat)
			if err != nil {
				return err
			}
			if err = o.complete(); err == nil {
				err = cli.UntilSignal(cmd.Context(), func(ctx context.Context) error { return run(ctx, o, logger, cmd.ErrOrStderr()) })
			}
			if err != nil && o.logFormat == "json" { // as all other lines
				logger.Error(err, "floorkeeper ends")
				return cli.ExitError{Code: cli.ExitFailed}
			}
			return err
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func run(ctx context.Context, o *options, logger logr.Logger, stderr io.Writer) error {
	logOthers(logger)
	kubeconfig, err := o.restConfig()
	if err != nil {
		return err
	}
	feed := controller.NewFeed()
	election, err := newLock(kubeconfig, o, feed, logger)
	if err != nil {
		return err
	}
	mgr, err := newManager(kubeconfig, o, feed, election, logger)
	if err != nil {
		return err
	}
	election.synced = func(ctx context.Context) error {
		_, err := mgr.GetCache().GetInformer(ctx, &autoscalingv2.HorizontalPodAutoscaler{})
		return err
	}
	if err := mgr.Add(o.follow(feed, logger, stderr)); err != nil {
		return fmt.Errorf("cannot follow the schedule: %w", err)
	}
	options := o.controllerOptions(feed, election)
	if options.Events, err = controller.NewEvents(kubeconfig, mgr.GetScheme(), time.Now); err != nil {
		return err
	}
	if err := controller.Setup(mgr, options); err != nil {
		return err
	}
	if err := o.addPage(mgr, feed, election, logger); err != nil {
		return err
	}
	logger.Info("starting", "version", cli.Version, "timeZones", zones.Release(), "schedule", o.schedule, "dryRun", o.dryRun)
	err = mgr.Start(ctx)
	if left := options.Events.Flush(eventsGrace); left > 0 { // the Lease is released: nobody waits for this
		logger.Info("Events were not sent in time", "count", left)
	}
	if err != nil {
		return fmt.Errorf("manager stopped: %w", err)
	}
	return nil
}

func newManager(kubeconfig *rest.Config, o *options, feed *controller.Feed, election *lock, logger logr.Logger) (manager.Manager, error) {
	scheme, newInformer := cli.NewScheme(), controller.NewInformer
	if len(o.namespaces) > 0 {
		o.watched = controller.NewNamespaces(metrics.Registry)
		newInformer = o.watched.NewInformer
	}
	mgr, err := ctrl.NewManager(kubeconfig, ctrl.Options{
		Scheme:                 scheme,
		MapperProvider:         func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return cli.NewMapper(scheme), nil },
		Logger:                 logger,
		Cache:                  cache.Options{DefaultNamespaces: o.cacheNamespaces(), NewInformer: newInformer, DefaultTransform: autoscaler.Trim},
		Metrics:                o.metricsServer(),
		HealthProbeBindAddress: o.healthAddress,
		PprofBindAddress:       o.pprofAddress,
		LeaderElection:         o.leaderElect,
		LeaseDuration:          new(endless + time.Hour), // of the elector; the lock writes its own into the Lease
		RenewDeadline:          new(endless),
		RetryPeriod:            &o.retryPeriod,

		LeaderElectionReleaseOnCancel:       true,
		LeaderElectionResourceLockInterface: election,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot create the manager: %w", err)
	}
	return mgr, addChecks(mgr, feed)
}

// eventsGrace is how long a process that ends goes on to send what it has recorded.
const eventsGrace = 5 * time.Second

func (o *options) follow(feed *controller.Feed, logger logr.Logger, stderr io.Writer) manager.Runnable {
	logger = logger.WithName("schedule")
	return everywhere(config.NewFollower(o.schedule, func(outcome config.Outcome) {
		feed.Publish(o.outcome(outcome, logger, stderr))
	}).Run)
}

// outcome logs what became of reading the schedule, and passes it on in the controller's terms.
func (o *options) outcome(outcome config.Outcome, logger logr.Logger, stderr io.Writer) controller.Outcome {
	if outcome.Err != nil {
		logger.Error(outcome.Err, "schedule refused")
		problems := source.Problems(nil)
		if errors.As(outcome.Err, &problems) && o.logFormat == "console" {
			cli.PrintProblems(stderr, outcome.Files, problems)
		}
		return controller.Outcome{Err: outcome.Err}
	}
	for _, warning := range outcome.Warnings {
		logger.Info("warning about the schedule", "warning", warning.String())
	}
	schedule := outcome.Schedule
	logger.Info("schedule loaded", "sha256", outcome.SHA256, "windows", len(schedule.Windows()), "events", len(schedule.Events()))
	return controller.Outcome{
		Revision: &controller.Revision{Schedule: schedule, SHA256: outcome.SHA256, LoadedAt: time.Now()},
		Detail:   text.Count(len(schedule.Windows()), "window") + ", " + text.Count(len(schedule.Events()), "event"),
	}
}

// everywhere is a runnable that does not wait to be elected.
type everywhere func(context.Context) error

// Start implements manager.Runnable.
func (e everywhere) Start(ctx context.Context) error { return e(ctx) }

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (everywhere) NeedLeaderElection() bool { return false }

func (o *options) controllerOptions(feed *controller.Feed, election *lock) controller.Options {
	options := controller.Options{
		Feed:              feed,
		Scope:             o.scope(),
		SettleTime:        o.settleTime,
		FloorDeadline:     o.floorDeadline,
		LookAhead:         o.lookAhead,
		Ignore:            o.findings.Rules(),
		WarnAdded:         o.findings.WarnAdded,
		RaiseTargets:      o.raiseTargets,
		DryRun:            o.dryRun,
		Version:           cli.Version,
		ScheduleConfigMap: o.configMap,
		Lease:             o.lease(),
		Policies:          controller.Policies{Prefix: o.policyPrefix, Namespace: inClusterNamespace()},
		Namespaces:        o.watched,
		Registerer:        metrics.Registry,
	}
	if o.leaderElect {
		options.Leading, options.Notes = election.leading, election.notes
		options.OnTerms = func(begin func(bool), end func()) { election.begin, election.end = begin, end }
	}
	return options
}
