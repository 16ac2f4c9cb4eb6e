package chart

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// commonLabels and commonAnnotations are those of all objects and all Pods but the user's own, and replace nothing of the chart's.
func TestCommonLabels(t *testing.T) {
	t.Parallel()
	for _, file := range valueFiles(t) {
		args := []string{
			"--values=" + file, "--set=commonLabels.mine=a,commonAnnotations.mine=b,commonAnnotations.helm\\.sh/hook=c",
			"--set=commonLabels.app\\.kubernetes\\.io/name=d,commonLabels.app\\.kubernetes\\.io/instance=e",
		}
		for _, object := range helms[0].template(t, args...) {
			if name := object.GetName(); strings.HasSuffix(name, "-extra") || strings.HasSuffix(name, "-as-text") {
				continue
			}
			metas := map[string]metav1.Object{"": &object}
			if pod := podOf(t, object); pod != nil {
				metas["the Pod of "] = &pod.ObjectMeta
			}
			for what, meta := range metas {
				if l, a := meta.GetLabels(), meta.GetAnnotations(); l["mine"] != "a" || a["mine"] != "b" || strings.Contains("d e", l["app.kubernetes.io/name"]) || strings.Contains("d e", l["app.kubernetes.io/instance"]) {
					t.Errorf("%s: %s%s %s has labels %v and annotations %v", filepath.Base(file), what, object.GetKind(), object.GetName(), l, a)
				}
			}
			if kind := object.GetKind(); (kind == "Job" || kind == "Pod") && object.GetAnnotations()["helm.sh/hook"] == "c" {
				t.Errorf("%s: %s %s is no hook any more", filepath.Base(file), kind, object.GetName())
			}
		}
	}
}

// Whatever a cluster demands of the controller's Pods, it demands of the Pods of hooks too.
func TestHookPods(t *testing.T) {
	t.Parallel()
	for _, object := range helms[0].template(t, "--set=hostUsers=false,priorityClassName=high,nodeSelector.pool=ops,imagePullSecrets[0].name=mine,extraEnv[0].name=NO_PROXY,uninstall.podLabels.mesh=off",
		`--set-json=affinity={"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{}]},"podAntiAffinity":{}}`) {
		pod := podOf(t, object)
		if pod == nil {
			continue
		}
		if s := pod.Spec; s.HostUsers == nil || *s.HostUsers || s.PriorityClassName != "high" || s.NodeSelector["pool"] != "ops" || len(s.Affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution) != 1 ||
			(s.Affinity.PodAntiAffinity == nil) == (object.GetKind() == "Deployment") || len(s.ImagePullSecrets) != 1 ||
			!slices.ContainsFunc(s.Containers[0].Env, func(env corev1.EnvVar) bool { return env.Name == "NO_PROXY" }) || (pod.Labels["mesh"] == "off") != (object.GetKind() == "Job") {
			t.Errorf("the Pod of %s %s: %+v", object.GetKind(), object.GetName(), s)
		}
	}
}

// In a namespace that denies everything, the Pods of hooks reach what the controller reaches. They belong to no Service and no
// PodDisruptionBudget, and are not Pods of the Deployment.
func TestNetworkPolicyHasTheHooks(t *testing.T) {
	t.Parallel()
	all := helms[0].template(t, "--set=networkPolicy.enabled=true,networkPolicy.egress[0].ports[0].port=443")
	pods := 0
	for _, object := range all {
		pod := podOf(t, object)
		if pod == nil {
			continue
		}
		pods++
		for _, policy := range all {
			if policy.GetKind() != "NetworkPolicy" {
				continue
			}
			spec := as[networkingv1.NetworkPolicy](t, policy).Spec
			selector, err := metav1.LabelSelectorAsSelector(&spec.PodSelector)
			if err != nil || !selector.Matches(labels.Set(pod.Labels)) || len(spec.Egress) != 1 || !slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
				t.Errorf("NetworkPolicy %s does not allow egress of the Pod of %s %s: %v", policy.GetName(), object.GetKind(), object.GetName(), err)
			}
		}
		selector := labels.SelectorFromSet(deployment(t, all).Spec.Selector.MatchLabels)
		if selector.Matches(labels.Set(pod.Labels)) != (object.GetKind() == "Deployment") {
			t.Errorf("labels of the Pod of %s %s: %v", object.GetKind(), object.GetName(), pod.Labels)
		}
	}
	if pods != 3 {
		t.Errorf("the chart has %d kinds of Pods, want those of the Deployment, the Job and helm test", pods)
	}
}

func deployment(t *testing.T, all []unstructured.Unstructured) *appsv1.Deployment {
	t.Helper()
	i := slices.IndexFunc(all, func(object unstructured.Unstructured) bool { return object.GetKind() == "Deployment" })
	return as[appsv1.Deployment](t, all[i])
}

// The API server refuses a rollingUpdate, which the default values have, beside Recreate.
func TestRecreate(t *testing.T) {
	t.Parallel()
	if strategy := deployment(t, helms[0].template(t, "--set=strategy.type=Recreate")).Spec.Strategy; strategy.Type != appsv1.RecreateDeploymentStrategyType || strategy.RollingUpdate != nil {
		t.Errorf("the strategy is %+v", strategy)
	}
}

// With rbac.create=false, whoever installs the chart may create no Role of any kind.
func TestNoRBAC(t *testing.T) {
	t.Parallel()
	for _, object := range helms[0].template(t, "--set=rbac.create=false,rbac.aggregateToView=true,metrics.secure=true,uninstall.serviceAccountName=mine,policies.guard=true,namespaces={a}") {
		if object.GroupVersionKind().Group == "rbac.authorization.k8s.io" {
			t.Errorf("there is %s %s", object.GetKind(), object.GetName())
		}
	}
}

// Helm allows names of releases that Kubernetes does not allow for every kind: with a dot, and with a digit in front.
func TestNamesAreValid(t *testing.T) {
	t.Parallel()
	services := []string{"--set=metrics.service.enabled=true,page.enabled=true,page.service.enabled=true"}
	for release, version := range map[string]string{"my.release": "1.35.0", "7.floors": "1.36.0", strings.Repeat("a.", 26) + "b": "1.35.0", strings.Repeat("a", 41) + "--b": "1.35.0"} {
		all, err := objects.Read(helms[0].must(t, append([]string{"template", release, folder, "--kube-version=" + version}, services...)...))
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range all {
			if errs := validation.IsDNS1123Label(object.GetName()); len(errs) > 0 {
				t.Errorf("release %s: %s %s: %v", release, object.GetKind(), object.GetName(), errs)
			}
		}
	}
	for _, value := range []string{"7.floors", "floorkeeper --set=fullnameOverride=7f"} {
		args := append(append([]string{"template"}, strings.Fields(value)...), folder, "--kube-version=1.35.0")
		helms[0].must(t, args...)
		for _, service := range []string{"metrics.serviceMonitor.enabled=true", "page.enabled=true,page.service.enabled=true"} {
			if _, err := helms[0].run(t.Context(), append(args, "--set="+service)...); err == nil || !strings.Contains(err.Error(), "begins with a letter") {
				t.Errorf("release %s with a Service before Kubernetes 1.36: %v", value, err)
			}
		}
	}
}

// The command of README.md runs the image that docs/install.md, where it sends its readers, has them push.
func TestReadmeRunsThePushedImage(t *testing.T) {
	t.Parallel()
	pushed := regexp.MustCompile(`docker push (\S+)`).FindStringSubmatch(read(t, "../../docs/install.md"))
	set := regexp.MustCompile(`--set image\.\S+`).FindAllString(read(t, folder, "README.md"), -1)
	if len(pushed) != 2 || len(set) == 0 {
		t.Fatalf("docs/install.md pushes %v, README.md sets %v", pushed, set)
	}
	all := helms[0].template(t, strings.Fields(strings.Join(set, " "))...)
	if got := fmt.Sprint(deployment(t, all).Spec.Template.Spec.Containers[0].Image); got != pushed[1] {
		t.Errorf("README.md runs %s, and docs/install.md pushes %s", got, pushed[1])
	}
}
