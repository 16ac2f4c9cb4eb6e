package history_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

const (
	home     = "floorkeeper" // the namespace of deploy/kustomize, and its ServiceAccount
	patience = 90 * time.Second
)

// plane is a control plane whose API server records its history.
type plane struct {
	*controlplane.ControlPlane
	client  kubernetes.Interface // of the administrator
	history string               // the audit log
	dir     string
}

func startPlane(t *testing.T) *plane {
	t.Helper()
	dir := t.TempDir()
	flags, file, err := history.Record(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := kit.ControlPlane(t, controlplane.Options{
		LogDir: dir, ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags},
	})
	p := &plane{ControlPlane: c, history: file, dir: dir}
	p.client = p.clientOf(t, c.Kubeconfig())
	return p
}

func (p *plane) clientOf(t *testing.T, kubeconfig string) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// account returns the kubeconfig file of a ServiceAccount, once it is there.
func (p *plane) account(t *testing.T, namespace, name string) string {
	t.Helper()
	var file string
	await(t, "a token of ServiceAccount "+name, func(ctx context.Context) (err error) {
		file, err = p.ServiceAccountKubeconfig(ctx, namespace, name)
		return err
	})
	return file
}

// kubectl runs kubectl as the administrator, with a text for its standard input.
func (p *plane) kubectl(t *testing.T, stdin string, args ...string) {
	t.Helper()
	cmd := p.KubectlCommand(t.Context(), p.Kubeconfig(), args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("kubectl %q: %v: %s", args, err, out)
	}
}

func (p *plane) hpa(t *testing.T, namespace, name string) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	hpa, err := p.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return hpa
}

// read returns the history, once it has come to what the HPAs of a namespace are now, and to these requests.
func (p *plane) read(t *testing.T, namespace string, requests ...string) history.Log {
	t.Helper()
	list, err := p.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var log history.Log
	await(t, "the audit log", func(context.Context) (err error) {
		log, err = history.Read(p.history)
		for _, hpa := range list.Items {
			if err == nil && !log.Has(namespace, hpa.Name, hpa.ResourceVersion) {
				err = fmt.Errorf("it does not hold version %s of %s", hpa.ResourceVersion, hpa.Name)
			}
		}
		for _, id := range requests {
			if !slices.ContainsFunc(log.Requests, func(r history.Request) bool { return r.AuditID == id }) && err == nil {
				err = fmt.Errorf("it does not hold the request %s", id)
			}
		}
		return err
	})
	return log
}

// await repeats a check until it succeeds, and gives up with what the check said last.
func await(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s: %v", what, err)
		case <-ticker.C:
		}
	}
}

// parse makes a schedule of its text.
func parse(t *testing.T, text string) *schedules.Schedule {
	t.Helper()
	s, err := config.Parse(config.File{Name: "schedule.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keeper is a floorkeeper that runs.
type keeper struct {
	cmd  *exec.Cmd
	log  string
	gone chan struct{}
}

func buildFloorkeeper(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "floorkeeper")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", file, "../../../cmd/floorkeeper")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build floorkeeper: %v\n%s", err, out)
	}
	return file
}

// start runs floorkeeper until kill or the end of the test.
func start(t *testing.T, binary, log string, args ...string) *keeper {
	t.Helper()
	k := &keeper{cmd: exec.Command(binary, args...), log: log, gone: make(chan struct{})}
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	k.cmd.Stdout, k.cmd.Stderr, k.cmd.SysProcAttr = out, out, controlplane.DieWithParent()
	started := make(chan error)
	go k.run(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		k.kill()
		if text, err := os.ReadFile(log); t.Failed() {
			t.Logf("the log of floorkeeper (%v):\n%s", err, text)
		}
	})
	return k
}

// run stays on the thread that started the process, to which the kernel ties its death.
func (k *keeper) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(k.gone)
	err := k.cmd.Start()
	started <- err
	if err == nil {
		_ = k.cmd.Wait() // It was killed.
	}
}

func (k *keeper) kill() {
	_ = k.cmd.Process.Kill() // It may be gone already.
	<-k.gone
}
