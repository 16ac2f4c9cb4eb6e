package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// image is a program that does nothing and is on most nodes already.
const image = "registry.k8s.io/pause:3.10"

// createApps creates a Deployment for each application and, once its Pods are Ready, an HPA.
func createApps(ctx context.Context, client kubernetes.Interface, namespace string) error {
	for _, a := range apps() {
		_, err := client.AppsV1().Deployments(namespace).Create(ctx, a.deployment(), metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("cannot create Deployment %s: %w", a.name, err)
		}
	}
	if err := awaitApps(ctx, client, namespace); err != nil {
		return err
	}
	for _, a := range apps() {
		_, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, a.hpa(), metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("cannot create HorizontalPodAutoscaler %s: %w", a.name, err)
		}
	}
	return nil
}

func (a app) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: a.name, Labels: map[string]string{"app": a.name, "tier": a.tier}}
}

// deployment is written so that a namespace with restricted Pod Security admits it.
func (a app) deployment() *appsv1.Deployment {
	labels := map[string]string{"app": a.name}
	return &appsv1.Deployment{
		ObjectMeta: a.meta(),
		Spec: appsv1.DeploymentSpec{
			Replicas: new(a.baseline),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: new(int64(0)),
					SecurityContext: &corev1.PodSecurityContext{
						RunAsNonRoot: new(true), RunAsUser: new(int64(65535)),
						SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
					},
					Containers: []corev1.Container{{
						Name: a.name, Image: image,
						Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
							corev1.ResourceCPU: resource.MustParse(cpuRequest),
						}},
						SecurityContext: &corev1.SecurityContext{
							AllowPrivilegeEscalation: new(false),
							Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
						},
					}},
				},
			},
		},
	}
}

func (a app) hpa() *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: a.meta(),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
				APIVersion: "apps/v1", Kind: "Deployment", Name: a.name,
			},
			MinReplicas: new(a.baseline),
			MaxReplicas: maxReplicas,
			Metrics: []autoscalingv2.MetricSpec{{
				Type: autoscalingv2.ResourceMetricSourceType,
				Resource: &autoscalingv2.ResourceMetricSource{
					Name: corev1.ResourceCPU,
					Target: autoscalingv2.MetricTarget{
						Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(80)),
					},
				},
			}},
		},
	}
}

// awaitApps returns when every application has as many Ready Pods as its owner wants.
func awaitApps(ctx context.Context, client kubernetes.Interface, namespace string) error {
	return await(ctx, "the applications", func(ctx context.Context) error {
		for _, a := range apps() {
			d, err := client.AppsV1().Deployments(namespace).Get(ctx, a.name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			if d.Status.ReadyReplicas != a.baseline {
				return fmt.Errorf("%s has %d of %d Pods Ready", a.name, d.Status.ReadyReplicas, a.baseline)
			}
		}
		return nil
	})
}

// await repeats a check until it succeeds or the time is up.
func await(ctx context.Context, what string, check func(context.Context) error) error {
	timeout, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("it took more than two minutes"))
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(timeout)
		if err == nil {
			return nil
		}
		select {
		case <-timeout.Done():
			return fmt.Errorf("cannot wait for %s: %w; the last look said: %w", what, context.Cause(timeout), err)
		case <-ticker.C:
		}
	}
}
