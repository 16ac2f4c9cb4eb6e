package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// raises is how often minReplicas is raised to see how soon the HPA controller acts on it, at other moments of its period.
const raises = 3

// describe starts the control plane of a release with its own defaults, and returns a row of what it can do.
func describe(ctx context.Context, release string) (row []string, err error) {
	plane, err := controlplane.Start(ctx, controlplane.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	row = []string{release[1:]}
	for _, what := range []controlplane.Capability{
		controlplane.MutatingPolicies, controlplane.ScaledToZero, controlplane.Generations, controlplane.Zeroes,
	} {
		has, err := plane.Has(ctx, what)
		if err != nil {
			return nil, err
		}
		row = append(row, map[bool]string{true: "yes", false: "no"}[has])
	}
	longest, err := reaction(ctx, plane)
	return append(row, fmt.Sprintf("%.2f s, the longest of %d", longest.Seconds(), raises)), err
}

// reaction raises the minReplicas of an HPA and returns the longest time until its Deployment was scaled.
func reaction(ctx context.Context, plane *controlplane.ControlPlane) (longest time.Duration, err error) {
	client := plane.Client()
	if err := deploy(ctx, plane, client); err != nil {
		return 0, fmt.Errorf("cannot create an HPA: %w", err)
	}
	hpas := client.AutoscalingV2().HorizontalPodAutoscalers(corev1.NamespaceDefault)
	for i := range int32(raises) {
		time.Sleep(time.Duration(i) * 5 * time.Second)
		began := time.Now()
		patch := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, i+2)
		if _, err := hpas.Patch(ctx, app, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return 0, fmt.Errorf("cannot raise minReplicas: %w", err)
		}
		if err := awaitReplicas(ctx, client, i+2); err != nil {
			return 0, fmt.Errorf("waited in vain for the HPA controller: %w", err)
		}
		longest = max(longest, time.Since(began))
	}
	return longest, nil
}

const app = "web"

// deploy creates a Deployment with an HPA, and waits until the HPA controller knows both.
func deploy(ctx context.Context, plane *controlplane.ControlPlane, client kubernetes.Interface) error {
	if _, err := plane.Kubectl(ctx, "create", "deployment", app, "--image=fake"); err != nil {
		return err
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: app},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: app},
			MaxReplicas:    20,
		},
	}
	hpas := client.AutoscalingV2().HorizontalPodAutoscalers(corev1.NamespaceDefault)
	if _, err := hpas.Create(ctx, hpa, metav1.CreateOptions{}); err != nil {
		return err
	}
	return poll(ctx, func(ctx context.Context) (bool, error) {
		seen, err := hpas.Get(ctx, app, metav1.GetOptions{})
		return err == nil && len(seen.Status.Conditions) > 0, err
	})
}

// awaitReplicas returns when the Deployment shall have a number of replicas.
func awaitReplicas(ctx context.Context, client kubernetes.Interface, want int32) error {
	return poll(ctx, func(ctx context.Context) (bool, error) {
		deployment, err := client.AppsV1().Deployments(corev1.NamespaceDefault).Get(ctx, app, metav1.GetOptions{})
		return err == nil && *deployment.Spec.Replicas == want, err
	})
}

func poll(ctx context.Context, condition wait.ConditionWithContextFunc) error {
	return wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, time.Minute, true, condition)
}
