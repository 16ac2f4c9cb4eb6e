package gitops

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

// keeper is a running floorkeeper and the directory with its schedule.
type keeper struct {
	health   string // address
	metrics  string // address
	log      string // file
	schedule string // directory
	cmd      *exec.Cmd
	exited   chan struct{}
	err      error // valid once it has exited
	mu       sync.Mutex
}

// keep runs floorkeeper until the end of the test, with the arguments of its Deployment and its ServiceAccount's
// rights, but with a directory and ports of its own. The last of two equal flags counts.
func (c *cluster) keep(t *testing.T, name string) *keeper {
	t.Helper()
	dir := t.TempDir()
	k := &keeper{log: filepath.Join(dir, name+".log"), schedule: filepath.Join(dir, "schedule"), exited: make(chan struct{})}
	if err := os.Mkdir(k.schedule, 0o755); err != nil {
		t.Fatal(err)
	}
	k.publish(t, "empty", "windows: []\n")
	k.health, k.metrics = c.freeAddress(t), c.freeAddress(t)
	k.cmd = exec.Command(c.keeper, append(c.deployedArgs(t),
		"--schedule="+k.schedule, "--metrics-bind-address="+k.metrics, "--health-probe-bind-address="+k.health)...)
	k.cmd.Env = []string{"HOME=" + dir}
	k.cmd.SysProcAttr = controlplane.DieWithParent()
	out, err := os.Create(k.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	k.cmd.Stdout, k.cmd.Stderr = out, out
	started := make(chan error)
	go k.run(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.finish(t) })
	eventually(t, "floorkeeper to be ready", func() error { return k.ready(t.Context()) })
	return k
}

// deployedArgs are those of the Deployment, with the account's kubeconfig.
func (c *cluster) deployedArgs(t *testing.T) []string {
	t.Helper()
	deployment, err := c.client.AppsV1().Deployments(home).Get(t.Context(), home, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, arg := range deployment.Spec.Template.Spec.Containers[0].Args {
		args = append(args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", home))
	}
	var account string
	eventually(t, "a token of the ServiceAccount", func() (err error) {
		account, err = c.ServiceAccountKubeconfig(t.Context(), home, home)
		return err
	})
	return append(args, "--kubeconfig="+account, "--leader-election-namespace="+home)
}

// run waits for the end of the process on the thread that started it, to which the kernel ties its death.
func (k *keeper) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := k.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	k.err = k.cmd.Wait()
	close(k.exited)
}

// finish ends the process after its test and looks for signs of a defect in its log.
func (k *keeper) finish(t *testing.T) {
	if err := k.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	select {
	case <-k.exited:
		if k.err != nil {
			t.Errorf("floorkeeper ended with %v", k.err)
		}
	case <-time.After(patience):
		_ = k.cmd.Process.Kill()
		<-k.exited
		t.Error("floorkeeper did not end")
	}
	text := k.about("")
	for _, sign := range []string{"panic", "DATA RACE", "forbidden", "denied"} {
		if strings.Contains(text, sign) {
			t.Errorf("the log of floorkeeper contains %q:\n%s", sign, k.about(sign))
		}
	}
}

// about returns the lines of the log that contain a text.
func (k *keeper) about(part string) string {
	text, err := os.ReadFile(k.log)
	if err != nil {
		return err.Error()
	}
	var found strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, part) {
			found.WriteString(line)
		}
	}
	return found.String()
}

func (k *keeper) ready(ctx context.Context) error {
	_, err := fetch(ctx, "http://"+k.health+"/readyz")
	return err
}

// sample reads one sample from the metrics, 0 if there is none.
func (k *keeper) sample(ctx context.Context, series string) (int, error) {
	body, err := fetch(ctx, "http://"+k.metrics+"/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(body) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			return strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return 0, nil
}

// fetch returns the body of a successful answer.
func fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}

// publish replaces one file of the schedule in one step.
func (k *keeper) publish(t *testing.T, name, entries string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := filepath.Join(k.schedule, ".fresh")
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n" + entries
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(k.schedule, name+".yaml")); err != nil {
		t.Fatal(err)
	}
}

// freeAddress finds a port that nobody uses, below those that kernels hand out for outgoing connections, so that none
// of these takes it before floorkeeper does. It never returns one twice.
func (c *cluster) freeAddress(t *testing.T) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.port = max(c.port, 28000) + 1; c.port < 30000; c.port++ {
		address := fmt.Sprintf("127.0.0.1:%d", c.port)
		if l, err := net.Listen("tcp", address); err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return address
		}
	}
	t.Fatal("there is no free port")
	return ""
}
