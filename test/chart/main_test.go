package chart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/test/gitops/writers"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/crds"
	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

const folder = "../../deploy/helm/floorkeeper"

// kubeVersion is for commands that ask no API server. A released Helm knows a recent version; one that is built from its
// module alone does not.
const kubeVersion = "--kube-version=1.37.2"

// cluster is the control plane that all tests share, with each release in a namespace of its own.
var cluster *controlplane.ControlPlane

// floorkeeper is the path of the real program.
var floorkeeper string

// helms are the programs that people install the chart with.
var helms []helm

// errNotYet is why a test waits.
var errNotYet = errors.New("not yet")

type helm struct{ name, path string }

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Parallel: 10, Setup: func(ctx context.Context, s *kit.Suite) error {
		programs, err := writers.Build(ctx, os.Stderr)
		if err != nil {
			return err
		}
		helms = []helm{{"helm 3", programs.Helm3}, {"helm 4", programs.Helm4}}
		if floorkeeper, err = s.Floorkeeper(ctx); err != nil {
			return err
		}
		cluster, err = s.ControlPlane(ctx, controlplane.Options{Nodes: 2, ExtraArgs: map[controlplane.Component][]string{
			// kwok only pretends that a Pod runs. The tests run what these are for.
			controlplane.Kwok: {"--disregard-status-with-label-selector=app.kubernetes.io/name in (floorkeeper-release, floorkeeper-test)"},
		}})
		if err != nil {
			return err
		}
		return crds.Define(ctx, cluster, crds.Module{
			Name: "github.com/prometheus-operator/prometheus-operator@v0.85.0", Sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
			Files: []string{
				"example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
				"example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
				"example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
			},
		})
	}})
}

// run runs Helm as the administrator, and returns what it printed to standard output. An error includes all that it said.
func (h helm) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, h.path, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+cluster.Kubeconfig(), "HOME="+filepath.Dir(cluster.Kubeconfig()), controlplane.LazyGC)
	out, err := controlplane.Output(cmd)
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", h.name, err, out)
	}
	return out, nil
}

func (h helm) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := h.run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// template renders the chart as release floorkeeper in namespace floorkeeper.
func (h helm) template(t *testing.T, args ...string) []unstructured.Unstructured {
	t.Helper()
	args = append([]string{"template", "floorkeeper", folder, "--namespace=floorkeeper", kubeVersion}, args...)
	all, err := objects.Read(h.must(t, args...))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// kubectl runs kubectl as the administrator, with a manifest for its standard input, and returns what it printed.
func kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := cluster.KubectlCommand(t.Context(), cluster.Kubeconfig(), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := controlplane.Output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
