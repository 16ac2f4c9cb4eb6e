package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
	"github.com/floorkeeper/floorkeeper/test/kit/objects"
)

// What the chart installs is what kustomize installs, object by object, but for the labels that Helm's users expect, and
// for what only one of them has.
func TestChartIsKustomize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kustomization string
		values        string
		missing       []string // in the chart
	}{
		"the whole cluster": {kit.Plain, "", []string{"Namespace floorkeeper"}},
		"chosen namespaces": {"resources: [../kustomize-namespaced]\n", "namespaces={default}", []string{"Namespace floorkeeper"}},
		"every component": {
			"resources: [../kustomize]\ncomponents: [../kustomize/policies/floor-guard, ../kustomize/raise-targets, ../kustomize/priority, ../kustomize/secure-metrics]\n",
			"policies.guard=true,policies.handBack=true,policies.notice=true,raiseTargets=true,flowSchema.patches=true,metrics.secure=true",
			// The ClusterRole has their rules already.
			[]string{"ClusterRole floorkeeper-policies", "ClusterRoleBinding floorkeeper-policies", "Namespace floorkeeper"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := objects.Read(kubectl(t, "", "kustomize", kit.Overlay(t, test.kustomization)))
			if err != nil {
				t.Fatal(err)
			}
			want := byName(t, all)
			for _, key := range test.missing {
				if _, ok := want[key]; !ok {
					t.Errorf("kustomize has no %s either", key)
				}
				delete(want, key)
			}
			for _, h := range helms {
				if diff := cmp.Diff(want, byName(t, h.template(t, "--set="+test.values))); diff != "" {
					t.Errorf("%s (-kustomize +chart):\n%s", h.name, diff)
				}
			}
		})
	}
}

// byName returns objects by kind and name, without hooks and without what may differ.
func byName(t *testing.T, all []unstructured.Unstructured) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, object := range all {
		if isHook(object) {
			continue
		}
		// kustomize does not know that these are in no namespace. kubectl does.
		if kind := object.GetKind(); strings.Contains(kind, "AdmissionPolicy") || kind == "FlowSchema" || kind == "PriorityLevelConfiguration" {
			object.SetNamespace("")
		}
		withoutHelmLabels(object.Object)
		withoutReleaseCondition(t, object)
		data, err := json.MarshalIndent(object.Object, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		key := strings.TrimSpace(object.GetKind() + " " + object.GetName())
		if _, ok := found[key]; ok {
			t.Errorf("two objects are %s", key)
		}
		found[key] = string(data)
	}
	return found
}

func isHook(object unstructured.Unstructured) bool {
	return object.GetAnnotations()["helm.sh/hook"] != ""
}

// withoutHelmLabels removes the labels that only the chart has, wherever labels and selectors are, and the spaces that
// kustomize adds where it folds an expression.
func withoutHelmLabels(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, label := range []string{"app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart"} {
			delete(value, label)
		}
		for key, each := range value {
			if text, ok := each.(string); ok && (key == "expression" || key == "messageExpression") {
				value[key] = strings.Join(strings.Fields(text), " ")
			}
			withoutHelmLabels(each)
		}
	case []any:
		for _, each := range value {
			withoutHelmLabels(each)
		}
	}
}

// withoutReleaseCondition removes the condition by which the chart's guard and notice leave the HPAs of other releases alone.
func withoutReleaseCondition(t *testing.T, object unstructured.Unstructured) {
	t.Helper()
	conditions, ok, err := unstructured.NestedSlice(object.Object, "spec", "matchConditions")
	if err != nil {
		t.Fatal(err)
	} else if !ok {
		return
	}
	conditions = slices.DeleteFunc(conditions, func(c any) bool { return c.(map[string]any)["name"] == "of-this-release" })
	if err := unstructured.SetNestedSlice(object.Object, conditions, "spec", "matchConditions"); err != nil {
		t.Fatal(err)
	}
}

// The files that the chart has copies of, because a packaged chart cannot reach out of its folder.
func TestChartHasTheSameFiles(t *testing.T) {
	t.Parallel()
	for file, original := range map[string]string{
		"schedule.yaml":                     "kustomize/schedule.yaml",
		"policies/floor-scope.yaml":         "kustomize/policies/floor-scope.yaml",
		"policies/floor-scope-targets.yaml": "kustomize/raise-targets/floor-scope-targets.yaml",
		"policies/floor-guard.yaml":         "kustomize/policies/floor-guard/floor-guard.yaml",
		"policies/floor-hand-back.yaml":     "kustomize/policies/floor-guard/floor-hand-back.yaml",
		"policies/floor-notice.yaml":        "kustomize/policies/floor-guard/floor-notice.yaml",
		"alerts.yaml":                       "monitoring/alerts.yaml",
		"dashboard.json":                    "monitoring/dashboard.json",
	} {
		golden.Compare(t, filepath.Join(folder, "files", file), read(t, "../../deploy", original))
	}
}

// deploy/install.yaml is for people who have neither kustomize nor Helm.
func TestInstallManifest(t *testing.T) {
	t.Parallel()
	const head = "# floorkeeper for a whole cluster: kubectl apply -f deploy/install.yaml. make golden writes this file, from deploy/kustomize.\n"
	golden.Compare(t, "../../deploy/install.yaml", head+kubectl(t, "", "kustomize", "../../deploy/kustomize"))
}

// valueFiles are sets of values that people may have; together they set every value.
func valueFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "ci", "*-values.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no values to test: %v", err)
	}
	return files
}

func TestChartWithEveryValue(t *testing.T) {
	t.Parallel()
	kubectl(t, "", "create", "namespace", "floorkeeper")
	for _, file := range valueFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var first string
			for _, h := range helms {
				h.must(t, "lint", "--strict", "--quiet", folder, kubeVersion, "--values="+file)
				rendered, err := json.MarshalIndent(h.template(t, "--values="+file), "", " ")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(first, string(rendered)); first != "" && diff != "" {
					t.Errorf("the two versions of Helm render different objects (-3 +4):\n%s", diff)
				}
				first = string(rendered)
			}
			kubectl(t, manifest(t, helms[0].template(t, "--values="+file)), "apply", "--dry-run=server", "--validate=strict", "--filename=-")
		})
	}
}

// manifest returns objects as a text for kubectl, without the kind of Google's Prometheus, and without the Pod of
// helm test, for which a ServiceAccount must exist.
func manifest(t *testing.T, all []unstructured.Unstructured) string {
	t.Helper()
	var text bytes.Buffer
	for _, object := range all {
		if object.GetKind() == "PodMonitoring" || object.GetKind() == "Pod" {
			continue
		}
		data, err := object.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(data)
	}
	return text.String()
}

// The objects for whoever watches floorkeeper. PodMonitoring, whose definition is a download of 91 MB, was tried by hand with
// that of prometheus-engine 0.17.2.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	out := helms[0].must(t, "template", "floorkeeper", folder, "--namespace=floorkeeper", kubeVersion, "--values="+filepath.Join(folder, "ci/monitoring-values.yaml"),
		"--show-only=templates/monitoring/podmonitor.yaml", "--show-only=templates/monitoring/servicemonitor.yaml",
		"--show-only=templates/monitoring/podmonitoring.yaml", "--show-only=templates/networkpolicy.yaml", "--show-only=templates/services.yaml",
		"--show-only=templates/status-clusterrole.yaml")
	golden.Compare(t, "testdata/monitoring.yaml", out)
}

// The objects that exist only while a release is being deleted, and what they may do, a person has read.
func TestUninstallHooks(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]string{"cluster": "", "namespaces": "namespaces={video,shop}"} {
		out := helms[0].must(t, "template", "floorkeeper", folder, "--namespace=floorkeeper", kubeVersion, "--set="+values,
			"--show-only=templates/uninstall/rbac.yaml", "--show-only=templates/uninstall/job.yaml")
		golden.Compare(t, filepath.Join("testdata", "uninstall-"+name+".yaml"), out)
	}
}

// The packaged chart renders what the folder renders, alone and as a part of another chart, whose values name it.
func TestPackagedChart(t *testing.T) {
	t.Parallel()
	for _, h := range helms {
		dir := t.TempDir()
		h.must(t, "package", folder, "--destination="+dir)
		packages, err := filepath.Glob(filepath.Join(dir, "floorkeeper-*.tgz"))
		if err != nil || len(packages) != 1 {
			t.Fatalf("the packages: %v, %v", packages, err)
		}
		for name, args := range map[string][]string{
			"packaged":        {packages[0]},
			"in a chart":      {umbrella(t, packages[0]), "--set=floorkeeper.enabled=true"},
			"in a chart, off": {umbrella(t, packages[0]), "--set=floorkeeper.enabled=false"},
		} {
			got, err := objects.Read(h.must(t, append([]string{"template", "floorkeeper", "--namespace=floorkeeper", kubeVersion}, args...)...))
			if err != nil {
				t.Fatal(err)
			}
			want := byName(t, h.template(t))
			if name == "in a chart, off" {
				want = map[string]string{}
			}
			if diff := cmp.Diff(want, byName(t, got)); diff != "" {
				t.Errorf("%s, %s (-folder +package):\n%s", h.name, name, diff)
			}
		}
	}
}

// umbrella is a chart that consists of this one, if it is switched on.
func umbrella(t *testing.T, dependency string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Chart.yaml":                          `{apiVersion: v2, name: platform, version: 1.0.0, dependencies: [{name: floorkeeper, version: "*", condition: floorkeeper.enabled}]}`,
		"values.yaml":                         "{global: {team: platform}, floorkeeper: {enabled: true}}",
		"charts/" + filepath.Base(dependency): read(t, dependency),
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// An edit of the schedule must not restart the Pods: each would have to be elected again, in the middle of a match.
func TestScheduleIsNotInThePods(t *testing.T) {
	t.Parallel()
	before, after := helms[0].template(t), helms[0].template(t, "--set=schedule.text=edited")
	changed := 0
	for i := range before {
		if diff := cmp.Diff(before[i].Object, after[i].Object); diff != "" {
			changed++
			if before[i].GetKind() != "ConfigMap" {
				t.Errorf("the schedule changes %s %s (-before +after):\n%s", before[i].GetKind(), before[i].GetName(), diff)
			}
		}
	}
	if changed != 1 {
		t.Errorf("%d objects have changed, want 1", changed)
	}
}

// The ConfigMap of the user's own is mounted, and may be read; the chart does not have it.
func TestExistingConfigMap(t *testing.T) {
	t.Parallel()
	all := helms[0].template(t, "--set=schedule.existingConfigMap=mine")
	var text strings.Builder
	for _, object := range all {
		if object.GetKind() == "ConfigMap" {
			t.Errorf("the chart has ConfigMap %s", object.GetName())
		}
		data, err := object.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text.Write(data)
	}
	for _, want := range []string{`"configMap":{"name":"mine"}`, `"resourceNames":["mine"]`, "--schedule-configmap=$(POD_NAMESPACE)/mine"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("nothing in the chart says %s", want)
		}
	}
	if strings.Contains(text.String(), "floorkeeper-schedule") {
		t.Error("something in the chart names floorkeeper-schedule")
	}
}

// Cluster-wide objects of two releases must have different names, and so must the prefix that the controller looks for.
func TestReleasesShareNoName(t *testing.T) {
	t.Parallel()
	const everything = "--set=policies.guard=true,policies.handBack=true,policies.notice=true,raiseTargets=true,flowSchema.patches=true,rbac.aggregateToView=true"
	releases := []string{"floorkeeper", "second", "my-x", "my--x"}
	owners := map[string]string{}
	for _, release := range releases {
		all, err := objects.Read(helms[0].must(t, "template", release, folder, "--namespace="+release, kubeVersion, everything))
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range all {
			if object.GetNamespace() != "" {
				continue
			}
			key := object.GetKind() + " " + object.GetName()
			if owner := owners[key]; owner != "" {
				t.Errorf("releases %s and %s both have %s", owner, release, key)
			}
			owners[key] = release
		}
	}
	if len(owners) < 15*len(releases) {
		t.Errorf("all releases have %d cluster-wide objects together", len(owners))
	}
}

// A template that cannot do what is asked fails with the reason.
func TestContradictionsAreRefused(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"schedule.text=a,schedule.existingConfigMap=b":    "schedule.text and schedule.existingConfigMap exclude each other",
		"page.service.enabled=true":                       "page.service.enabled needs page.enabled",
		"page.enabled=true,page.port=8080":                "page.port and metrics.port are both 8080",
		"podDisruptionBudget.minAvailable=null":           "podDisruptionBudget: set minAvailable or maxUnavailable",
		"rbac.create=false":                               "uninstall.release needs rights",
		"extraArgs={--leader-election-namespace=default}": "--leader-election-namespace is that of the release",
	} {
		for _, h := range helms {
			if out, err := h.run(t.Context(), "template", "floorkeeper", folder, kubeVersion, "--set="+values); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: want an error that says %q, got %v\n%.200s", h.name, values, want, err, out)
			}
		}
	}
}
