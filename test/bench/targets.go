package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// raiseTargets is floorkeeper's flag.
const raiseTargets = "--raise-targets"

// followed measures when the Deployments of all HPAs are at the floor: through the HPA controller alone, and with
// --raise-targets. The controller manager runs, with its own limits, and of its controllers only that of the HPAs: Pods are
// nobody's business here.
func (b *bench) followed(ctx context.Context, n, rounds int) (err error) {
	m, err := b.newMeeting(ctx, n)
	if err != nil {
		return err
	}
	if err := b.createDeployments(ctx); err != nil {
		return err
	}
	m.targets = true
	alone, err := m.alone(ctx)
	if err != nil {
		return err
	}
	help, err := exec.CommandContext(ctx, b.binary, "run", "--help").Output()
	if err != nil {
		return fmt.Errorf("cannot read the help of floorkeeper: %w", err)
	}
	if !strings.Contains(string(help), raiseTargets) {
		b.progress.say("  this floorkeeper has no %s", raiseTargets)
		return nil
	}
	return m.together(ctx, rounds, alone)
}

// managed does something while the controller manager runs, of whose controllers only that of the HPAs does.
func (b *bench) managed(ctx context.Context, do func() error, flags ...string) (err error) {
	b.extra[controlplane.ControllerManager] = append([]string{"--controllers=horizontal-pod-autoscaler-controller"}, flags...)
	if err := b.StartComponent(ctx, controlplane.ControllerManager); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.StopComponent(controlplane.ControllerManager)) }()
	return do()
}

// turn lets the HPA controller look at all HPAs, faster than its defaults allow, so that each status shows what the
// Deployment has, as it does hours after a boundary. Then it does something while the HPA controller has its defaults.
func (m *meeting) turn(ctx context.Context, do func() error) error {
	err := m.managed(ctx, func() error { return await.Poll(ctx, await.Patience, m.statusesAreCurrent) },
		"--kube-api-qps=1000", "--kube-api-burst=1000", "--concurrent-horizontal-pod-autoscaler-syncs=20")
	if err != nil {
		return err
	}
	return m.managed(ctx, do)
}

func (b *bench) statusesAreCurrent(ctx context.Context) error {
	hpas, err1 := b.admin.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	deployments, err2 := b.admin.AppsV1().Deployments("").List(ctx, metav1.ListOptions{})
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("cannot compare the HPAs with their Deployments: %w", err)
	}
	replicas := make(map[types.NamespacedName]int32)
	for _, d := range deployments.Items {
		replicas[types.NamespacedName{Namespace: d.Namespace, Name: d.Name}] = *d.Spec.Replicas
	}
	behind := 0
	for _, hpa := range hpas.Items {
		if hpa.Status.CurrentReplicas != replicas[types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}] {
			behind++
		}
	}
	if behind > 0 {
		return fmt.Errorf("%d HPAs do not show what their Deployments have", behind)
	}
	return nil
}

// alone lets the HPA controller raise the Deployments, once.
func (m *meeting) alone(ctx context.Context) (stats, error) {
	if err := m.turn(ctx, func() error { return m.keeperTurn(ctx, 0) }); err != nil {
		return stats{}, err
	}
	took := statsOf([]round{m.warmUp}, scaledOf)
	m.Results = append(m.Results, result{
		Name: fmt.Sprintf("%d Deployments at the floor, through the HPA alone", m.n), Unit: "s", Floorkeeper: took, Value: took.Median,
		ValueIs: "s, the controller manager's own limit",
	})
	return took, nil
}

func scaledOf(r round) float64 { return r.tally.since(r.tally.Scale) }

// together lets floorkeeper and the loop raise HPAs and Deployments in turn, each round further than the one before.
func (m *meeting) together(ctx context.Context, rounds int, alone stats) error {
	m.args = []string{raiseTargets}
	var keepers, loops []round
	for i := range rounds {
		for _, turn := range order(i, func() error {
			err := m.keeperTurn(ctx, 0)
			keepers = append(keepers, m.warmUp)
			return err
		}, func() error {
			err := m.loopTurn(ctx)
			loops = append(loops, m.warmUp)
			return err
		}) {
			if err := m.turn(ctx, turn); err != nil {
				return err
			}
		}
	}
	m.ratio(fmt.Sprintf("%d Deployments at the floor, with %s", m.n, raiseTargets), "client-go loop that patches HPAs and then scales, 32 at a time",
		new(1.15), statsOf(keepers, scaledOf), statsOf(loops, scaledOf), map[string]float64{"through the HPA alone": alone.Median})
	return nil
}

// createDeployments creates one for each HPA.
func (b *bench) createDeployments(ctx context.Context) error {
	return parallel(32, len(b.fleet.names), func(i int) error {
		name := b.fleet.names[i]
		labels := map[string]string{"app": name.Name}
		_, err := b.admin.AppsV1().Deployments(name.Namespace).Create(ctx, &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Name: name.Name, Namespace: name.Namespace},
			Spec: appsv1.DeploymentSpec{
				Replicas: new(int32(baseline)), Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: corev1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: labels},
					Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "service", Image: "service"}}},
				},
			},
		}, metav1.CreateOptions{})
		return err
	})
}

// scale sets the replicas of all Deployments.
func (b *bench) scale(ctx context.Context, client kubernetes.Interface, atATime, replicas int) error {
	data := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	return parallel(atATime, len(b.fleet.names), func(i int) error {
		name := b.fleet.names[i]
		_, err := client.AppsV1().Deployments(name.Namespace).Patch(ctx, name.Name, types.MergePatchType, data, metav1.PatchOptions{}, "scale")
		return err
	})
}
