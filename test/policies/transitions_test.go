package policies

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// object is what a transition is about: minReplicas and annotations; max and external are the same before and after.
type object struct {
	min         int32
	annotations map[string]string
}

func (o object) with(key, value string) object {
	o.annotations = maps.Clone(o.annotations)
	if o.annotations == nil {
		o.annotations = map[string]string{}
	}
	o.annotations["floorkeeper.dev/"+key] = value
	return o
}

func (o object) without(key string) object {
	o.annotations = maps.Clone(o.annotations)
	delete(o.annotations, "floorkeeper.dev/"+key)
	return o
}

func bare(minReplicas int32) object { return object{min: minReplicas} }

// on is a held HPA: minReplicas is the floor.
func on(baseline, floor int32) object {
	return object{min: floor, annotations: marks(fmt.Sprint(baseline), fmt.Sprint(floor))}
}

// edited is an HPA held at 10 over a baseline of 2, whose minReplicas somebody has written since.
func edited(minReplicas int32) object {
	o := on(2, 10)
	o.min = minReplicas
	return o
}

// transition is a write by floorkeeper's account, legal where refusal is empty.
type transition struct {
	name     string
	from, to object
	refusal  string
	external bool // the HPA has an External metric, with which 0 is legal
	answered bool // floorkeeper wrote minReplicas last, and a webhook made it what it is
	unowned  bool // the same, and floorkeeper has handed its ownership back
}

const (
	whole    = "annotations together and whole"
	recorded = "may not record the baseline"
	given    = "may not give minReplicas"
	foreign  = "no annotations but its own"
	managed  = "is managed by "
)

func legalTransitions() []transition {
	const declared, by = "declared-baseline", "managed-by"
	return []transition{
		{name: "raise", from: bare(2), to: on(2, 10)},
		{name: "hold without raising", from: bare(10), to: on(10, 10)},
		{name: "raise to maxReplicas", from: bare(2), to: on(2, 20)},
		{name: "raise further", from: on(2, 10), to: on(2, 12)},
		{name: "lower", from: on(2, 10), to: on(2, 5)},
		{name: "lower to the baseline", from: on(2, 10), to: on(2, 2)},
		{name: "lower to a limit of the owner", from: on(2, 10).with("max-floor", "5"), to: on(2, 5).with("max-floor", "5")},
		{name: "keep, for another reason and time", from: on(2, 10), to: on(2, 10).with("because", "x").with("until", "2026-12-19T01:00:00.5Z")},
		{name: "raise again, a lower baseline", from: edited(3), to: on(3, 10)},
		{name: "raise again, a higher baseline", from: edited(12), to: on(12, 12)},
		{name: "raise again, the old baseline", from: edited(2), to: on(2, 10)},
		{name: "release", from: on(2, 10), to: bare(2)},
		{name: "release what was not raised", from: on(10, 10), to: bare(10)},
		{name: "release to an edited baseline", from: edited(3), to: bare(3)},
		{name: "nothing", from: on(2, 10), to: on(2, 10)},
		{name: "nothing, free", from: bare(2), to: bare(2)},
		{name: "nothing, damaged", from: on(2, 10).without("floor"), to: on(2, 10).without("floor")},

		{name: "raise, rounded by a webhook", from: bare(2), to: edited(12)},
		{name: "raise, limited by a webhook", from: bare(2), to: edited(8)},
		{name: "raise further, limited by a webhook", from: on(2, 10), to: edited(2)},
		{name: "keep what a webhook made of it", from: edited(12), to: on(2, 12), answered: true},
		{name: "keep what a webhook made of it, as the baseline", from: edited(12), to: on(12, 12), answered: true},
		{name: "release what a webhook rounded", from: edited(12), to: bare(2), answered: true},
		{name: "keep what a webhook made of it, owned by nobody", from: edited(12), to: on(2, 12), unowned: true},
		{name: "release what a webhook rounded, owned by nobody", from: edited(12), to: bare(2), unowned: true},

		{name: "raise, with the installation", from: bare(2), to: on(2, 10).with(by, "floorkeeper/floorkeeper")},
		{name: "raise further, an older mark", from: on(2, 10), to: on(2, 12).with(by, "floorkeeper/floorkeeper")},
		{name: "the installation alone, an older mark", from: on(2, 10), to: on(2, 10).with(by, "floorkeeper/night.floors")},
		{name: "release, with the installation", from: on(2, 10).with(by, "floorkeeper/floorkeeper"), to: bare(2)},
		{name: "heal, with the installation", from: on(2, 10).without("floor").with(declared, "3").with(by, "floorkeeper/x"), to: bare(3).with(declared, "3")},

		{name: "raise from 0", from: bare(0), to: on(0, 10), external: true},
		{name: "release to 0", from: on(0, 10), to: bare(0), external: true},
		{name: "release to 1, as 0 became illegal", from: on(0, 10), to: bare(1)},
		{name: "keep a baseline of 0 that became illegal", from: on(0, 10), to: on(0, 5)},

		{name: "raise, declared", from: bare(10).with(declared, "3"), to: on(3, 10).with(declared, "3")},
		{name: "raise, declared as not used", from: bare(2).with(declared, "3"), to: on(2, 10).with(declared, "3")},
		{name: "declared while held", from: on(2, 10).with(declared, "3"), to: on(3, 10).with(declared, "3")},
		{name: "release to the declared", from: on(2, 10).with(declared, "3"), to: bare(3).with(declared, "3")},
		{name: "release to the declared, an edit", from: edited(4).with(declared, "3"), to: bare(3).with(declared, "3")},
		{name: "declared above maxReplicas, held", from: on(2, 10).with(declared, "50"), to: on(20, 20).with(declared, "50")},
		{name: "declared above maxReplicas, released", from: on(2, 10).with(declared, "50"), to: bare(20).with(declared, "50")},
		{name: "declared 0 is illegal", from: on(2, 10).with(declared, "0"), to: bare(1).with(declared, "0")},
		{name: "release to 1, as a feature gate may forbid 0", from: on(0, 10), to: bare(1), external: true},
		{name: "declared 0 is legal", from: on(2, 10).with(declared, "0"), to: bare(0).with(declared, "0"), external: true},

		{name: "heal and hold", from: on(2, 10).without("floor").with(declared, "3"), to: on(3, 12).with(declared, "3")},
		{name: "heal and release", from: on(2, 10).with("baseline", "x").with(declared, "3"), to: bare(3).with(declared, "3")},
		{name: "heal, nearest legal", from: on(12, 10).with(declared, "50"), to: bare(20).with(declared, "50")},
	}
}

func illegalTransitions() []transition {
	const declared = "declared-baseline"
	damaged := on(2, 10).without("floor")
	return []transition{
		{name: "minReplicas alone, up", from: bare(2), to: bare(10), refusal: given},
		{name: "minReplicas alone, down", from: bare(2), to: bare(1), refusal: given},
		{name: "minReplicas alone, held, below the baseline", from: on(2, 10), to: edited(1), refusal: whole},
		{name: "raise from another baseline", from: bare(2), to: on(1, 10), refusal: recorded},
		{name: "raise from a higher baseline", from: bare(2), to: on(3, 10), refusal: recorded},
		{name: "a floor below the baseline", from: bare(5), to: on(5, 3), refusal: whole},
		{name: "raise, limited by a webhook to less than the baseline", from: bare(2), to: edited(1), refusal: whole},
		{name: "a baseline invented for what a webhook rounded", from: edited(12), to: on(3, 12), answered: true, refusal: recorded},
		{name: "a baseline invented for what nobody owns", from: edited(12), to: on(3, 12), unowned: true, refusal: recorded},
		{name: "below the baseline", from: on(5, 10), to: on(5, 3), refusal: whole},
		{name: "another baseline", from: on(2, 10), to: on(1, 10), refusal: recorded},
		{name: "the floor as baseline", from: on(2, 10), to: on(10, 10), refusal: recorded},
		{name: "an edit ignored", from: edited(3), to: on(2, 10), refusal: recorded},
		{name: "a baseline invented", from: edited(3), to: on(4, 10), refusal: recorded},
		{name: "release to less", from: on(2, 10), to: bare(1), refusal: given},
		{name: "release to more", from: on(2, 10), to: bare(3), refusal: given},
		{name: "release to the floor", from: on(2, 10), to: bare(10), refusal: given},
		{name: "release an edit to the old baseline", from: edited(3), to: bare(2), refusal: given},
		{name: "release to 2, as 0 is legal", from: on(0, 10), to: bare(2), external: true, refusal: given},
		{name: "release to maxReplicas", from: on(2, 10), to: bare(20), refusal: given},

		{name: "damaged, minReplicas down", from: damaged, to: object{min: 2, annotations: damaged.annotations}, refusal: whole},
		{name: "damaged, released as it is", from: damaged, to: bare(10), refusal: given},
		{name: "damaged, released to what is left", from: damaged, to: bare(2), refusal: given},
		{name: "damaged, held again", from: damaged, to: on(2, 10), refusal: recorded},
		{name: "damaged, minReplicas as baseline", from: damaged, to: on(10, 10), refusal: recorded},
		{name: "damaged, baseline above floor", from: object{min: 5, annotations: marks("7", "5")}, to: bare(7), refusal: given},
		{name: "damaged, another than declared", from: damaged.with(declared, "3"), to: bare(2).with(declared, "3"), refusal: given},
		{name: "damaged, held with another than declared", from: damaged.with(declared, "3"), to: on(2, 10).with(declared, "3"), refusal: recorded},
		{name: "damaged, an invalid declaration", from: damaged.with(declared, "03"), to: bare(3).with(declared, "03"), refusal: given},
		{name: "damaged, a declaration of its own", from: damaged, to: bare(3).with(declared, "3"), refusal: foreign},

		{name: "declared, free", from: bare(2).with(declared, "3"), to: bare(3).with(declared, "3"), refusal: given},
		{name: "declared, neither", from: on(2, 10).with(declared, "3"), to: bare(4).with(declared, "3"), refusal: given},
		{name: "declared, above maxReplicas, more", from: on(2, 10).with(declared, "50"), to: bare(19).with(declared, "50"), refusal: given},
		{name: "declare", from: on(2, 10), to: on(2, 10).with(declared, "2"), refusal: foreign},
		{name: "change a declaration", from: on(2, 10).with(declared, "3"), to: on(2, 10).with(declared, "2"), refusal: foreign},
		{name: "remove a declaration", from: on(2, 10).with(declared, "3"), to: on(2, 10), refusal: foreign},
		{name: "ignore", from: on(2, 10), to: bare(2).with("ignore", "true"), refusal: foreign},
		{name: "heed no ignore", from: on(2, 10).with("ignore", "true"), to: on(2, 10), refusal: foreign},
		{name: "lift a limit of the owner", from: on(2, 5).with("max-floor", "5"), to: on(2, 10).with("max-floor", "50"), refusal: foreign},
		{name: "another key of the prefix", from: bare(2), to: on(2, 10).with("note", "x"), refusal: foreign},
	}
}

// attributions try the annotation managed-by: it is written with the others, and stays while the HPA is held.
func attributions() []transition {
	const by = "managed-by"
	ours := on(2, 10).with(by, "floorkeeper/floorkeeper")
	all := []transition{
		{name: "the installation without the rest", from: bare(2), to: bare(2).with(by, "floorkeeper/floorkeeper"), refusal: whole},
		{name: "the installation stays behind", from: ours, to: bare(2).with(by, "floorkeeper/floorkeeper"), refusal: whole},
		{name: "the installation removed alone", from: ours, to: on(2, 10), refusal: managed},
		{name: "the installation was left behind", from: bare(2).with(by, "ops/floorkeeper"), to: ours},
		{name: "of another one, raised further", from: ours, to: on(2, 12).with(by, "ops/floorkeeper"), refusal: managed},
		{name: "of another one, released", from: ours, to: bare(2)},
	}
	for _, value := range []string{"", "floorkeeper", "floorkeeper/", "/floorkeeper", "floorkeeper/X", "floorkeeper/x/y", "floorkeeper/x\n"} {
		all = append(all, transition{name: fmt.Sprintf("managed by %q", value), from: bare(2), to: on(2, 10).with(by, value), refusal: whole})
	}
	return all
}

// malformed spoils one annotation after the other: they are written whole or not at all.
func malformed() []transition {
	spoilt := map[string][]string{
		"baseline": {"", "02", "+2", "-2", "2.0", "1e0", " 2", "2 ", "two", "1234567"},
		"floor":    {"", "010", "+10", "-10", "1", "ten", "1000000"},
		"because":  {"", "Cup Final", "-x", "x\ny", strings.Repeat("x", 64)},
		"since":    {"", "now", "2026-12-18", "2026-12-18T19:15:00"},
		"until":    {"", "later", "2026-12-18 23:59:00Z", "2026-12-18T23:59:00Z\n"},
	}
	var all []transition
	for key, values := range spoilt {
		for _, from := range []object{bare(2), on(2, 8)} {
			name := fmt.Sprintf("%s from %d", key, from.min)
			all = append(all, transition{name: name + ", missing", from: from, to: on(2, 10).without(key), refusal: whole})
			for _, value := range values {
				all = append(all, transition{name: fmt.Sprintf("%s, %q", name, value), from: from, to: on(2, 10).with(key, value), refusal: whole})
			}
		}
		all = append(all, transition{
			name: key + " stays behind", from: on(2, 10), refusal: whole,
			to: bare(2).with(key, marks("2", "10")["floorkeeper.dev/"+key]),
		})
	}
	return all
}

// testTransitions tries them all, as the ServiceAccount and in both versions of the API.
func testTransitions(t *testing.T, in *installation) {
	count := 0
	for _, c := range slices.Concat(legalTransitions(), illegalTransitions(), attributions(), malformed()) {
		count++
		name := fmt.Sprintf("transition-%d", count)
		t.Run(c.name, func(t *testing.T) {
			hpa := free(name, c.from.min)
			hpa.Annotations = c.from.annotations
			if c.external {
				hpa.Spec.Metrics = []autoscalingv2.MetricSpec{externalMetric()}
			}
			in.create(t, hpa)
			if c.answered || c.unowned {
				in.answer(t, name, c.from.min)
			}
			if c.unowned {
				in.handBack(t, in.get(t, name))
			}
			patch := c.patch(t)
			for version, err := range map[string]error{"v1": in.tryV1(t, name, patch), "v2": in.try(t, name, patch)} {
				switch {
				case c.refusal == "" && err != nil:
					t.Errorf("in %s, a legal write %s was refused: %v", version, patch, err)
				case c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal) || !strings.Contains(err.Error(), "floor-scope")):
					t.Errorf("in %s, %s: want the scope's refusal with %q, got %v", version, patch, c.refusal, err)
				}
			}
		})
	}
}

// answer makes minReplicas what floorkeeper wrote, and still owns.
func (in *installation) answer(t *testing.T, name string, minReplicas int32) {
	t.Helper()
	for _, n := range []int32{1, minReplicas} {
		patch := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, n)
		if _, err := in.hpas().Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "floorkeeper"}); err != nil {
			t.Fatal(err)
		}
	}
}

// patch writes minReplicas and what differs of the annotations.
func (c transition) patch(t *testing.T) []byte {
	t.Helper()
	annotations := map[string]any{}
	for key := range c.from.annotations {
		if _, stays := c.to.annotations[key]; !stays {
			annotations[key] = nil
		}
	}
	for key, value := range c.to.annotations {
		annotations[key] = value
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"annotations": annotations}, "spec": map[string]any{"minReplicas": c.to.min},
	})
	if err != nil {
		t.Fatal(err)
	}
	return patch
}

// try sends a merge patch as floorkeeper does, without storing it.
func (in *installation) try(t *testing.T, name string, patch []byte) error {
	t.Helper()
	_, err := in.keepers().Patch(t.Context(), name, types.MergePatchType, patch, asFloorkeeper())
	return err
}

func (in *installation) tryV1(t *testing.T, name string, patch []byte) error {
	t.Helper()
	hpas := in.keeper.AutoscalingV1().HorizontalPodAutoscalers(shop)
	_, err := hpas.Patch(t.Context(), name, types.MergePatchType, patch, asFloorkeeper())
	return err
}

func asFloorkeeper() metav1.PatchOptions {
	return metav1.PatchOptions{FieldManager: "floorkeeper", DryRun: []string{metav1.DryRunAll}}
}

func externalMetric() autoscalingv2.MetricSpec {
	five := resource.MustParse("5")
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ExternalMetricSourceType,
		External: &autoscalingv2.ExternalMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: "queue"},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &five},
		},
	}
}
