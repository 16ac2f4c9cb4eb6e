package forecast

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// limited is the forecast of HPAs for 18 December under a limit.
func limited(t *testing.T, schedule *schedules.Schedule, limit autoscaler.Limit, hpas ...autoscalingv2.HorizontalPodAutoscaler) *Forecast {
	t.Helper()
	from := evening.Clock(t, "12:00:00")
	return New(schedule, autoscaler.Scope{Limit: limit}, hpas, from, from.Add(24*time.Hour))
}

// only returns the messages of a rule.
func only(rule Rule, findings []Finding) (messages []string) {
	for _, f := range findings {
		if f.Rule == rule {
			messages = append(messages, f.Entry+": "+f.Message)
		}
	}
	return messages
}

func TestAFloorAboveALimit(t *testing.T) {
	annotated := func(value string) autoscalingv2.HorizontalPodAutoscaler {
		hpa := free(4, 100)
		hpa.Annotations[autoscaler.AnnotationMaxFloor] = value
		return hpa
	}
	for name, test := range map[string]struct {
		limit autoscaler.Limit
		hpa   autoscalingv2.HorizontalPodAutoscaler
		want  []string
	}{
		"no limit":             {autoscaler.Limit{}, free(4, 100), nil},
		"a limit at the floor": {autoscaler.Limit{MaxFloor: 72}, free(4, 100), nil},
		"a flag": {autoscaler.Limit{MaxFloor: 71}, free(4, 100), []string{
			"cup-final: the floor 72 is above --max-floor 71 and will be clamped to it; correct the schedule, or raise --max-floor before then",
		}},
		"a factor": {autoscaler.Limit{Factor: 15_000}, free(4, 100), []string{
			"cup-final: the floor 72 is above the limit 60 of --max-floor-factor and will be clamped to it; correct the schedule, or raise --max-floor-factor before then",
		}},
		"the owner": {autoscaler.Limit{MaxFloor: 500}, annotated("20"), []string{
			"prime-time: the floor 24 is above floorkeeper.dev/max-floor 20 and will be clamped to it; correct the schedule, or raise floorkeeper.dev/max-floor before then",
			"cup-final: the floor 72 is above floorkeeper.dev/max-floor 20 and will be clamped to it; correct the schedule, or raise floorkeeper.dev/max-floor before then",
		}},
		"a limit below the baseline": {autoscaler.Limit{MaxFloor: 10}, free(30, 100), []string{
			"cup-final: the floor 72 is above --max-floor 10 and will be clamped to the baseline 30; correct the schedule, or raise --max-floor before then",
		}},
		"maxReplicas below the limit": {autoscaler.Limit{MaxFloor: 60}, free(4, 50), nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := limited(t, evening.Schedule(t, 0), test.limit, test.hpa)
			if diff := cmp.Diff(test.want, only(LimitedFloor, f.Problems())); diff != "" {
				t.Errorf("limited floors (-want +got):\n%s", diff)
			}
			for stretch := range f.Outlooks[0].Stretches() { // the controller does the same
				verdict := autoscaler.Scope{Limit: test.limit}.Judge(evening.Schedule(t, 0), &test.hpa, stretch.From)
				if verdict.Desired.MinReplicas != stretch.MinReplicas || verdict.Clamped() != (stretch.Full > 0 && stretch.Full > f.Outlooks[0].State.Ceiling().Replicas) {
					t.Errorf("at %s the controller has %+v, and the forecast %+v", stretch.From, verdict.Desired, stretch)
				}
			}
		})
	}
}

func TestALimitThatIsNoNumber(t *testing.T) {
	for value, want := range map[string]bool{"40": false, "4O": true, "0": true, "": true, "1e3": true} {
		hpa := free(4, 100)
		hpa.Annotations[autoscaler.AnnotationMaxFloor] = value
		if got := only(BadMaxFloor, day(t, evening.Schedule(t, 0), hpa).Problems()); len(got) > 0 != want {
			t.Errorf("%q: found %q", value, got)
		}
	}
}

// TestALimitOfPlaceholders: without HPAs, a flag of replicas is compared with what is asked whatever the baseline. A percentage
// is not.
func TestALimitOfPlaceholders(t *testing.T) {
	entry := func(name, namespace string, amount schedules.Amount) schedules.Window {
		return schedules.Window{
			Entry: schedules.Entry{Name: name, Location: evening.Paris(t), Targets: []schedules.Target{{Namespace: namespace, Amount: amount}}},
			Start: 20 * 3600, End: 22 * 3600,
		}
	}
	schedule := schedules.New([]schedules.Window{
		entry("typo", "typo", schedules.Amount{Replicas: 2500}), entry("fine", "fine", schedules.Amount{Replicas: 500}),
		entry("percent", "percent", schedules.Amount{Ratio: 9000}), entry("under-percent", "percent", schedules.Amount{Replicas: 900}),
	}, nil)
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for _, namespace := range []string{"typo", "fine", "percent"} {
		hpa := free(100, schedules.MaxReplicas)
		hpa.Namespace = namespace
		hpas = append(hpas, hpa)
	}
	from := evening.Clock(t, "12:00:00")
	f := New(schedule, autoscaler.Scope{Limit: autoscaler.Limit{MaxFloor: 500}}, hpas, from, from.AddDate(0, 0, 3))
	f.Assumed = true
	var all []Finding
	f.Each(func(found Finding) { all = append(all, found) })
	want := []string{"typo: the floor 2500 is above --max-floor 500 and will be clamped to it; correct the schedule, or raise --max-floor before then"}
	if diff := cmp.Diff(want, only(LimitedFloor, all)); diff != "" {
		t.Errorf("limited floors (-want +got):\n%s", diff)
	}
}

func TestAddedReplicas(t *testing.T) {
	crowd := func(states ...autoscaler.State) (hpas []autoscalingv2.HorizontalPodAutoscaler) {
		for i, s := range states {
			hpa := *evening.HPA(s)
			hpa.Name = string(rune('a' + i))
			hpas = append(hpas, hpa)
		}
		return hpas
	}
	of := func(baseline, most int32) autoscaler.State {
		return autoscaler.State{MinReplicas: baseline, MaxReplicas: most}
	}
	above := of(30, 100) // somebody has written more than is declared
	above.Declared = autoscaler.Declaration{Replicas: 4, Valid: true}
	for name, test := range map[string]struct {
		most int
		hpas []autoscalingv2.HorizontalPodAutoscaler
		want []string
	}{
		"nobody asks":                     {0, crowd(of(4, 100), of(4, 100)), nil},
		"as many as may be":               {136, crowd(of(4, 100), of(4, 100)), nil},
		"one more than may be, by events": {135, crowd(of(4, 100), of(4, 100)), []string{"cup-final: all floors together add 136 replicas over the baselines, 136 of them for this entry, and --warn-added-replicas is 135; check its amounts and its targets"}},
		"both entries": {30, crowd(of(4, 100), of(4, 100)), []string{
			"cup-final: all floors together add 136 replicas over the baselines, 136 of them for this entry, and --warn-added-replicas is 30; check its amounts and its targets",
		}},
		"what maxReplicas clamps is not added": {16, crowd(of(4, 12), of(4, 12)), nil},
		"a declared baseline":                  {1000, crowd(above), nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := day(t, evening.Schedule(t, 0), test.hpas...)
			f.WarnAdded = test.most
			if diff := cmp.Diff(test.want, only(AddedReplicas, f.Problems())); diff != "" {
				t.Errorf("added replicas (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAddedReplicasAreThoseOfTheWorstNight: one finding for an entry, with how often it is so.
func TestAddedReplicasAreThoseOfTheWorstNight(t *testing.T) {
	from := evening.Clock(t, "12:00:00")
	f := New(evening.OnlyWindows(evening.Schedule(t, 30*time.Minute)), autoscaler.Scope{}, []autoscalingv2.HorizontalPodAutoscaler{free(4, 100)}, from, from.AddDate(0, 0, 7))
	f.WarnAdded = 10
	var all []Finding
	for _, found := range f.Problems() {
		if found.Rule == AddedReplicas {
			all = append(all, found)
		}
	}
	if len(all) != 1 || all[0].Times != 7 || !all[0].From.Equal(evening.Clock(t, "19:20:00")) || all[0].HPA != nil {
		t.Errorf("found %+v", all)
	}
}

// TestASurgeIsThatOfTheLargestShare: of entries that are open together the one that adds most, of equal ones the first by name;
// and one that goes on at the end of the range counts.
func TestASurgeIsThatOfTheLargestShare(t *testing.T) {
	open := func(name, namespace string, floor int32, start, end schedules.Clock) schedules.Window {
		return schedules.Window{
			Entry: schedules.Entry{Name: name, Location: evening.Paris(t), Targets: []schedules.Target{{Namespace: namespace, Amount: schedules.Amount{Replicas: floor}}}},
			Start: start * 3600, End: end * 3600,
		}
	}
	shop, video := free(4, 100), free(4, 100)
	shop.Namespace = "shop"
	from := evening.Clock(t, "12:00:00")
	for name, test := range map[string]struct {
		windows []schedules.Window
		most    int
		want    string
		times   int
	}{
		"the larger share":             {[]schedules.Window{open("a", "shop", 14, 20, 22), open("b", "video", 34, 20, 22)}, 30, "b: all floors together add 40 replicas over the baselines, 30 of them for this entry", 1},
		"the larger share comes first": {[]schedules.Window{open("a", "shop", 34, 20, 22), open("b", "video", 14, 20, 22)}, 30, "a: all floors together add 40 replicas over the baselines, 30 of them for this entry", 1},
		"equal shares":                 {[]schedules.Window{open("b", "shop", 24, 20, 22), open("a", "video", 24, 20, 22)}, 30, "a: all floors together add 40 replicas over the baselines, 20 of them for this entry", 1},
		"open at the end":              {[]schedules.Window{open("a", "shop", 44, 20, 14)}, 30, "a: all floors together add 40 replicas over the baselines, 40 of them for this entry", 2},
		"down to what may be, and up again": {
			[]schedules.Window{open("a", "shop", 34, 20, 23), open("b", "video", 6, 20, 21), open("c", "video", 6, 22, 23)},
			30,
			"a: all floors together add 32 replicas over the baselines, 30 of them for this entry", 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			selects := func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool { return hpa.Name != "unasked" }
			unasked := *shop.DeepCopy()
			unasked.Name = "unasked" // it has no stretches
			f := Within(t.Context(), 1000, selects, schedules.New(test.windows, nil), autoscaler.Scope{},
				[]autoscalingv2.HorizontalPodAutoscaler{unasked, shop, video}, from, from.Add(20*time.Hour))
			f.WarnAdded = test.most
			var all []Finding
			f.added(func(found Finding) { all = append(all, found) })
			if len(all) != 1 || !strings.HasPrefix(all[0].Entry+": "+all[0].Message, test.want) || all[0].Times != test.times {
				t.Errorf("found %+v, want %s, %d times", all, test.want, test.times)
			}
		})
	}
}
