package history_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// home is the namespace of deploy/kustomize, and its ServiceAccount.
const home = replica.Home

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
	p.client = c.Client()
	return p
}

// account returns the kubeconfig file of a ServiceAccount, once it is there.
func (p *plane) account(t *testing.T, namespace, name string) string {
	t.Helper()
	var file string
	await.Success(t, "a token of ServiceAccount "+name, func(ctx context.Context) (err error) {
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
	await.Success(t, "the audit log", func(context.Context) (err error) {
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

// parse makes a schedule of its text.
func parse(t *testing.T, text string) *schedules.Schedule {
	t.Helper()
	s, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func buildFloorkeeper(t *testing.T) string {
	t.Helper()
	binary, err := replica.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// start runs floorkeeper until it is killed or the test ends.
func start(t *testing.T, binary, log string, args ...string) *replica.Replica {
	t.Helper()
	r, err := replica.Start(replica.Options{Binary: binary, Args: args, Env: os.Environ(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Kill()
		if t.Failed() {
			t.Logf("the log of floorkeeper:\n%s", r.Tail(1000))
		}
	})
	return r
}
