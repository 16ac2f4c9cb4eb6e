package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/util/cert"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// apps are two HPAs, one with a small maxReplicas, and an account that may scrape.
const apps = `apiVersion: v1
kind: Namespace
metadata: {name: video}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: images, namespace: video}
spec:
  replicas: 2
  selector: {matchLabels: {app: images}}
  template:
    metadata: {labels: {app: images}}
    spec: {containers: [{name: fake, image: fake}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: images, namespace: video}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}
  minReplicas: 2
  maxReplicas: 40
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: small, namespace: video}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: small}
  minReplicas: 2
  maxReplicas: 5
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: prometheus, namespace: monitoring}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: stranger, namespace: monitoring}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: prometheus-reads-floorkeeper}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: floorkeeper-metrics-reader}
subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]
`

// tonight is a schedule with one event that is open, one that starts soon, and one that covers nothing.
func tonight(now time.Time) string {
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }
	return fmt.Sprintf(`apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
events:
  - {name: open, start: %s, end: %s, targets: [{namespace: video, minReplicas: 6}]}
  - {name: coming, start: %s, end: %s, targets: [{namespace: video, name: images, minReplicas: 12}]}
  - {name: misspelt, start: %s, end: %s, targets: [{namespace: video, name: imagse, minReplicas: 12}]}
`, at(-time.Hour), at(3*time.Hour), at(25*time.Minute), at(2*time.Hour), at(24*time.Hour), at(26*time.Hour))
}

// scene is a cluster with two replicas of floorkeeper, one with --metrics-secure, and a Prometheus that scrapes both.
type scene struct {
	installation *replica.Installation
	replicas     []*replica.Replica
	prometheus   string // its address
	addresses    replica.Addresses
	dir          string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{dir: t.TempDir()}
	var err error
	if s.installation, err = replica.Install(t.Context(), cluster, "Deployment"); err != nil {
		t.Fatal(err)
	}
	kubectl(t, "apply", "--kustomize="+kit.Overlay(t, kit.Plain+"components: [../kustomize/secure-metrics]\n"))
	if err := cluster.Apply(t.Context(), apps); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.dir, "schedule.yaml"), tonight(time.Now()))
	s.replicas = []*replica.Replica{s.floorkeeper(t, "a"), s.floorkeeper(t, "b", "--metrics-secure", "--metrics-cert-dir="+s.certificate(t))}
	s.startPrometheus(t)
	return s
}

// floorkeeper starts a replica, with the rights of its ServiceAccount.
func (s *scene) floorkeeper(t *testing.T, name string, args ...string) *replica.Replica {
	t.Helper()
	args = slices.Concat(s.installation.Args(replica.Home), []string{
		"--schedule=" + filepath.Join(s.dir, "schedule.yaml"), "--settle-time=0s", "--namespaces=video",
	}, args)
	r, err := replica.Start(replica.Options{
		Binary: binary, Args: args, Env: []string{"HOME=" + s.dir}, Log: filepath.Join(s.dir, name+".log"),
		Metrics: s.address(t), Health: s.address(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Kill()
		if lines := r.Tail(20, "forbidden"); lines != "" {
			t.Errorf("floorkeeper was refused something:\n%s", lines)
		}
		if t.Failed() {
			t.Logf("the log of replica %s ends with\n%s", name, r.Tail(20))
		}
	})
	await.Success(t, "replica "+name+" to be ready", r.Ready)
	return r
}

// certificate returns a directory with a certificate and its key, as a Secret of type kubernetes.io/tls is mounted.
func (s *scene) certificate(t *testing.T) string {
	t.Helper()
	crt, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.dir, "tls.crt"), string(crt))
	write(t, filepath.Join(s.dir, "tls.key"), string(key))
	return s.dir
}

func (s *scene) address(t *testing.T) string {
	t.Helper()
	address, err := s.addresses.Next()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// kubeState is what kube-state-metrics would report of the apps: one Pod of images is Ready.
const kubeState = `
kube_horizontalpodautoscaler_info{namespace="video",horizontalpodautoscaler="images",scaletargetref_api_version="apps/v1",scaletargetref_kind="Deployment",scaletargetref_name="images"} 1
kube_horizontalpodautoscaler_spec_min_replicas{namespace="video",horizontalpodautoscaler="images"} 6
kube_horizontalpodautoscaler_spec_max_replicas{namespace="video",horizontalpodautoscaler="images"} 40
kube_horizontalpodautoscaler_status_current_replicas{namespace="video",horizontalpodautoscaler="images"} 2
kube_horizontalpodautoscaler_status_desired_replicas{namespace="video",horizontalpodautoscaler="images"} 6
kube_deployment_status_replicas_ready{namespace="video",deployment="images"} 1
kube_statefulset_status_replicas_ready{namespace="video",statefulset="images"} 9
`

// startPrometheus starts one that scrapes and evaluates the rules each second, and waits until it has scraped all.
func (s *scene) startPrometheus(t *testing.T) {
	t.Helper()
	state := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, kubeState) }))
	t.Cleanup(state.Close)
	rules, err := filepath.Abs(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.dir, "token"), token(t, "prometheus"))
	config := filepath.Join(s.dir, "prometheus.yaml")
	write(t, config, fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%s]
scrape_configs:
  - job_name: plain
    honor_labels: true
    static_configs: [{targets: [%q], labels: {job: floorkeeper, namespace: floorkeeper, pod: a}}]
  - job_name: secure
    honor_labels: true
    scheme: https
    tls_config: {ca_file: %s}
    authorization: {credentials_file: %s}
    static_configs: [{targets: [%q], labels: {job: floorkeeper, namespace: floorkeeper, pod: b}}]
  - job_name: kube-state-metrics
    honor_labels: true
    static_configs: [{targets: [%q]}]
`, rules, s.replicas[0].Metrics, filepath.Join(s.dir, "tls.crt"), filepath.Join(s.dir, "token"), s.replicas[1].Metrics, state.Listener.Addr()))
	s.prometheus = s.address(t)
	log, err := os.Create(filepath.Join(s.dir, "prometheus.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(s.dir, "tsdb"), "--web.listen-address="+s.prometheus)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, controlplane.DieWithParent()
	started, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // to whose end DieWithParent ties the process
		err := cmd.Start()
		if started <- err; err == nil {
			_ = cmd.Wait() // It is killed.
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := cmd.Process.Kill()
		<-ended
		if err = errors.Join(err, log.Close()); err != nil || t.Failed() {
			t.Logf("%v; Prometheus said\n%s", err, read(t, log.Name()))
		}
	})
	await.Success(t, "Prometheus to scrape", func(ctx context.Context) error {
		up, err := s.query(ctx, "up == 1")
		if err == nil && len(up) != 3 {
			err = fmt.Errorf("%d targets are up, want 3: %v", len(up), up)
		}
		return err
	})
}

// sample is one of an instant vector.
type sample struct {
	Metric map[string]string
	Value  [2]any
}

// query asks for an instant vector.
func (s *scene) query(ctx context.Context, expr string) ([]sample, error) {
	var found struct {
		Result []sample
	}
	err := s.get(ctx, "query?query="+url.QueryEscape(expr), &found)
	return found.Result, err
}

// get asks the HTTP API.
func (s *scene) get(ctx context.Context, path string, data any) error {
	text, err := replica.Fetch(ctx, "http://"+s.prometheus+"/api/v1/"+path)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), &struct{ Data any }{data})
}

// token returns one of a ServiceAccount.
func token(t *testing.T, account string) string {
	t.Helper()
	return strings.TrimSpace(kubectl(t, "create", "token", account, "--namespace=monitoring"))
}

// kubectl runs kubectl as the cluster's administrator, fails the test if it fails, and returns what it printed.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := cluster.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
