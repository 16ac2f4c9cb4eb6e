package autoscaler_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// change changes an HPA.
type change = func(*autoscalingv2.HorizontalPodAutoscaler)

func ignored(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	hpa.Annotations[autoscaler.AnnotationIgnore] = "true"
}

func ofKEDA(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	hpa.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front"}}
}

func ofDeployment(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	hpa.OwnerReferences = []metav1.OwnerReference{
		{APIVersion: "apps/v1", Kind: "Deployment", Name: "front"},
		{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledJob", Name: "front"},
		{APIVersion: "example.com/v1", Kind: "ScaledObject", Name: "front"},
	}
}

func excluded(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Namespace = "kube-system" }

func misdeclared(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	hpa.Annotations[autoscaler.AnnotationDeclaredBaseline] = "two"
}

// TestTroubles: what status shows of an HPA at half past seven, when the window asks for 24; with the schedule, and from its
// annotations alone.
func TestTroubles(t *testing.T) {
	free := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	held := evening.At(evening.Schedule(t, 0), free, evening.Clock(t, "19:20:00")).Desired
	with := func(s autoscaler.State, minReplicas, maxReplicas int32) autoscaler.State {
		s.MinReplicas, s.MaxReplicas = minReplicas, maxReplicas
		return s
	}
	damaged := autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 100}
	old := held
	old.Mark.Since = "2026-12-17T19:20:00+01:00"
	for name, test := range map[string]struct {
		state    autoscaler.State
		change   change
		want     []string
		observed []string // without a schedule
	}{
		"nothing":                  {held, nil, nil, nil},
		"it should be raised":      {free, nil, []string{"pending: minReplicas is 4 and should be 24 by now (window prime-time)"}, nil},
		"its baseline is above":    {with(free, 30, 100), nil, []string{"pending: minReplicas stays at 30, but that is not noted in its annotations yet (window prime-time)"}, nil},
		"an older occurrence":      {old, nil, nil, nil},
		"somebody has lowered it":  {with(held, 6, 100), nil, []string{"contested: minReplicas 6 was written by unknown; the floor of 24 is not put back yet"}, []string{"contested: minReplicas 6 was written by unknown; the floor of 24 is not put back yet"}},
		"somebody has raised it":   {with(held, 30, 100), nil, nil, nil},
		"maxReplicas was lowered":  {with(held, 10, 10), nil, []string{"clamped: floor 24 (window prime-time) is above maxReplicas and is clamped to 10; raise maxReplicas to get it"}, nil},
		"maxReplicas is the floor": {with(held, 24, 24), nil, nil, nil},
		"its baseline is lost": {
			damaged, nil,
			[]string{`damaged: annotations floorkeeper.dev/* are damaged`},
			[]string{`damaged: annotations floorkeeper.dev/* are damaged`},
		},
		"it is ignored": {
			free, ignored,
			[]string{"ignored: floorkeeper.dev/ignore is set"},
			[]string{"ignored: floorkeeper.dev/ignore is set"},
		},
		"it is ignored and held": {
			held, ignored,
			[]string{"ignored: floorkeeper.dev/ignore is set", "pending: minReplicas is 24 and should be 4 by now (floorkeeper.dev/ignore is set)"},
			[]string{"ignored: floorkeeper.dev/ignore is set"},
		},
		"KEDA owns it":             {free, ofKEDA, []string{"refused: it gets no floor: it is owned by the KEDA ScaledObject front"}, nil},
		"KEDA owns it and it held": {held, ofKEDA, []string{"refused: it gets no floor", "pending: minReplicas is 24 and should be 4 by now (it is owned by the KEDA ScaledObject front)"}, []string{"refused: it gets no floor"}},
		"others own it":            {held, ofDeployment, nil, nil},
		"its namespace is excluded": {
			held, excluded,
			[]string{"excluded: it gets no floor: its namespace is excluded", "pending: minReplicas is 24 and should be 4 by now"},
			[]string{"excluded: it gets no floor: its namespace is excluded"},
		},
		"no entry selects it, in an excluded namespace": {free, excluded, nil, nil},
		"its declared baseline is no number":            {held, misdeclared, []string{`declarationIgnored: floorkeeper.dev/declared-baseline "two" is not applied`}, []string{`declarationIgnored: `}},
	} {
		t.Run(name, func(t *testing.T) {
			hpa := evening.HPA(test.state)
			if test.change != nil {
				test.change(hpa)
			}
			hpa.Status.DesiredReplicas = 100
			scope := autoscaler.Scope{ExcludeNamespaces: []string{"kube-system"}}
			for schedule, want := range map[*schedules.Schedule][]string{evening.Schedule(t, 0): test.want, nil: test.observed} {
				var got []string
				for i, trouble := range scope.Judge(schedule, hpa, evening.Clock(t, "19:30:00")).Troubles(schedule) {
					text := string(trouble.Kind) + ": " + trouble.Message
					if i < len(want) && len(text) > len(want[i]) && text[:len(want[i])] == want[i] {
						text = want[i]
					}
					got = append(got, text)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("with a schedule: %t (-want +got):\n%s", schedule != nil, diff)
				}
			}
		})
	}
}

func TestPersistentProblemsAreThoseOfCoveredHPAs(t *testing.T) {
	free := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	damaged := autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 100}
	declared := free
	declared.Declared = autoscaler.Declaration{Replicas: 7, Valid: true}
	for name, test := range map[string]struct {
		state  autoscaler.State
		change change
		at     string
		want   string
	}{
		"nothing":                              {free, nil, "19:30:00", ""},
		"KEDA's, when an entry opens":          {free, ofKEDA, "19:30:00", "TargetRefused"},
		"KEDA's, when none is open":            {free, ofKEDA, "12:00:00", ""},
		"a lost baseline":                      {damaged, nil, "12:00:00", "BaselineLost"},
		"a lost baseline, ignored":             {damaged, ignored, "12:00:00", ""},
		"a declaration that is no number":      {free, misdeclared, "19:30:00", "DeclarationIgnored"},
		"the same, when no entry is open":      {free, misdeclared, "12:00:00", ""},
		"a declaration that is a number":       {declared, nil, "19:30:00", ""},
		"an HPA that is ignored and undamaged": {free, ignored, "19:30:00", ""},
	} {
		hpa := evening.HPA(test.state)
		if test.change != nil {
			test.change(hpa)
		}
		schedule := evening.Schedule(t, 0)
		got, found := autoscaler.Scope{}.Judge(schedule, hpa, evening.Clock(t, test.at)).PersistentProblem(schedule)
		if got.Reason != test.want || found != (test.want != "") {
			t.Errorf("%s: %q, %t, want %q", name, got.Reason, found, test.want)
		}
	}
}

func TestZeroIsLegalWithAMetricForIt(t *testing.T) {
	for kind, want := range map[autoscalingv2.MetricSourceType]bool{
		autoscalingv2.ObjectMetricSourceType: true, autoscalingv2.ExternalMetricSourceType: true,
		autoscalingv2.ResourceMetricSourceType: false, autoscalingv2.PodsMetricSourceType: false,
	} {
		hpa := evening.HPA(autoscaler.State{MaxReplicas: 9})
		hpa.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType}, {Type: kind}}
		if got := autoscaler.Observe(hpa).ZeroLegal; got != want {
			t.Errorf("with a metric of type %s: %t, want %t", kind, got, want)
		}
	}
	unset := evening.HPA(autoscaler.State{MaxReplicas: 9})
	unset.Spec.MinReplicas = nil
	if got := autoscaler.Observe(unset).MinReplicas; got != 1 {
		t.Errorf("minReplicas that is not given is %d", got)
	}
}

func TestDirections(t *testing.T) {
	held := autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 24, MaxReplicas: 100}
	for want, asked := range map[string]int32{"raise": 30, "lower": 12, "keep": 24, "release": 0} {
		if got := (autoscaler.Verdict{State: held, Desired: next(held, asked)}).Direction(); got != want {
			t.Errorf("to a floor of %d: %s, want %s", asked, got, want)
		}
	}
}

func TestScheduleLoadedNamesTheHash(t *testing.T) {
	for sha, want := range map[string]string{"0123456789abcdef": "schedule 0123456789ab loaded: 2 windows", "ab": "schedule ab loaded: 2 windows"} {
		if got := autoscaler.ScheduleLoaded(sha, "2 windows").Note; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
