package run

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// maxLookAhead is a year: the look ahead walks the timeline of every HPA each hour.
const maxLookAhead = 366 * 24 * time.Hour

// options are the flags of run. The lease durations are chosen so that a standby takes over within ten seconds of a
// leader's death: it may see the last renewal 2.2 retry periods late, waits a lease duration from then, and may try again
// 2.2 retry periods late (k8s.io/client-go/tools/leaderelection).
type options struct {
	schedule          string
	scheduleConfigMap string
	configMap         types.NamespacedName
	namespaces        []string
	watched           *controller.Namespaces // of namespaces; nil if all are watched
	excludeNamespaces []string
	settleTime        time.Duration
	floorDeadline     time.Duration
	lookAhead         time.Duration
	policyPrefix      string
	raiseTargets      bool
	dryRun            bool
	findings          cli.Findings
	limits            cli.Limits
	cli.Connection

	leaderElect                               bool
	electionNamespace                         string
	leaseDuration, renewDeadline, retryPeriod time.Duration

	metricsAddress, healthAddress, pprofAddress, pageAddress string
	metricsSecure                                            bool
	metricsCertDir                                           string

	logLevel, logFormat string
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.StringVar(&o.schedule, "schedule", "", "the schedule: a YAML file, or a directory of *.yaml files (required)")
	flags.StringVar(&o.scheduleConfigMap, "schedule-configmap", "", "NAMESPACE/NAME of the ConfigMap that the schedule comes from; Events about the schedule go there, else to the Lease")
	flags.StringSliceVar(&o.namespaces, "namespaces", nil, "the namespaces to watch (default all); an HPA is not released when its namespace leaves this list")
	flags.StringSliceVar(&o.excludeNamespaces, "exclude-namespaces", []string{"kube-system"}, "namespaces whose HPAs no entry covers")
	flags.DurationVar(&o.settleTime, "settle-time", 2*time.Minute, "after an election, how long a floor is not lowered before the time that it was promised for: a mounted ConfigMap may be that old")
	flags.DurationVar(&o.floorDeadline, "floor-deadline", controller.DefaultFloorDeadline, "how long after a raise the HPA controller may take to ask for the floor before a FloorNotReached Event is written")
	flags.DurationVar(&o.lookAhead, "look-ahead", controller.DefaultLookAhead, "how far ahead problems are searched and reported as FloorAtRisk Events: floors that are clamped, entries that cover nothing, HPAs owned by KEDA or turned off")
	o.findings.Bind(flags)
	o.limits.Bind(flags)
	flags.StringVar(&o.policyPrefix, "policy-name-prefix", "floorkeeper-", "what the names of the admission policies floor-guard, floor-hand-back, floor-notice, floor-scope and floor-scope-targets begin with; to be given if kustomize changed it")
	flags.BoolVar(&o.raiseTargets, "raise-targets", false, "after raising an HPA, raise the Deployment or StatefulSet that it scales to the floor as well, rather than wait for kube-controller-manager; needs the rights of deploy/kustomize/raise-targets")
	flags.BoolVar(&o.dryRun, "dry-run", false, "log and show in metrics what would be done, and write nothing: no patch, no Event, no Lease")
	flags.BoolVar(&o.leaderElect, "leader-elect", true, "act only while holding the Lease, so that several replicas can run")
	flags.StringVar(&o.electionNamespace, "leader-election-namespace", "", "the namespace of the Lease (default the pod's own)")
	flags.DurationVar(&o.leaseDuration, "leader-elect-lease-duration", 5*time.Second, "how long a standby waits after the leader's last renewal before it takes over")
	flags.DurationVar(&o.renewDeadline, "leader-elect-renew-deadline", 4*time.Second, "twice the time that a request of the election may take")
	flags.DurationVar(&o.retryPeriod, "leader-elect-retry-period", time.Second, "how long to wait between attempts to acquire or renew")
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", ":8080", "where /metrics is served; 0 turns it off")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", false, "serve /metrics over HTTPS, and only to clients whose bearer token may get the non-resource URL /metrics; needs the rights of deploy/kustomize/secure-metrics")
	flags.StringVar(&o.metricsCertDir, "metrics-cert-dir", "", "a directory with tls.crt and tls.key for --metrics-secure, read again when they change (default a self-signed certificate)")
	flags.StringVar(&o.healthAddress, "health-probe-bind-address", ":8081", "where /healthz and /readyz are served; 0 turns them off")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "", "where profiles of this process are served for go tool pprof, such as 127.0.0.1:8083 (default off)")
	flags.StringVar(&o.pageAddress, "ui-bind-address", "", "where a read-only page with the timeline is served, such as :8082 or 127.0.0.1:8082 (default off); it shows the names of all HPAs to whoever can reach it")
	flags.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	flags.StringVar(&o.logFormat, "log-format", "console", "json or console")
	o.Bind(flags)
	cli.Choices(flags, "log-level", "debug", "info", "warn", "error")
	cli.Choices(flags, "log-format", "json", "console")
}

func (o *options) complete() error {
	if o.schedule == "" {
		return errors.New("--schedule is required: give a YAML file or a directory of *.yaml files")
	}
	if o.scheduleConfigMap != "" {
		var err error
		if o.configMap, err = cli.FlagName("schedule-configmap", o.scheduleConfigMap); err != nil {
			return err
		}
	}
	if err := o.findings.CheckIgnored(); err != nil {
		return err
	}
	if o.settleTime < 0 {
		return fmt.Errorf("cannot use --settle-time %s: it must not be negative", o.settleTime)
	}
	if o.floorDeadline <= 0 {
		return fmt.Errorf("cannot use --floor-deadline %s: it must be longer than 0", o.floorDeadline)
	}
	if o.lookAhead <= 0 || o.lookAhead > maxLookAhead {
		return fmt.Errorf("cannot use --look-ahead %s: it must be longer than 0 and at most %s", o.lookAhead, maxLookAhead)
	}
	if err := errors.Join(cli.CheckNamespaces("namespaces", o.namespaces), cli.CheckNamespaces("exclude-namespaces", o.excludeNamespaces)); err != nil {
		return err
	}
	return errors.Join(o.checkMetrics(), o.completeElection())
}

func (o *options) completeElection() error {
	if o.dryRun {
		o.leaderElect = false // it writes no Lease
	}
	if o.electionNamespace == "" {
		o.electionNamespace = inClusterNamespace()
	}
	if !o.leaderElect {
		return nil
	}
	switch {
	case o.electionNamespace == "":
		return errors.New("outside a cluster, give --leader-election-namespace, or --leader-elect=false for a single process")
	case o.leaseDuration%time.Second != 0:
		return fmt.Errorf("cannot elect with lease %s: a Lease holds whole seconds", o.leaseDuration)
	case o.retryPeriod <= 0 || o.renewDeadline <= o.retryPeriod*12/10 || o.leaseDuration <= o.renewDeadline:
		return fmt.Errorf("cannot elect with lease %s, renew %s and retry %s: the lease duration must be longer than the renew "+
			"deadline, and that longer than 1.2 times the retry period", o.leaseDuration, o.renewDeadline, o.retryPeriod)
	default:
		return nil
	}
}

// scope returns which HPAs may be covered, and how far. Without a namespace there is no Lease, and nothing that identifies this installation.
func (o *options) scope() autoscaler.Scope {
	scope := autoscaler.Scope{ExcludeNamespaces: o.excludeNamespaces, Limit: o.limits.Limit}
	if o.electionNamespace != "" {
		scope.Installation = o.lease().String()
	}
	return scope
}

func (o *options) lease() types.NamespacedName {
	return types.NamespacedName{Namespace: o.electionNamespace, Name: cli.LeaseName}
}

func (o *options) restConfig() (*rest.Config, error) {
	if err := noticeDeadConnections(); err != nil {
		return nil, err
	}
	return o.RESTConfig()
}

// noticeDeadConnections sets what client-go reads from the environment alone: after how many seconds without a byte a
// connection is tested, and how many more the API server has for its answer. By default it takes 45 seconds to notice that a
// firewall has forgotten a connection. The election asks every two seconds, so a connection that works is not tested.
func noticeDeadConnections() error {
	for _, name := range []string{"HTTP2_READ_IDLE_TIMEOUT_SECONDS", "HTTP2_PING_TIMEOUT_SECONDS"} {
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, "5"); err != nil {
			return fmt.Errorf("cannot set %s: %w", name, err)
		}
	}
	return nil
}

func (o *options) cacheNamespaces() map[string]cache.Config {
	if len(o.namespaces) == 0 {
		return nil
	}
	namespaces := make(map[string]cache.Config, len(o.namespaces))
	for _, namespace := range o.namespaces {
		namespaces[namespace] = cache.Config{}
	}
	return namespaces
}
