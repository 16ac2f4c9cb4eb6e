package year

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// home is the namespace that deploy/kustomize installs floorkeeper into, and the name of its ServiceAccount.
const home = "floorkeeper"

// install starts a control plane and installs floorkeeper, with the guard or without.
func (w *walk) install(t *testing.T) {
	t.Helper()
	flags := w.record.flags(t)
	if w.noZero {
		flags = append(flags, "--feature-gates=HPAScaleToZero=false") // as by default before Kubernetes 1.37
	}
	plane := kit.ControlPlane(t, controlplane.Options{
		ExtraArgs: map[controlplane.Component][]string{controlplane.APIServer: flags},
	})
	for _, unneeded := range []controlplane.Component{controlplane.Kwok, controlplane.Scheduler} {
		if err := plane.StopComponent(unneeded); err != nil {
			t.Fatal(err)
		}
	}
	config := plane.Config()
	config.WarningHandler = rest.NoWarnings{}
	w.client = kubernetes.NewForConfigOrDie(config)
	kustomization := kit.Plain
	if w.guard {
		kustomization = kit.Guarded
	}
	if _, err := plane.Kubectl(t.Context(), "apply", "-k", kit.Overlay(t, kustomization)); err != nil {
		t.Fatal(err)
	}
	kubeconfig := ""
	err := await(t.Context(), func() (err error) {
		kubeconfig, err = plane.ServiceAccountKubeconfig(t.Context(), home, home)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.account, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		t.Fatal(err)
	}
	w.account.QPS = -1
	w.account.WarningHandler = rest.NoWarnings{}
}

// populate creates the namespaces and the HPAs, and waits until the policies act.
func (w *walk) populate(t *testing.T) {
	t.Helper()
	for _, namespace := range namespaces() {
		object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
		if _, err := w.client.CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range names() {
			p := &page{namespace: namespace, name: name, tier: pick(w.rng, tiers()...), maxReplicas: 10 + w.rng.Int32N(80), noZero: w.noZero}
			p.external, p.maxFloor = chance(w.rng, 25), map[string]string{"queue": "15", "cron": "half"}[name]
			p.word = 1 + w.rng.Int32N(8)
			w.pages = append(w.pages, p)
		}
	}
	w.pages = append(w.pages, &page{namespace: excluded, name: "dns", tier: "front", maxReplicas: 10, word: 2, excluded: true})
	for _, p := range w.pages {
		p.live, p.note = p.word, "keep "+p.key()
		_, err := w.client.AutoscalingV2().HorizontalPodAutoscalers(p.namespace).
			Create(t.Context(), p.manifest(p.word), metav1.CreateOptions{FieldManager: "kubectl-create"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := await(t.Context(), func() error { return w.policies(t.Context()) }); err != nil {
		t.Fatal(err)
	}
}

// policies checks, without storing anything, that the scope policy and, if it is there, the guard act.
func (w *walk) policies(ctx context.Context) error {
	account, err := kubernetes.NewForConfig(w.account)
	if err != nil {
		return err
	}
	name, dryRun := "probe", []string{metav1.DryRunAll}
	probe := (&page{namespace: "default", name: name, maxReplicas: 20}).manifest(10)
	probe.Annotations[prefix+"baseline"], probe.Annotations[prefix+"floor"] = "2", "10"
	hpas := w.client.AutoscalingV2().HorizontalPodAutoscalers("default")
	if _, err := hpas.Create(ctx, probe, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	_, err = account.AutoscalingV2().HorizontalPodAutoscalers("default").
		Patch(ctx, name, types.MergePatchType, []byte(`{"spec":{"maxReplicas":21}}`), metav1.PatchOptions{DryRun: dryRun})
	if err == nil || !strings.Contains(err.Error(), "floor-scope") {
		return fmt.Errorf("the scope policy lets an illegal write pass: %w", orNone(err))
	}
	if w.guard {
		got, err := hpas.Patch(ctx, name, types.MergePatchType, []byte(`{"spec":{"minReplicas":3}}`), metav1.PatchOptions{DryRun: dryRun})
		if err != nil || *got.Spec.MinReplicas != 10 {
			return fmt.Errorf("the guard lets the floor be knocked down: %w", orNone(err))
		}
	}
	return hpas.Delete(ctx, name, metav1.DeleteOptions{})
}
