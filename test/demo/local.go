package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// openLocal starts a control plane on this machine, on which floorkeeper has the rights of deploy/kustomize.
func openLocal(ctx context.Context, s *screen, dir string) (c *cluster, err error) {
	const namespace = "shop"
	if err := prepareLocal(ctx, s, dir, namespace); err != nil {
		return nil, err
	}
	began := time.Now()
	s.paragraph("Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok ...")
	plane, err := controlplane.Start(ctx, controlplane.Options{Nodes: 3, Progress: s.out, LogDir: dir})
	if err != nil {
		return nil, err
	}
	c = &cluster{namespace: namespace, pace: localPace(), close: func(context.Context) error { return plane.Stop() }}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close(ctx))
		}
	}()
	c.kubectl, c.client = plane.Kubectl, plane.Client()
	if err := c.playMetrics(ctx, plane); err != nil {
		return c, err
	}
	shop := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, shop, metav1.CreateOptions{}); err != nil {
		return c, fmt.Errorf("cannot create namespace %s: %w", c.namespace, err)
	}
	// The replicas of floorkeeper are processes here.
	installation, err := replica.Install(ctx, plane, "Deployment", "PodDisruptionBudget", "ConfigMap")
	if err != nil {
		return c, err
	}
	c.leaseNamespace, c.kubeconfig = replica.Home, installation.Account
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
	if err := plane.Apply(ctx, l.manifest()); err != nil {
		return err
	}
	return l.await(ctx)
}
