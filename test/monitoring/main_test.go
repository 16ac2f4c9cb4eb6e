package monitoring

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// The files that these tests are about.
const (
	alertsFile    = "../../deploy/monitoring/alerts.yaml"
	dashboardFile = "../../deploy/monitoring/dashboard.json"
	runbooks      = "../../docs/runbooks"
)

// What all tests share.
var (
	cluster *controlplane.ControlPlane
	binary  string // floorkeeper
	checker string // see check/main.go
)

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) (err error) {
		program := binaries.Program{Name: "check", Dir: "check", Package: ".", Version: "github.com/prometheus/prometheus"}
		if program.Dir, err = filepath.Abs(program.Dir); err != nil {
			return err
		}
		if checker, err = program.Build(ctx, "monitoring", os.Stderr); err != nil {
			return err
		}
		if binary, err = s.Floorkeeper(ctx); err != nil {
			return err
		}
		cluster, err = s.ControlPlane(ctx, controlplane.Options{Nodes: 2})
		return err
	}})
}

// alert is what the parser of Prometheus has read of a rule; see check/main.go.
type alert struct {
	Name, Expr          string
	Metrics             []string
	Labels, Annotations map[string]string
}

// query is one of the dashboard.
type query struct {
	Of, Expr string
	Metrics  []string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	return check[[]alert](t, "rules", alertsFile)
}

// check reads a file with the code of those for whom it is.
func check[T any](t *testing.T, what, file string) T {
	t.Helper()
	var found T
	if err := json.Unmarshal([]byte(run(t, checker, what, file)), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// tool returns the path of a program of the Debian packages that make monitoring-tools brings.
func tool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "floorkeeper", "prometheus", "usr", "bin", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(fmt.Errorf("run make monitoring-tools, which brings %s: %w", name, err))
	}
	return path
}
