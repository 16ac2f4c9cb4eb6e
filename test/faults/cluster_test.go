package faults

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
	"github.com/floorkeeper/floorkeeper/test/history"
	"github.com/floorkeeper/floorkeeper/test/replica"
)

const (
	// home is the namespace that deploy/kustomize installs floorkeeper into, and the name of its ServiceAccount.
	home = "floorkeeper"
	// patience bounds every wait. A wait that ends here has failed; no test measures time by it.
	patience = 90 * time.Second
)

// cluster is the control plane that the tests share, with floorkeeper's binary and the files of its account.
type cluster struct {
	*controlplane.ControlPlane
	client  kubernetes.Interface // of the administrator
	binary  string               // floorkeeper
	account string               // the kubeconfig file of floorkeeper's ServiceAccount
	args    []string             // of floorkeeper in its Deployment
	homely  []map[string]any     // the manifests of its own namespace: Role, RoleBinding, ConfigMap
	dir     string               // logs and credentials
	audit   string               // the API server's audit log

	seed      uint64
	addresses replica.Addresses
	mu        sync.Mutex
	scenes    []*scene // that have come to their end
}

// startCluster builds floorkeeper, starts the control plane and installs floorkeeper's manifests.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	dir := t.TempDir()
	binary, err := replica.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{dir: dir, binary: binary, seed: newSeed(t)}
	flags, audit, err := history.Record(dir)
	if err != nil {
		t.Fatal(err)
	}
	c.audit = audit
	plane, err := controlplane.Start(t.Context(), controlplane.Options{
		LogDir: dir, ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.ControlPlane = plane
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	config := plane.Config()
	config.QPS = -1
	if c.client, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	c.install(t)
	return c
}

// root is the directory of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// install applies deploy/kustomize as a user does, and logs in as the ServiceAccount that it makes.
func (c *cluster) install(t *testing.T) {
	t.Helper()
	manifests := filepath.Join(root(t), "deploy", "kustomize")
	c.kubectl(t, "apply", "-k", manifests)
	// Its Pods would compete with the processes of the tests, if they were more than kwok's pretence.
	c.kubectl(t, "scale", "deployment", home, "--namespace="+home, "--replicas=0")
	await(t, "a token of the ServiceAccount", func(ctx context.Context) (err error) {
		c.account, err = c.ServiceAccountKubeconfig(ctx, home, home)
		return err
	})
	deployment, err := c.client.AppsV1().Deployments(home).Get(t.Context(), home, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.args = deployment.Spec.Template.Spec.Containers[0].Args
	for document := range strings.SplitSeq(c.kubectl(t, "kustomize", manifests), "\n---\n") {
		object := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		switch object["kind"] {
		case "Role", "RoleBinding", "ConfigMap":
			c.homely = append(c.homely, object)
		}
	}
}

// installBeside lets floorkeeper use another namespace as its home too, with the very Role, RoleBinding and ConfigMap of
// deploy/kustomize, so that several can run side by side without competing for one Lease.
func (c *cluster) installBeside(t *testing.T, namespace string) {
	t.Helper()
	var items []any
	for _, original := range c.homely {
		object := (&unstructured.Unstructured{Object: original}).DeepCopy()
		object.SetNamespace(namespace)
		items = append(items, object.Object)
	}
	list, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		t.Fatal(err)
	}
	cmd := c.KubectlCommand(t.Context(), c.Kubeconfig(), "apply", "--filename=-")
	cmd.Stdin = strings.NewReader(string(list))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot apply: %v: %s\n%s", err, out, list)
	}
}

// kubectl runs kubectl as the administrator.
func (c *cluster) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.Kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// await repeats a check until it succeeds, and gives up with what the check said last.
func await(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	if err := poll(t, patience, check); err != nil {
		t.Fatalf("waited in vain for %s: %v", what, err)
	}
}

func poll(t *testing.T, patience time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var said error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if said == nil || ctx.Err() == nil {
			said = err // not merely that the time is over
		}
		select {
		case <-ctx.Done():
			return said
		case <-ticker.C:
		}
	}
}

// at waits for an instant of the scene's script.
func at(instant time.Time) { <-time.After(time.Until(instant)) }
