package policies

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// shop is the namespace of the HPAs that the tests write to.
const shop = "shop"

// installation is floorkeeper's ServiceAccount and its policies in the cluster.
type installation struct {
	namespace, account string
	administrator      kubernetes.Interface
	keeper             kubernetes.Interface // the ServiceAccount
	warnings           *recorder            // of the administrator's client
	listener           listener             // to answers to the ServiceAccount
}

// recorder notes the warnings that the API server sends along with its answers.
type recorder struct{ texts []string }

func (r *recorder) HandleWarningHeader(_ int, _, text string) { r.texts = append(r.texts, text) }

// overlay writes a kustomization next to two simple ones, and returns its path. Where the API server has no policies that
// mutate, all three are without the floor guard.
func overlay(t *testing.T, text string) string {
	t.Helper()
	root := kit.Deploy(t)
	for name, text := range map[string]string{"guarded": kit.Guarded, "moved": moved, "overlay": text} {
		if !kit.Has(t, cluster, controlplane.MutatingPolicies) {
			text = strings.ReplaceAll(text, guard+", ", "")
			text = strings.ReplaceAll(text, "components: ["+guard+"]\n", "")
		}
		kit.AddOverlay(t, root, name, text)
	}
	return filepath.Join(root, "overlay")
}

// guard is the component of the floor guard.
const guard = "../kustomize/policies/floor-guard"

// moved is the overlay of somebody who only chooses another namespace.
const moved = kit.Plain + "namespace: ops\n"

// install applies a folder until the end of the test, gives its ServiceAccount every right that RBAC knows, so that
// nothing but policies can stop it, and waits until the policies do.
func install(t *testing.T, dir, namespace, account string) *installation {
	t.Helper()
	mustKubectl(t, "", "apply", "-k", dir)
	t.Cleanup(func() {
		if s := kubectl(context.Background(), "", "delete", "-k", dir, "--ignore-not-found", "--timeout="+await.Patience.String()); s.err != nil {
			t.Errorf("cannot uninstall: %v: %s", s.err, s.stderr)
		}
	})
	in := &installation{namespace: namespace, account: account, warnings: &recorder{}}
	config := cluster.Config()
	config.WarningHandler = in.warnings
	in.administrator = connect(t, config)
	in.keeper = connect(t, in.tokenConfig(t))
	makeNamespace(t, in.administrator, shop)
	in.grantEverything(t)
	in.awaitPolicies(t)
	return in
}

func connect(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// tokenConfig is what the ServiceAccount connects with: a token that the API server issued, and no impersonation.
func (in *installation) tokenConfig(t *testing.T) *rest.Config {
	t.Helper()
	file, err := cluster.ServiceAccountKubeconfig(t.Context(), in.namespace, in.account)
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	config.Wrap(in.listener.listen)
	return config
}

func makeNamespace(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	_, err := client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

func (in *installation) grantEverything(t *testing.T) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "everything"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: in.namespace, Name: in.account}},
	}
	bindings := in.administrator.RbacV1().ClusterRoleBindings()
	if _, err := bindings.Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bindings.Delete(context.Background(), binding.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

// awaitPolicies tries, without storing anything, writes that each policy must answer.
func (in *installation) awaitPolicies(t *testing.T) {
	t.Helper()
	probe := in.create(t, held("probe"))
	dryRun := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}}
	await.Success(t, "the scope policy", func(context.Context) error {
		_, err := in.keepers().Patch(t.Context(), probe.Name, types.MergePatchType, []byte(`{"spec":{"maxReplicas":21}}`), dryRun)
		if err == nil || !strings.Contains(err.Error(), "floor-scope") {
			return fmt.Errorf("it lets an illegal write pass: %w", errors.Join(errors.New("answer"), err))
		}
		return nil
	})
	if !kit.Has(t, cluster, controlplane.MutatingPolicies) {
		return
	}
	await.Success(t, "the hand-back", func(context.Context) error {
		lowered := []byte(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"9"}},"spec":{"minReplicas":9}}`)
		hpa, err := in.keepers().Patch(t.Context(), probe.Name, types.MergePatchType, lowered, asFloorkeeper())
		if err != nil {
			return err
		}
		if _, owns := entry(hpa, "floorkeeper"); owns {
			return errors.New("floorkeeper owns what it wrote")
		}
		return nil
	})
	await.Success(t, "the guard and the notice", func(context.Context) error {
		in.warnings.texts = nil
		hpa, err := in.hpas().Patch(t.Context(), probe.Name, types.MergePatchType, []byte(`{"spec":{"minReplicas":3}}`), dryRun)
		if err != nil {
			return err
		}
		if *hpa.Spec.MinReplicas != 10 || len(in.warnings.texts) != 1 {
			return fmt.Errorf("minReplicas is %d, warnings are %q", *hpa.Spec.MinReplicas, in.warnings.texts)
		}
		return nil
	})
}

func (in *installation) hpas() autoscalingclient.HorizontalPodAutoscalerInterface {
	return in.administrator.AutoscalingV2().HorizontalPodAutoscalers(shop)
}

func (in *installation) keepers() autoscalingclient.HorizontalPodAutoscalerInterface {
	return in.keeper.AutoscalingV2().HorizontalPodAutoscalers(shop)
}

// create makes an HPA until the end of the test. Policies look at no HPA that is new, but for the scope.
func (in *installation) create(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	created, err := in.hpas().Create(t.Context(), hpa, metav1.CreateOptions{FieldManager: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := in.hpas().Delete(context.Background(), hpa.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
	return created
}

// marks are the annotations of floorkeeper, but for managed-by, which older versions did not write.
func marks(baseline, floor string) map[string]string {
	return map[string]string{
		"floorkeeper.dev/baseline": baseline,
		"floorkeeper.dev/floor":    floor,
		"floorkeeper.dev/because":  "cup-final",
		"floorkeeper.dev/since":    "2026-12-18T19:15:00+01:00",
		"floorkeeper.dev/until":    "2096-12-18T23:59:00+01:00",
	}
}

// held is an HPA whose owner wrote minReplicas 2, and which floorkeeper has raised to 10.
func held(name string) *autoscalingv2.HorizontalPodAutoscaler {
	hpa := free(name, 10)
	hpa.Annotations = marks("2", "10")
	return hpa
}

func free(name string, minReplicas int32) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: shop},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    &minReplicas,
			MaxReplicas:    20,
		},
	}
}
