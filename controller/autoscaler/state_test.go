package autoscaler_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestNext(t *testing.T) {
	free := func(minReplicas int32) autoscaler.State {
		return autoscaler.State{MinReplicas: minReplicas, MaxReplicas: 100}
	}
	held := func(minReplicas, baseline, floor int32) autoscaler.State {
		return autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(baseline, floor), MinReplicas: minReplicas, MaxReplicas: 100}
	}
	damaged := autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 100}
	lowered := held(24, 4, 24)
	lowered.MinReplicas, lowered.MaxReplicas = 10, 10
	noMetric := held(24, 0, 24)
	withMetric := noMetric
	withMetric.ZeroLegal = true
	zero := autoscaler.State{ZeroLegal: true, MaxReplicas: 100}
	clamped := held(10, 10, 10)
	clamped.MaxReplicas = 10
	altered := func(s autoscaler.State) autoscaler.State {
		s.Altered = true
		return s
	}
	declares := func(s autoscaler.State, baseline int32) autoscaler.State {
		s.Declared = autoscaler.Declaration{baseline, true}
		return s
	}

	for name, test := range map[string]struct {
		state autoscaler.State
		asked int32
		want  autoscaler.State
	}{
		"a free HPA that no entry covers stays as it is":                     {free(4), 0, free(4)},
		"a free HPA is raised and its minReplicas becomes the baseline":      {free(4), 24, held(24, 4, 24)},
		"a baseline above the floor is held but not lowered":                 {free(30), 24, held(30, 30, 30)},
		"a floor above maxReplicas is clamped":                               {free(4), 240, held(100, 4, 100)},
		"a held HPA stays while the entry is open":                           {held(24, 4, 24), 24, held(24, 4, 24)},
		"a held HPA moves between floors":                                    {held(24, 4, 24), 12, held(12, 4, 12)},
		"a held HPA gets its baseline back":                                  {held(24, 4, 24), 0, free(4)},
		"a lower value written while held is a new baseline":                 {held(6, 4, 24), 24, held(24, 6, 24)},
		"a value above the floor written while held is a new baseline":       {held(50, 4, 24), 24, held(50, 50, 50)},
		"a value written while held is what its owner gets back":             {held(6, 4, 24), 0, free(6)},
		"a lowered maxReplicas clamps the floor and minReplicas is a wish":   {lowered, 24, clamped},
		"a damaged HPA is left alone inside an entry":                        {damaged, 24, damaged},
		"a damaged HPA is left alone outside entries":                        {damaged, 0, damaged},
		"a baseline of zero is given back where zero is legal":               {withMetric, 0, zero},
		"a baseline of zero that has become illegal gives the nearest, one":  {noMetric, 0, free(1)},
		"a free HPA that no entry covers stays, whatever it declares":        {declares(free(24), 4), 0, declares(free(24), 4)},
		"a declared baseline counts from the raise on":                       {declares(free(6), 4), 24, declares(held(24, 4, 24), 4)},
		"a declared baseline is what a held HPA gets back":                   {declares(held(24, 9, 24), 4), 0, declares(free(4), 4)},
		"a value written while held does not move a declared baseline":       {declares(held(6, 4, 24), 4), 24, declares(held(24, 4, 24), 4)},
		"a baseline declared while held takes over":                          {declares(held(24, 9, 24), 4), 24, declares(held(24, 4, 24), 4)},
		"a baseline declared above the floor stands":                         {declares(held(24, 4, 24), 30), 24, declares(held(30, 30, 30), 30)},
		"a baseline declared above maxReplicas counts as that":               {declares(free(4), 120), 24, declares(held(100, 100, 100), 120)},
		"a baseline of zero declared without a metric for it counts as one":  {declares(held(24, 4, 24), 0), 0, declares(free(1), 0)},
		"a declared baseline heals a damaged HPA inside an entry":            {declares(damaged, 4), 24, declares(held(24, 4, 24), 4)},
		"a declared baseline heals a damaged HPA outside entries":            {declares(damaged, 4), 0, declares(free(4), 4)},
		"an opening floor does not lower what is above a declared baseline":  {declares(free(30), 4), 24, declares(held(30, 4, 24), 4)},
		"a raise in mid-window stays, whatever is declared":                  {declares(held(50, 4, 24), 4), 24, declares(held(50, 4, 24), 4)},
		"a raise that the guard recorded stays, whatever is declared":        {declares(held(50, 50, 50), 4), 24, declares(held(50, 4, 24), 4)},
		"a larger floor ends what was above the former one":                  {declares(held(50, 4, 24), 4), 60, declares(held(60, 4, 60), 4)},
		"a declared baseline is what is given back of a raise in mid-window": {declares(held(50, 4, 24), 4), 0, declares(free(4), 4)},
		"what was stored instead of a floor is not the baseline":             {altered(held(30, 4, 24)), 24, held(24, 4, 24)},
		"what was stored instead of a floor is not given back":               {altered(held(30, 4, 24)), 0, free(4)},
		"a minReplicas that no annotation can hold is left alone": {
			autoscaler.State{MinReplicas: 1_000_000, MaxReplicas: 2_000_000}, 24, autoscaler.State{MinReplicas: 1_000_000, MaxReplicas: 2_000_000},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, next(test.state, test.asked)); diff != "" {
				t.Errorf("Next (-want +got):\n%s", diff)
			}
		})
	}
}

func next(s autoscaler.State, floor int32) autoscaler.State {
	if floor == 0 {
		return s.Next(schedules.Decision{})
	}
	return s.Next(evening.Asks(floor))
}

func TestObserveReadsConditions(t *testing.T) {
	for name, test := range map[string]struct {
		annotations map[string]string
		want        autoscaler.Condition
	}{
		"no annotation of ours":            {map[string]string{"team": "video", autoscaler.AnnotationIgnore: "true"}, autoscaler.Free},
		"a valid pair":                     {map[string]string{autoscaler.AnnotationBaseline: "4", autoscaler.AnnotationFloor: "24"}, autoscaler.Held},
		"a baseline of zero":               {map[string]string{autoscaler.AnnotationBaseline: "0", autoscaler.AnnotationFloor: "1"}, autoscaler.Held},
		"equal baseline and floor":         {map[string]string{autoscaler.AnnotationBaseline: "24", autoscaler.AnnotationFloor: "24"}, autoscaler.Held},
		"a baseline alone":                 {map[string]string{autoscaler.AnnotationBaseline: "4"}, autoscaler.Damaged},
		"a floor alone":                    {map[string]string{autoscaler.AnnotationFloor: "4"}, autoscaler.Damaged},
		"only the reason left":             {map[string]string{autoscaler.AnnotationBecause: "cup-final"}, autoscaler.Damaged},
		"a baseline above the floor":       {map[string]string{autoscaler.AnnotationBaseline: "25", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"a leading zero":                   {map[string]string{autoscaler.AnnotationBaseline: "04", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"a sign":                           {map[string]string{autoscaler.AnnotationBaseline: "+4", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"a negative number":                {map[string]string{autoscaler.AnnotationBaseline: "-4", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"seven digits":                     {map[string]string{autoscaler.AnnotationBaseline: "4", autoscaler.AnnotationFloor: "1000000"}, autoscaler.Damaged},
		"a word":                           {map[string]string{autoscaler.AnnotationBaseline: "four", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"an empty value":                   {map[string]string{autoscaler.AnnotationBaseline: "", autoscaler.AnnotationFloor: "24"}, autoscaler.Damaged},
		"a number that int32 cannot carry": {map[string]string{autoscaler.AnnotationBaseline: "4", autoscaler.AnnotationFloor: "99999999999"}, autoscaler.Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Annotations: test.annotations}}
			if got := autoscaler.Observe(hpa).Condition; got != test.want {
				t.Errorf("condition %v, want %v", got, test.want)
			}
		})
	}
}

func TestObserveReadsTheDeclaredBaseline(t *testing.T) {
	for text, want := range map[string]autoscaler.Declaration{
		"4": {4, true}, "0": {0, true}, "999999": {999999, true},
		"": {}, "four": {}, "-1": {}, "04": {}, " 4": {}, "1000000": {}, "150%": {},
	} {
		annotated := &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{autoscaler.AnnotationDeclaredBaseline: text}},
		}
		if got := autoscaler.Observe(annotated); got.Declared != want || got.Condition != autoscaler.Free {
			t.Errorf("%q: declared %+v in condition %v, want %+v and free", text, got.Declared, got.Condition, want)
		}
	}
}

func TestNextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := evening.DrawState(t)
		floor := rapid.Int32Range(0, 300).Draw(t, "asked")
		n := next(s, floor)
		if covered := floor > 0 || s.Condition == autoscaler.Held; covered && n.MinReplicas < min(s.Baseline(), s.MaxReplicas) {
			t.Errorf("I3: %+v gives minReplicas %d, below the baseline", s, n.MinReplicas)
		}
		if n.MinReplicas < min(floor, most(s)) {
			t.Errorf("I2: %+v gives minReplicas %d, below the floor", s, n.MinReplicas)
		}
		if n.MinReplicas < evening.Lowest(s) || n.MinReplicas > s.MaxReplicas {
			t.Errorf("%+v gives minReplicas %d, which the API server refuses", s, n.MinReplicas)
		}
		if again := next(n, floor); again != n {
			t.Errorf("I5: %+v is not stable: %+v, then %+v", s, n, again)
		}
		if s.Condition == autoscaler.Free && floor == 0 {
			if n != s {
				t.Errorf("an HPA that no entry covers was changed: %+v to %+v", s, n)
			}
			return
		}
		if released := next(n, 0); released.Condition != autoscaler.Free || released.MinReplicas != min(max(s.Baseline(), evening.Lowest(s)), s.MaxReplicas) {
			t.Errorf("I1: %+v is released as %+v", s, released)
		}
	})
}

// TestPatchBringsAnHPAToItsState applies patches as the API server does, and observes the result. Nobody owns minReplicas,
// as after a release.
func TestPatchBringsAnHPAToItsState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hpa := &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{
				ResourceVersion: "7", Annotations: map[string]string{"team": "video", autoscaler.AnnotationIgnore: "false"},
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "keda", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:maxReplicas":{}}}`)}},
			},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(rapid.Int32Range(1, 100).Draw(t, "minReplicas")), MaxReplicas: 100},
		}
		if rapid.Bool().Draw(t, "declares") {
			hpa.Annotations[autoscaler.AnnotationDeclaredBaseline] = strconv.Itoa(rapid.IntRange(1, 100).Draw(t, "declared baseline"))
		}
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			want := next(autoscaler.Observe(hpa), rapid.Int32Range(0, 120).Draw(t, "asked"))
			hpa = patched(t, hpa, want)
			if diff := cmp.Diff(want, autoscaler.Observe(hpa)); diff != "" {
				t.Fatalf("observed after the patch (-want +got):\n%s", diff)
			}
			if hpa.Annotations["team"] != "video" || hpa.Annotations[autoscaler.AnnotationIgnore] != "false" {
				t.Fatalf("I4: annotations of others were touched: %v", hpa.Annotations)
			}
		}
	})
}

func patched(t *rapid.T, hpa *autoscalingv2.HorizontalPodAutoscaler, s autoscaler.State) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	data, err := s.Patch(hpa.ResourceVersion)
	if err != nil {
		t.Fatal(err)
	}
	before, err := json.Marshal(hpa)
	if err != nil {
		t.Fatal(err)
	}
	after, err := jsonpatch.MergePatch(before, data)
	if err != nil {
		t.Fatal(err)
	}
	result := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := json.Unmarshal(after, result); err != nil {
		t.Fatal(err)
	}
	return result
}

// TestNothingIsLost plays any sequence of owners' writes, floors and releases, with a look after each, and expects the
// last word of the owner when all is over. A value that equals the floor is the one wish that cannot be seen.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
		wish := s.MinReplicas
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "owner writes") {
				value := rapid.Int32Range(1, 100).Draw(t, "value")
				if s.Condition == autoscaler.Held && value == s.Mark.Floor {
					continue
				}
				s.MinReplicas, wish = value, value
			}
			if rapid.Bool().Draw(t, "floorkeeper looks") {
				s = next(s, rapid.Int32Range(0, 150).Draw(t, "asked"))
			}
		}
		if end := next(s, 0); end.Condition != autoscaler.Free || end.MinReplicas != wish {
			t.Errorf("the owner's last word was %d, and the end is %+v", wish, end)
		}
	})
}

func TestLowersEarlyLetsARaiseThrough(t *testing.T) {
	s := autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(2, 12), MinReplicas: 2, MaxReplicas: 100}
	now := evening.Whistle().Add(-time.Hour)
	for floor, want := range map[int32]bool{12: false, 8: false, 0: true} { // somebody has lowered 12 to 2
		if _, early := s.LowersEarly(next(s, floor), now); early != want {
			t.Errorf("a floor of %d has to wait: %t, want %t", floor, early, want)
		}
	}
	s.MinReplicas = 12
	for floor, want := range map[int32]bool{12: false, 8: true, 0: true} {
		if _, early := s.LowersEarly(next(s, floor), now); early != want {
			t.Errorf("from its floor, a floor of %d has to wait: %t, want %t", floor, early, want)
		}
	}
}
