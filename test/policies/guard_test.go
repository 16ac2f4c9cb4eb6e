package policies

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// intrusion is what somebody other than floorkeeper does to an HPA that its owner applied with minReplicas 2 and
// maxReplicas 20, and that floorkeeper has raised to 10.
type intrusion struct {
	name string
	args string // of kubectl; NAME is that of the HPA
	// manifest is what of the owner's manifest, given to standard input, is replaced by what.
	manifest []string
	want     outcome
}

// outcome is how the HPA is afterwards. The zero value of each field means: as it was.
type outcome struct {
	min, max        int32
	baseline, floor string // the annotations; floor is minReplicas unless it is given
	moved           bool   // metadata.generation, where the API server maintains it
	notice          string // what the warning contains, "" for no warning
	failure         string // what kubectl prints, "" for success
	released        bool   // without our annotations
	zero            bool   // minReplicas is 0
}

// patching is a JSON merge patch by kubectl.
func patching(patch string) string { return "patch hpa NAME --type=merge --patch=" + patch }

const (
	managedBy = "floorkeeper.dev/managed-by"

	apply   = "apply --filename=-"
	force   = "apply --server-side --force-conflicts --field-manager=gitops --filename=-"
	replace = "replace --filename=-"
)

func intrusions() []intrusion {
	min3, min15 := []string{"minReplicas: 2", "minReplicas: 3"}, []string{"minReplicas: 2", "minReplicas: 15"}
	omitted := []string{"  minReplicas: 2\n", ""}
	v1 := []string{"autoscaling/v2", "autoscaling/v1"}
	const three = "afterwards it applies your 3."
	return []intrusion{
		{"client-side apply, the same value", apply, nil, outcome{}},
		{"client-side apply, another value", apply, min3, outcome{baseline: "3", notice: three}},
		{"client-side apply, no value", apply, omitted, outcome{baseline: "1", notice: "your 1."}},
		{"client-side apply, above the floor", apply, min15, outcome{min: 15, baseline: "15", moved: true}},
		{"client-side apply, autoscaling/v1", apply, append(v1, min3...), outcome{baseline: "3", notice: three}},
		{"client-side apply, dry run", apply + " --dry-run=server", min3, outcome{notice: three}},
		{"forced server-side apply, the same value", force, nil, outcome{}},
		{"forced server-side apply, another value", force, min3, outcome{baseline: "3", notice: three}},
		{"forced server-side apply, above the floor", force, min15, outcome{min: 15, baseline: "15", moved: true}},
		{"forced server-side apply, autoscaling/v1", force, append(v1, min3...), outcome{baseline: "3", notice: three}},
		{"replace, the same value", replace, nil, outcome{}},
		{"replace, another value", replace, min3, outcome{baseline: "3", notice: three}},
		{"replace, no value", replace, omitted, outcome{baseline: "1", notice: "your 1."}},
		{"replace, autoscaling/v1", replace, append(v1, min3...), outcome{baseline: "3", notice: three}},
		{"replace, with maxReplicas below the floor", replace, []string{"maxReplicas: 20", "maxReplicas: 5"}, outcome{min: 5, max: 5, moved: true, notice: "maxReplicas 5 is below the floor of 10 (cup-final): minReplicas is 5 now"}},
		{"edit", "edit hpa NAME", min3, outcome{baseline: "3", notice: three}},

		{"patch, lower", patching(`{"spec":{"minReplicas":3}}`), nil, outcome{baseline: "3", notice: three}},
		{"patch, the same as ever", patching(`{"spec":{"minReplicas":2}}`), nil, outcome{}},
		{"patch, the floor", patching(`{"spec":{"minReplicas":10}}`), nil, outcome{}},
		{"patch, higher", patching(`{"spec":{"minReplicas":11}}`), nil, outcome{min: 11, baseline: "11", moved: true}},
		{"patch, to maxReplicas", patching(`{"spec":{"minReplicas":20}}`), nil, outcome{min: 20, baseline: "20", moved: true}},
		{"patch, null", patching(`{"spec":{"minReplicas":null}}`), nil, outcome{baseline: "1", notice: "your 1."}},
		{"patch, lower, autoscaling/v1", "patch --filename=- --type=merge --patch=" + `{"spec":{"minReplicas":3}}`, v1, outcome{baseline: "3", notice: three}},
		{"patch, null, autoscaling/v1", "patch --filename=- --type=merge --patch=" + `{"spec":{"minReplicas":null}}`, v1, outcome{baseline: "1", notice: "your 1."}},
		{"patch, negative, autoscaling/v1", "patch --filename=- --type=merge --patch=" + `{"spec":{"minReplicas":-1}}`, v1, outcome{failure: "spec.minReplicas: Invalid value: -1"}},
		{"strip all annotations, autoscaling/v1", "patch --filename=- --type=merge --patch=" + `{"metadata":{"annotations":null}}`, v1, outcome{}},
		{"patch, negative", patching(`{"spec":{"minReplicas":-1}}`), nil, outcome{failure: "spec.minReplicas: Invalid value: -1"}},
		{"patch, zero", patching(`{"spec":{"minReplicas":0}}`), nil, outcome{failure: "must specify at least one Object or External metric to support scaling to zero"}},
		{"patch, zero with an External metric", patching(`{"spec":{"minReplicas":0,"metrics":[{"type":"External","external":{"metric":{"name":"q"},"target":{"type":"Value","value":"5"}}}]}}`), nil, outcome{zero: true, moved: true}},
		{"patch, metrics in the annotation of autoscaling/v1", "patch --filename=- --type=merge --patch=" + `{"metadata":{"annotations":{"autoscaling.alpha.kubernetes.io/metrics":"[{\"type\":\"External\",\"external\":{\"metricName\":\"q\",\"targetValue\":\"5\"}}]"}},"spec":{"minReplicas":3}}`, v1, outcome{min: 3, floor: "10", moved: true}},
		{"patch, above maxReplicas", patching(`{"spec":{"minReplicas":21}}`), nil, outcome{failure: "spec.maxReplicas: Invalid value: 20: must be greater than or equal to `minReplicas`"}},
		{"patch, maxReplicas below the floor", patching(`{"spec":{"maxReplicas":8}}`), nil, outcome{min: 8, max: 8, moved: true, notice: "set maxReplicas to at least 10"}},
		{"patch, maxReplicas below the baseline", patching(`{"spec":{"maxReplicas":1}}`), nil, outcome{failure: "spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`"}},
		{"patch, both below the floor", patching(`{"spec":{"minReplicas":4,"maxReplicas":8}}`), nil, outcome{min: 8, max: 8, baseline: "4", moved: true, notice: "keeps minReplicas at 8 until"}},
		{"patch, both the same", patching(`{"spec":{"minReplicas":8,"maxReplicas":8}}`), nil, outcome{min: 8, max: 8, baseline: "8", moved: true}},
		{"patch, both crossed", patching(`{"spec":{"minReplicas":9,"maxReplicas":8}}`), nil, outcome{failure: "spec.maxReplicas: Invalid value: 8"}},
		{"patch, maxReplicas zero", patching(`{"spec":{"maxReplicas":0}}`), nil, outcome{failure: "spec.maxReplicas: Invalid value: 0"}},
		{"patch, minReplicas and annotations", patching(`{"metadata":{"annotations":{"floorkeeper.dev/floor":"2","floorkeeper.dev/baseline":"2"}},"spec":{"minReplicas":2}}`), nil, outcome{}},

		{"strip all annotations", patching(`{"metadata":{"annotations":null}}`), nil, outcome{}},
		{"strip one annotation", "annotate hpa NAME floorkeeper.dev/baseline-", nil, outcome{}},
		{"forge an annotation", "annotate --overwrite hpa NAME floorkeeper.dev/baseline=7", nil, outcome{}},
		{"strip the installation", "annotate hpa NAME floorkeeper.dev/managed-by-", nil, outcome{}},
		{"forge the installation", "annotate --overwrite hpa NAME floorkeeper.dev/managed-by=ops/floorkeeper", nil, outcome{}},
		{"forge a time", "annotate --overwrite hpa NAME floorkeeper.dev/until=2026-01-01T00:00:00Z", nil, outcome{}},
		{"unrelated edit", "label hpa NAME team=video", nil, outcome{}},
		{"unrelated field", patching(`{"spec":{"maxReplicas":30}}`), nil, outcome{max: 30, moved: true}},
		{"declare a baseline", "annotate hpa NAME floorkeeper.dev/declared-baseline=4", nil, outcome{}},
		{"limit the floor", "annotate hpa NAME floorkeeper.dev/max-floor=5", nil, outcome{}},
		{"declare and lower", patching(`{"metadata":{"annotations":{"floorkeeper.dev/declared-baseline":"4"}},"spec":{"minReplicas":3}}`), nil, outcome{baseline: "3", notice: "afterwards floorkeeper.dev/declared-baseline applies, which says 4, and not your 3."}},
		{"ignore", "annotate hpa NAME floorkeeper.dev/ignore=true", nil, outcome{}},
		{"ignore and lower", patching(`{"metadata":{"annotations":{"floorkeeper.dev/ignore":"true"}},"spec":{"minReplicas":3}}`), nil, outcome{min: 3, floor: "10", moved: true}},
		{"ignore, but not so", patching(`{"metadata":{"annotations":{"floorkeeper.dev/ignore":"yes"}},"spec":{"minReplicas":3}}`), nil, outcome{baseline: "3", notice: three}},
		{"strip by the status", "patch hpa NAME --subresource=status --type=merge --patch=" + `{"metadata":{"annotations":null},"spec":{"minReplicas":1}}`, nil, outcome{}},
		{"release by a person", patching(`{"metadata":{"annotations":{"floorkeeper.dev/baseline":null,"floorkeeper.dev/floor":null,"floorkeeper.dev/because":null,"floorkeeper.dev/since":null,"floorkeeper.dev/until":null,"floorkeeper.dev/managed-by":null}},"spec":{"minReplicas":2}}`) + " --field-manager=floorkeeper", nil, outcome{min: 2, moved: true, released: true}},
	}
}

const ownersManifest = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: NAME
  namespace: shop
  annotations:
    team: video
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 20
`

// testGuard lets them all happen.
func testGuard(t *testing.T, in *installation) {
	for i, c := range intrusions() {
		t.Run(c.name, func(t *testing.T) {
			name := fmt.Sprintf("guard-%d", i)
			before := in.raised(t, name)
			stream, err := in.hpas().Watch(t.Context(), metav1.SingleObject(metav1.ObjectMeta{Name: name, ResourceVersion: before.ResourceVersion}))
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Stop()
			c.want.judge(t, before, c.happens(t, name), func() *autoscalingv2.HorizontalPodAutoscaler {
				lowest := *before.Spec.MinReplicas
				after := in.get(t, name)
				for seen := before; seen.ResourceVersion != after.ResourceVersion; {
					select {
					case event := <-stream.ResultChan():
						seen = event.Object.(*autoscalingv2.HorizontalPodAutoscaler)
						lowest = min(lowest, *seen.Spec.MinReplicas)
					case <-time.After(await.Patience):
						t.Fatal("the watch did not show the HPA as it is")
					}
				}
				if want := min(*before.Spec.MinReplicas, *after.Spec.MinReplicas); lowest != want {
					t.Errorf("minReplicas was as low as %d, want at least %d", lowest, want)
				}
				return after
			})
		})
	}
}

// happens runs kubectl.
func (c intrusion) happens(t *testing.T, name string) said {
	t.Helper()
	manifest := strings.ReplaceAll(ownersManifest, "NAME", name)
	for i := 0; i+1 < len(c.manifest); i += 2 {
		manifest = strings.ReplaceAll(manifest, c.manifest[i], c.manifest[i+1])
	}
	args := append(strings.Fields(strings.ReplaceAll(c.args, "NAME", name)), "--namespace="+shop)
	if args[0] == "edit" {
		return editing(t, args)
	}
	return kubectl(t.Context(), manifest, args...)
}

// editing is a person at an editor, who writes 3 where there was 10.
func editing(t *testing.T, args []string) said {
	t.Helper()
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nexec sed -i 's/minReplicas: 10/minReplicas: 3/' \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBE_EDITOR", editor)
	return kubectl(t.Context(), "", args...)
}

// raised applies the owner's manifest and does to it what floorkeeper does.
func (in *installation) raised(t *testing.T, name string) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	mustKubectl(t, strings.ReplaceAll(ownersManifest, "NAME", name), "apply", "--filename=-")
	t.Cleanup(func() { in.remove(t, name) })
	in.raise(t, name)
	return in.get(t, name)
}

func (in *installation) raise(t *testing.T, name string) {
	t.Helper()
	annotations := marks("2", "10")
	annotations[managedBy] = in.namespace + "/floorkeeper"
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"annotations": annotations}, "spec": map[string]any{"minReplicas": 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.keepers().Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "floorkeeper"}); err != nil {
		t.Fatal(err)
	}
}

// judge compares what became of the HPA, and what kubectl said, with what was expected.
func (want outcome) judge(t *testing.T, before *autoscalingv2.HorizontalPodAutoscaler, s said, look func() *autoscalingv2.HorizontalPodAutoscaler) {
	t.Helper()
	if want.failure == "" && s.err != nil || !strings.Contains(s.stderr, want.failure) || want.failure != "" && s.err == nil {
		t.Errorf("kubectl ended with %v, want failure %q: %s", s.err, want.failure, s.stderr)
	}
	if noticed := strings.Contains(s.stderr, "Warning:"); noticed != (want.notice != "") || !strings.Contains(s.stderr, want.notice) {
		t.Errorf("want the notice %q, kubectl said: %s", want.notice, s.stderr)
	}
	after := look()
	if moved := after.Generation != before.Generation; moved != want.moved && kit.Has(t, cluster, controlplane.Generations) {
		t.Errorf("metadata.generation moved: %t, want %t", moved, want.moved)
	}
	expected := marks(cmp.Or(want.baseline, "2"), cmp.Or(want.floor, fmt.Sprint(cmp.Or(want.min, 10))))
	expected[managedBy] = before.Annotations[managedBy]
	if want.released {
		expected = map[string]string{}
	}
	got := maps.Clone(after.Annotations)
	maps.DeleteFunc(got, func(key, _ string) bool { return marks("2", "2")[key] == "" && key != managedBy })
	if diff := gocmp.Diff(expected, got); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	least := cmp.Or(want.min, 10)
	if want.zero {
		least = 0
	}
	if got := *after.Spec.MinReplicas; got != least {
		t.Errorf("minReplicas is %d, want %d", got, least)
	}
	if got, want := after.Spec.MaxReplicas, cmp.Or(want.max, 20); got != want {
		t.Errorf("maxReplicas is %d, want %d", got, want)
	}
}

// testOtherMarks: a floor of any installation is guarded, and what a webhook made of one.
func testOtherMarks(t *testing.T, in *installation) {
	lower := []byte(`{"spec":{"minReplicas":3}}`)
	theirs, rounded := held("theirs"), held("rounded")
	theirs.Annotations[managedBy] = "ops/floorkeeper"
	in.create(t, theirs)
	hpa, err := in.hpas().Patch(t.Context(), "theirs", types.MergePatchType, lower, metav1.PatchOptions{})
	if err != nil || *hpa.Spec.MinReplicas != 10 || hpa.Annotations["floorkeeper.dev/baseline"] != "3" || hpa.Annotations[managedBy] != "ops/floorkeeper" {
		t.Errorf("another installation's: %v, minReplicas %d, %v", err, *hpa.Spec.MinReplicas, hpa.Annotations)
	}
	above := held("above")
	above.Annotations["floorkeeper.dev/baseline"] = "10" // somebody has raised it over its floor
	in.create(t, above)
	if s := kubectl(t.Context(), "", "patch", "hpa", "above", "--namespace="+shop, "--patch="+string(lower)); !strings.Contains(s.stderr, "keeps minReplicas at its floor, at most 10 until") {
		t.Errorf("kubectl says %q", s.stderr)
	}
	in.create(t, rounded)
	in.answer(t, "rounded", 12)
	for _, owner := range []string{"floorkeeper", "nobody"} {
		if owner == "nobody" {
			in.handBack(t, in.get(t, "rounded"))
		}
		hpa, err = in.hpas().Patch(t.Context(), "rounded", types.MergePatchType, lower, metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil || *hpa.Spec.MinReplicas != 12 || !gocmp.Equal(hpa.Annotations, marks("3", "12")) {
			t.Errorf("rounded by a webhook, and owned by %s: %v, minReplicas %d, %v", owner, err, *hpa.Spec.MinReplicas, hpa.Annotations)
		}
	}
}
