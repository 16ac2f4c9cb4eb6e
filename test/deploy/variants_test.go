package deploy

import (
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
)

// variant is a way to install floorkeeper.
type variant struct {
	name      string
	dir       func(*testing.T) string
	namespace string   // where floorkeeper runs
	granted   []string // the namespaces whose HPAs it may patch; nil means all
	guarded   bool     // with the floor guard
	raising   bool     // with --raise-targets
	secured   bool     // with --metrics-secure
}

func variants() []variant {
	return []variant{
		{"the whole cluster, as shipped", folder(clusterWide), "floorkeeper", nil, false, false, false},
		{"the whole cluster, from a namespace of the user's", moved, "ops", nil, false, false, false},
		{"chosen namespaces, as shipped", folder(namespaced), "floorkeeper", []string{"default"}, false, false, false},
		{"chosen namespaces, from a namespace of the user's, and one namespace more", movedAndExtended, "ops", []string{"default", "video"}, false, false, false},
		{"the whole cluster, with the floor guard", guarded(clusterWide, "kustomization.yaml", ""), "floorkeeper", nil, true, false, false},
		{"chosen namespaces, with the floor guard and metrics over HTTPS", guarded(namespaced, "controller/kustomization.yaml", "../../kustomize/secure-metrics, "), "floorkeeper", []string{"default"}, true, false, true},
		{"the whole cluster, raising targets, with metrics over HTTPS", overlaid("resources: [../kustomize]\nnamespace: ops\ncomponents: [../kustomize/raise-targets, ../kustomize/secure-metrics]\n"), "ops", nil, false, true, true},
		{"chosen namespaces, raising targets", raising, "floorkeeper", []string{"default"}, false, true, false},
	}
}

// Every way to install floorkeeper must work, and grant what floorkeeper needs and nothing else.
func TestInstallation(t *testing.T) {
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			m := install(t, v)
			t.Run("replicas", func(t *testing.T) { testReplicas(t, v) })
			t.Run("rights", func(t *testing.T) { testRights(t, v) })
			if v.namespace == "floorkeeper" && !v.guarded && !v.raising { // rights are as complete; this is what a person would type, and slower
				t.Run("can-i", func(t *testing.T) { testCanI(t, v) })
			}
			t.Run("practice", func(t *testing.T) { testPractice(t, v, m) })
		})
	}
}

func folder(path string) func(*testing.T) string {
	return func(*testing.T) string { return path }
}

// guarded uncomments the line of a kustomization that switches the floor guard on, with other components before it.
func guarded(folder, kustomization, components string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		dir := filepath.Join(kit.Deploy(t), filepath.Base(folder))
		edit(t, "\n# components: [", "\ncomponents: ["+components, dir, kustomization)
		return dir
	}
}

// raising uncomments the line of the kustomization for chosen namespaces that switches --raise-targets on.
func raising(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(kit.Deploy(t), filepath.Base(namespaced))
	edit(t, "\n# components: [", "\ncomponents: [", dir, "kustomization.yaml")
	return dir
}

// overlaid is an overlay of the user's.
func overlaid(kustomization string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return kit.Overlay(t, kustomization)
	}
}

// moved is an overlay as deploy/kustomize/kustomization.yaml describes it: a namespace and a schedule of one's own.
func moved(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(kit.Deploy(t), "overlay")
	write(t, `
resources: [../kustomize]
namespace: ops
configMapGenerator:
  - name: floorkeeper-schedule
    behavior: replace
    files: [schedule.yaml]
    options: {disableNameSuffixHash: true}
`, dir, "kustomization.yaml")
	write(t, openSchedule, dir, "schedule.yaml")
	return dir
}

// movedAndExtended does what deploy/kustomize-namespaced/kustomization.yaml describes.
func movedAndExtended(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(kit.Deploy(t), "kustomize-namespaced")
	edit(t, "\nnamespace: floorkeeper\n", "\nnamespace: ops\n", dir, "controller/kustomization.yaml")
	write(t, "namespace: video\nresources: [../../grant]\n", dir, "namespaces/video/kustomization.yaml")
	edit(t, "\n  - namespaces/default\n", "\n  - namespaces/default\n  - namespaces/video\n", dir, "kustomization.yaml")
	edit(t, "value: --namespaces=default\n", `value: --namespaces=default
- op: add
  path: /spec/template/spec/containers/0/args/-
  value: --namespaces=video
`, dir, "controller/namespaces.yaml")
	return dir
}
