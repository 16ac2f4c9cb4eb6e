package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// account is floorkeeper's name in the audit log.
const account = "system:serviceaccount:" + replica.Home + ":" + replica.Home

// cluster is the control plane, with floorkeeper's manifests and its binary.
type cluster struct {
	*controlplane.ControlPlane
	*replica.Installation
	dir string

	admin     kubernetes.Interface
	own       kubernetes.Interface // of floorkeeper's ServiceAccount
	addresses replica.Addresses
	audit     *audit
	fleet     *fleet
	handBack  bool   // the API server hands floorkeeper's field ownership back
	all       string // the folder of a kustomization with all policies
	extra     map[controlplane.Component][]string
}

func openCluster(ctx context.Context, dir string, o *options) (c *cluster, err error) {
	c = &cluster{dir: dir}
	if o.binary == "" {
		if o.binary, err = replica.Build(ctx, dir); err != nil {
			return nil, err
		}
	}
	var flags []string
	if flags, c.audit, err = newAudit(dir); err != nil {
		return nil, err
	}
	// 10,000 HPAs are written dozens of times, with their Events: more than etcd's default quota of 2 GiB.
	c.extra = map[controlplane.Component][]string{
		controlplane.APIServer: append(flags, "--event-ttl=10m"),
		controlplane.Etcd:      {"--quota-backend-bytes=8589934592"},
	}
	c.ControlPlane, err = controlplane.Start(ctx, controlplane.Options{LogDir: dir, ExtraArgs: c.extra})
	if err != nil {
		return nil, err
	}
	if err := c.install(ctx, o); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// install brings floorkeeper's manifests, and stops whoever else would write to an HPA.
func (c *cluster) install(ctx context.Context, o *options) (err error) {
	c.admin = c.Client()
	if c.Installation, err = replica.Install(ctx, c.ControlPlane); err != nil {
		return err
	}
	if c.own, err = controlplane.ClientOf(c.Account); err != nil {
		return err
	}
	for _, name := range []controlplane.Component{controlplane.Kwok, controlplane.Scheduler, controlplane.ControllerManager} {
		if err := c.StopComponent(name); err != nil {
			return err
		}
	}
	if c.fleet, err = newFleet(ctx, c.admin, o.namespaces); err != nil {
		return err
	}
	if c.all, err = c.overlay(ctx); err != nil {
		return err
	}
	return errors.Join(c.guard(ctx), c.awaitScope(ctx))
}

// awaitScope waits until the API server enforces the floor scope.
func (c *cluster) awaitScope(ctx context.Context) error {
	hpa := newHPA(types.NamespacedName{Namespace: c.fleet.namespaces[0], Name: "probe"})
	hpas := c.admin.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace)
	if _, err := hpas.Create(ctx, hpa, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("cannot create an HPA: %w", err)
	}
	err := await.Poll(ctx, await.Patience, func(ctx context.Context) error {
		_, err := c.own.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Patch(ctx, hpa.Name, types.MergePatchType,
			[]byte(`{"spec":{"maxReplicas":7}}`), metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil || !strings.Contains(err.Error(), "AdmissionPolicy") {
			return fmt.Errorf("the floor scope lets a change of maxReplicas pass: %w", err)
		}
		return nil
	})
	return errors.Join(err, hpas.Delete(ctx, hpa.Name, metav1.DeleteOptions{}))
}

func (c *cluster) close() error {
	if c.ControlPlane == nil {
		return nil
	}
	return c.Stop()
}

// scheduleDir is where floorkeeper reads the schedule. The audit log is not beside it, as nothing is in a Pod: each line would
// be a hint to read the schedule.
func (c *cluster) scheduleDir() string { return filepath.Join(c.dir, "etc", "schedule") }

// publish writes the schedule to where floorkeeper reads it, in one step.
func (c *cluster) publish(schedule string) error {
	dir := c.scheduleDir()
	draft := filepath.Join(c.dir, "draft.yaml")
	err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(draft, []byte(schedule), 0o644))
	if err == nil {
		err = os.Rename(draft, filepath.Join(dir, "schedule.yaml"))
	}
	if err != nil {
		return fmt.Errorf("cannot write the schedule: %w", err)
	}
	return nil
}
