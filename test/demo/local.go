package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/floorkeeper/floorkeeper/test/controlplane"
)

const module = "github.com/floorkeeper/floorkeeper"

// openLocal starts a control plane on this machine, on which floorkeeper has the rights of deploy/kustomize.
func openLocal(ctx context.Context, s *screen, dir string) (c *cluster, err error) {
	began := time.Now()
	s.paragraph("Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok ...")
	plane, err := controlplane.Start(ctx, controlplane.Options{Nodes: 3, Progress: s.out, LogDir: dir})
	if err != nil {
		return nil, err
	}
	c = &cluster{namespace: "shop", pace: localPace(), close: func(context.Context) error { return plane.Stop() }}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close(ctx))
		}
	}()
	c.kubectl = func(ctx context.Context, stdin string, args ...string) (string, error) {
		return output(plane.KubectlCommand(ctx, plane.Kubeconfig(), args...), stdin)
	}
	if c.client, err = connect(plane.Config()); err != nil {
		return c, err
	}
	if err := c.playMetrics(ctx, plane); err != nil {
		return c, err
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return c, fmt.Errorf("cannot create namespace %s: %w", c.namespace, err)
	}
	account, err := c.applyRBAC(ctx)
	if err != nil {
		return c, err
	}
	c.leaseNamespace = account.GetNamespace()
	if c.kubeconfig, err = plane.ServiceAccountKubeconfig(ctx, account.GetNamespace(), account.GetName()); err != nil {
		return c, err
	}
	version, err := c.client.Discovery().ServerVersion()
	if err != nil {
		return c, fmt.Errorf("cannot ask for the version of the cluster: %w", err)
	}
	s.print(fmt.Sprintf("Kubernetes %s runs, after %s.", version.GitVersion, seconds(time.Since(began))))
	return c, nil
}

// playMetrics gives the HPAs figures of the load. The server stops together with the control plane.
func (c *cluster) playMetrics(ctx context.Context, plane *controlplane.ControlPlane) error {
	l, err := serveLoad(c.client)
	if err != nil {
		return err
	}
	c.close = func(context.Context) error { return errors.Join(plane.Stop(), l.close()) }
	if _, err := c.kubectl(ctx, l.manifest(), "apply", "--filename=-"); err != nil {
		return err
	}
	return l.await(ctx)
}

// applyRBAC applies what deploy/kustomize holds, but for floorkeeper's Pods: its replicas are processes here. It
// returns the ServiceAccount.
func (c *cluster) applyRBAC(ctx context.Context) (*unstructured.Unstructured, error) {
	root, err := output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module), "")
	if err != nil {
		return nil, err
	}
	text, err := c.kubectl(ctx, "", "kustomize", filepath.Join(strings.TrimSpace(root), "deploy", "kustomize"))
	if err != nil {
		return nil, err
	}
	manifest, account, err := withoutPods([]byte(text))
	if err != nil {
		return nil, err
	}
	_, err = c.kubectl(ctx, manifest, "apply", "--filename=-")
	return account, err
}

// withoutPods drops from a manifest what only concerns Pods, and finds the ServiceAccount in it.
func withoutPods(text []byte) (manifest string, account *unstructured.Unstructured, err error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var kept bytes.Buffer
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", nil, fmt.Errorf("cannot read deploy/kustomize: %w", err)
		}
		switch object.GetKind() {
		case "Deployment", "PodDisruptionBudget", "ConfigMap", "":
			continue
		case "ServiceAccount":
			account = object
		}
		line, err := object.MarshalJSON()
		if err != nil {
			return "", nil, fmt.Errorf("cannot write a manifest: %w", err)
		}
		kept.Write(line)
	}
	if account == nil {
		return "", nil, errors.New("cannot find a ServiceAccount in deploy/kustomize")
	}
	return kept.String(), account, nil
}
