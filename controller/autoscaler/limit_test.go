package autoscaler_test

import (
	"slices"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestCeiling(t *testing.T) {
	state := func(baseline, own int32, limit autoscaler.Limit) autoscaler.State {
		return autoscaler.State{MinReplicas: baseline, MaxReplicas: 1000, MaxFloor: own, Limit: limit}
	}
	flag := func(replicas int32) autoscaler.Limit { return autoscaler.Limit{MaxFloor: replicas} }
	factor := autoscaler.Limit{Factor: 20_000}
	for name, test := range map[string]struct {
		state  autoscaler.State
		want   autoscaler.Ceiling
		worded string
	}{
		"without a limit, maxReplicas":               {state(4, 0, autoscaler.Limit{}), autoscaler.Ceiling{1000, 1000, autoscaler.ByMaxReplicas}, "maxReplicas 1000"},
		"the flag":                                   {state(4, 0, flag(500)), autoscaler.Ceiling{500, 500, autoscaler.ByMaxFloor}, "--max-floor 500"},
		"maxReplicas below the flag":                 {state(4, 0, flag(5000)), autoscaler.Ceiling{1000, 1000, autoscaler.ByMaxReplicas}, "maxReplicas 1000"},
		"the annotation lowers the flag":             {state(4, 30, flag(500)), autoscaler.Ceiling{30, 30, autoscaler.ByAnnotation}, "floorkeeper.dev/max-floor 30"},
		"the annotation lifts no flag":               {state(4, 600, flag(500)), autoscaler.Ceiling{500, 500, autoscaler.ByMaxFloor}, "--max-floor 500"},
		"the annotation without a flag":              {state(4, 30, autoscaler.Limit{}), autoscaler.Ceiling{30, 30, autoscaler.ByAnnotation}, "floorkeeper.dev/max-floor 30"},
		"a factor":                                   {state(4, 0, factor), autoscaler.Ceiling{80, 80, autoscaler.ByFactor}, "the limit 80 of --max-floor-factor"},
		"a factor with decimals is rounded up":       {state(41, 0, autoscaler.Limit{Factor: 1500}), autoscaler.Ceiling{62, 62, autoscaler.ByFactor}, "the limit 62 of --max-floor-factor"},
		"a factor of a small baseline is not small":  {state(1, 0, factor), autoscaler.Ceiling{50, 50, autoscaler.ByFactor}, "the limit 50 of --max-floor-factor"},
		"a factor of zero is not zero":               {state(0, 0, factor), autoscaler.Ceiling{50, 50, autoscaler.ByFactor}, "the limit 50 of --max-floor-factor"},
		"the smaller one of both flags":              {state(4, 0, autoscaler.Limit{MaxFloor: 60, Factor: 20_000}), autoscaler.Ceiling{60, 60, autoscaler.ByMaxFloor}, "--max-floor 60"},
		"a baseline above the limit":                 {state(80, 0, flag(60)), autoscaler.Ceiling{80, 60, autoscaler.ByMaxFloor}, "--max-floor 60"},
		"a baseline above the limit of the owner":    {state(80, 20, flag(500)), autoscaler.Ceiling{80, 20, autoscaler.ByAnnotation}, "floorkeeper.dev/max-floor 20"},
		"a baseline that is maxReplicas, and a flag": {state(1000, 0, flag(60)), autoscaler.Ceiling{1000, 1000, autoscaler.ByMaxReplicas}, "maxReplicas 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.state.Ceiling(); got != test.want || got.String() != test.worded {
				t.Errorf("%+v (%s), want %+v (%s)", got, got, test.want, test.worded)
			}
		})
	}
}

// most is the largest floor that a state allows, written down a second time.
func most(s autoscaler.State) int32 {
	limits := []int32{s.MaxReplicas}
	if s.MaxFloor > 0 {
		limits = append(limits, s.MaxFloor)
	}
	if s.Limit.MaxFloor > 0 {
		limits = append(limits, s.Limit.MaxFloor)
	}
	if s.Limit.Factor > 0 {
		times := int32((int64(s.Limit.Factor)*int64(s.Baseline()) + 999) / 1000)
		limits = append(limits, max(times, 50))
	}
	return max(slices.Min(limits), min(s.Baseline(), s.MaxReplicas))
}

// TestLimitProperties: a limit takes nothing from an HPA but what its floor adds.
func TestLimitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limited := evening.DrawState(t)
		free := limited
		free.MaxFloor, free.Limit = 0, autoscaler.Limit{}
		floor := rapid.Int32Range(0, 300).Draw(t, "asked")
		with, without := next(limited, floor), next(free, floor)
		if with.Condition != without.Condition || with.Mark.Baseline != without.Mark.Baseline {
			t.Errorf("%+v becomes %+v, and %+v without the limit", limited, with, without)
		}
		if with.MinReplicas > without.MinReplicas || with.Mark.Floor > without.Mark.Floor {
			t.Errorf("a limit raises %+v to %+v, which is %+v without it", limited, with, without)
		}
		if with.MinReplicas < min(without.MinReplicas, most(limited)) {
			t.Errorf("%+v is lowered to %+v, below the limit %d", limited, with, most(limited))
		}
		if with.Condition == autoscaler.Held && with.Mark.Floor > max(most(limited), with.Mark.Baseline) {
			t.Errorf("%+v gets the floor of %+v, above the limit %d", limited, with, most(limited))
		}
		if a, b := next(with, 0), next(without, 0); a.MinReplicas != b.MinReplicas || a.Condition != b.Condition {
			t.Errorf("%+v is released as %+v, and as %+v without the limit", limited, a, b)
		}
		own := limited
		own.MaxFloor = rapid.Int32Range(1, 300).Draw(t, "another annotation")
		limited.MaxFloor = 0
		if next(own, floor).MinReplicas > next(limited, floor).MinReplicas {
			t.Errorf("the annotation %d lifts the limit of %+v", own.MaxFloor, limited)
		}
	})
}

func TestObserveReadsTheMaxFloor(t *testing.T) {
	for text, want := range map[string]int32{
		"40": 40, "1": 1, "999999": 999999, "0": 0, "": 0, "forty": 0, "-1": 0, "04": 0, " 4": 0, "1000000": 0, "150%": 0,
	} {
		annotated := &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{autoscaler.AnnotationMaxFloor: text}},
		}
		if got := autoscaler.Observe(annotated); got.MaxFloor != want || got.Condition != autoscaler.Free {
			t.Errorf("%q: max-floor %d in condition %v, want %d and free", text, got.MaxFloor, got.Condition, want)
		}
	}
}

func TestALimitDoesNotWaitForTheSettleTime(t *testing.T) {
	s := autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(2, 72), MinReplicas: 72, MaxReplicas: 100, Limit: autoscaler.Limit{MaxFloor: 30}}
	now := evening.KickOff().Add(1)
	for floor, want := range map[int32]bool{72: false, 30: false, 24: true, 0: true} {
		if _, early := s.LowersEarly(next(s, floor), now); early != want {
			t.Errorf("a floor of %d has to wait: %t, want %t", floor, early, want)
		}
	}
}
