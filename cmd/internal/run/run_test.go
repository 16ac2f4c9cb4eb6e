package run

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

func TestAFlagStandsOverTheEnvironmentAndThatOverTheDefault(t *testing.T) {
	t.Setenv("FLOORKEEPER_SETTLE_TIME", "30s")
	t.Setenv("FLOORKEEPER_EXCLUDE_NAMESPACES", "kube-system,batch")
	t.Setenv("FLOORKEEPER_LOG_LEVEL", "debug")
	o := &options{}
	cmd := NewCommand()
	cmd.ResetFlags()
	o.bind(cmd.Flags())
	if err := cmd.ParseFlags([]string{"--log-level=warn"}); err != nil {
		t.Fatal(err)
	}
	if err := cli.Environment(cmd.Flags()); err != nil {
		t.Fatal(err)
	}
	if o.settleTime != 30*time.Second || o.logLevel != "warn" || o.logFormat != "console" || strings.Join(o.excludeNamespaces, " ") != "kube-system batch" {
		t.Errorf("settle time %v, log level %q, log format %q, excluded %v", o.settleTime, o.logLevel, o.logFormat, o.excludeNamespaces)
	}
}

func TestRunRefusesFlagsThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		args        []string
		environment string
		want        string
	}{
		"no schedule":              {nil, "", "--schedule is required: give a YAML file or a directory of *.yaml files"},
		"a ConfigMap without name": {[]string{"--schedule=s.yaml", "--schedule-configmap=floorkeeper"}, "", `cannot use --schedule-configmap "floorkeeper": write NAMESPACE/NAME`},
		"no namespace for the Lease": {
			[]string{"--schedule=s.yaml"},
			"",
			"outside a cluster, give --leader-election-namespace, or --leader-elect=false for a single process",
		},
		"a lease that ends before it is renewed": {
			[]string{"--schedule=s.yaml", "--leader-election-namespace=default", "--leader-elect-lease-duration=3s"},
			"",
			"the lease duration must be longer than the renew deadline",
		},
		"a negative settle time":      {[]string{"--schedule=s.yaml", "--settle-time=-1s"}, "", "it must not be negative"},
		"an unknown log level":        {[]string{"--schedule=s.yaml", "--leader-elect=false", "--log-level=loud"}, "", `cannot use --log-level "loud": use debug, info, warn or error`},
		"an unknown log format":       {[]string{"--schedule=s.yaml", "--leader-elect=false", "--log-format=xml"}, "", `cannot use --log-format "xml": use json or console`},
		"a certificate without HTTPS": {[]string{"--schedule=s.yaml", "--leader-elect=false", "--metrics-cert-dir=certs"}, "", "--metrics-cert-dir is for HTTPS: give --metrics-secure as well"},
		"a certificate that is not there": {
			[]string{"--schedule=s.yaml", "--leader-elect=false", "--metrics-secure", "--metrics-cert-dir=certs"},
			"",
			"cannot use --metrics-cert-dir certs: open certs/tls.crt: no such file or directory",
		},
		"a bad environment variable": {[]string{"--schedule=s.yaml"}, "soon", "cannot read environment variable FLOORKEEPER_SETTLE_TIME"},
		"a kubeconfig that is not there": {
			[]string{"--schedule=s.yaml", "--leader-elect=false", "--kubeconfig=not-there"}, "", "cannot find the API server",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.environment != "" {
				t.Setenv("FLOORKEEPER_SETTLE_TIME", test.environment)
			}
			if code, _, stderr := command.Run(t, cli.ExitCode, NewCommand(), "", test.args...); code != cli.ExitFailed || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d, %s; want an error that says %q", code, stderr, test.want)
			}
		})
	}
}

func TestLoggerWritesEveryLineButThoseOfProbes(t *testing.T) {
	var out bytes.Buffer
	logger, err := newLogger(&out, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	const lines = 300
	for range lines {
		logger.Info("floor changed", "from", 4, "to", 24)
	}
	logger.V(1).Info("not at this level")
	probes := logger.WithName("controller-runtime").WithName("healthz").WithValues("a", 1)
	probes.Info("healthz check failed")
	if got := strings.Count(out.String(), "\n"); got != lines {
		t.Errorf("%d lines, want %d", got, lines)
	}
	if !strings.Contains(out.String(), `"msg":"floor changed","from":4,"to":24`) {
		t.Errorf("unexpected line: %.200s", out.String())
	}
}
