package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Config returns a new copy of the client configuration of the cluster's administrator, without a limit of requests.
func (c *ControlPlane) Config() *rest.Config { return rest.CopyConfig(c.config) }

// Client returns a client of the cluster's administrator.
func (c *ControlPlane) Client() kubernetes.Interface { return c.client }

// ClientOf returns a client by a kubeconfig file, without a limit of requests.
func ClientOf(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

// Kubeconfig returns the path of the kubeconfig file of the cluster's administrator.
func (c *ControlPlane) Kubeconfig() string { return c.kubeconfig(admin) }

// EtcdSocket returns the path of the socket on which etcd serves the API server.
func (c *ControlPlane) EtcdSocket() string { return c.file(etcdSocket) }

// Binary returns the path of a binary, such as kubectl.
func (c *ControlPlane) Binary(name string) string { return filepath.Join(c.bin, name) }

// ServiceAccountKubeconfig returns the path of a new kubeconfig file for an existing ServiceAccount, with a token that
// the API server issues for a day, and with no more rights than RBAC grants.
func (c *ControlPlane) ServiceAccountKubeconfig(ctx context.Context, namespace, name string) (string, error) {
	day := int64(24 * 60 * 60)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &day}}
	accounts := c.client.CoreV1().ServiceAccounts(namespace)
	answer, err := accounts.CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("cannot get a token of ServiceAccount %s/%s: %w", namespace, name, err)
	}
	file := c.kubeconfig("serviceaccount:" + namespace + ":" + name)
	return file, c.writeKubeconfig(file, name, namespace, answer.Status.Token)
}

// Kubectl runs kubectl as the cluster's administrator and returns its standard output. An error includes what it wrote
// to standard error.
func (c *ControlPlane) Kubectl(ctx context.Context, args ...string) (string, error) {
	return c.KubectlAs(ctx, c.Kubeconfig(), args...)
}

// Apply gives a manifest to kubectl apply, as the cluster's administrator.
func (c *ControlPlane) Apply(ctx context.Context, manifest string) error {
	cmd := c.KubectlCommand(ctx, c.Kubeconfig(), "apply", "--filename=-")
	cmd.Stdin = strings.NewReader(manifest)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot apply: %w: %s\n%s", err, out, manifest)
	}
	return nil
}

// KubectlAs is Kubectl with the kubeconfig file of another user.
func (c *ControlPlane) KubectlAs(ctx context.Context, kubeconfig string, args ...string) (string, error) {
	return Output(c.KubectlCommand(ctx, kubeconfig, args...))
}

// Output runs a command and returns its standard output. An error includes what it wrote to standard error.
func Output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if exit := (&exec.ExitError{}); errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		err = fmt.Errorf("cannot run %s %q: %w", filepath.Base(cmd.Path), cmd.Args[1:], err)
	}
	return string(out), err
}

// KubectlCommand prepares a kubectl command whose input and output the caller connects. It reads no configuration of
// the person at the keyboard.
func (c *ControlPlane) KubectlCommand(ctx context.Context, kubeconfig string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Binary("kubectl"), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+c.dir, LazyGC)
	return cmd
}
