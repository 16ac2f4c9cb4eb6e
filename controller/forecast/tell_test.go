package forecast

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// window is a copy of the evening's window with another name, hours and amount.
func window(t *testing.T, name string, start, end int, amount schedules.Amount) schedules.Window {
	t.Helper()
	w := evening.Schedule(t, 0).Windows()[0]
	w.Name, w.Start, w.End, w.LeadTime = name, schedules.Clock(start*3600), schedules.Clock(end*3600), 0
	w.Targets = []schedules.Target{{Namespace: "video", Amount: amount}}
	return w
}

func replicas(n int32) schedules.Amount { return schedules.Amount{Replicas: n} }

func ratio(thousandths schedules.Ratio) schedules.Amount { return schedules.Amount{Ratio: thousandths} }

func free(minReplicas, maxReplicas int32) autoscalingv2.HorizontalPodAutoscaler {
	return *evening.HPA(autoscaler.State{MinReplicas: minReplicas, MaxReplicas: maxReplicas})
}

func TestChangesSayWhatHappens(t *testing.T) {
	ramped := window(t, "night", 22, 23, replicas(10))
	ramped.RampUp, ramped.RampDown = 10*time.Minute, 10*time.Minute
	for name, test := range map[string]struct {
		windows  []schedules.Window
		baseline int32
		want     []string
		short    []string
	}{
		"a lower floor goes on": {
			[]schedules.Window{window(t, "a", 16, 20, replicas(30)), window(t, "b", 18, 22, replicas(24))},
			4,
			[]string{"16:00 raise 4 -> 30: window a opens", "20:00 lower 30 -> 24: window a ends, window b applies", "22:00 release 24 -> 4: window b ends"},
			[]string{"window a", "window a ends, window b applies", "window b ends"},
		},
		"a higher floor opens": {
			[]schedules.Window{window(t, "a", 16, 22, replicas(24)), window(t, "b", 18, 20, replicas(30))},
			4,
			[]string{"16:00 raise 4 -> 24: window a opens", "18:00 raise 24 -> 30: window b applies over window a", "20:00 lower 30 -> 24: window b ends, window a applies", "22:00 release 24 -> 4: window a ends"},
			[]string{"window a", "window b, over window a", "window b ends, window a applies", "window a ends"},
		},
		"an equal floor goes on": {
			[]schedules.Window{window(t, "a", 16, 20, replicas(24)), window(t, "b", 18, 22, replicas(24))},
			4,
			[]string{"16:00 raise 4 -> 24: window a opens", "18:00 stay 24 -> 24: window b applies over window a", "22:00 release 24 -> 4: window b ends"},
			[]string{"window a", "window b, over window a", "window b ends"},
		},
		"the baseline is above": {
			[]schedules.Window{window(t, "a", 16, 20, replicas(24))},
			30,
			[]string{"16:00 hold 30 -> 30: window a opens", "20:00 release 30 -> 30: window a ends"},
			[]string{"window a", "window a ends"},
		},
		"a fall leads into a ramp": {
			[]schedules.Window{window(t, "a", 21, 23, replicas(30)), ramped},
			4,
			[]string{"21:00 raise 4 -> 30: window a opens", "23:00 lower 30 -> 10: window a ends, window night applies", "23:01 release 10 -> 4: window night, ramp down, 6 steps until 23:09"},
			[]string{"window a", "window a ends, window night applies", "window night, ramp down"},
		},
		"a ramp over another floor": {
			[]schedules.Window{window(t, "a", 21, 24, replicas(8)), ramped},
			4,
			[]string{"21:00 raise 4 -> 8: window a opens", "21:57 raise 8 -> 10: window night applies over window a, ramp up, 2 steps until 21:59", "23:01 lower 10 -> 9: window night, ramp down", "23:03 lower 9 -> 8: window night ends, window a applies", "00:00 release 8 -> 4: window a ends"},
			[]string{"window a", "window night, over window a, ramp up", "window night, ramp down", "window night ends, window a applies", "window a ends"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := schedules.New(test.windows, nil)
			o := &day(t, schedule, free(test.baseline, 100)).Outlooks[0]
			if diff := cmp.Diff(test.want, lines(schedule, o)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			var short []string
			for c := range o.Changes() {
				short = append(short, c.ShortReason(schedule))
			}
			if diff := cmp.Diff(test.short, short); diff != "" {
				t.Errorf("in short (-want +got):\n%s", diff)
			}
			for range o.Changes() {
				break // whoever has read enough
			}
			for range o.Steps() {
				break
			}
		})
	}
}

func TestARampEndsWithItsLastStep(t *testing.T) {
	ramped := window(t, "night", 22, 23, replicas(10))
	ramped.RampUp = 10 * time.Minute
	for climb := range day(t, schedules.New([]schedules.Window{ramped}, nil), free(4, 8)).Outlooks[0].Changes() {
		if !climb.Clamped() || climb.End.Floor != 10 || climb.End.Ramp != schedules.Steady || climb.After.MinReplicas != 8 || !climb.Last().Before(climb.End.From) {
			t.Errorf("a climb to 10 under a maxReplicas of 8 is %+v, and ends with %+v", climb.After, climb.End)
		}
		break
	}
	plain := schedules.New([]schedules.Window{window(t, "a", 16, 20, replicas(10))}, nil)
	for change := range day(t, plain, free(4, 10)).Outlooks[0].Changes() {
		if change.Clamped() || !change.Last().Equal(change.After.From) || change.End != change.After {
			t.Errorf("a change that is no ramp ends with %+v at %s, not %+v", change.End, change.Last(), change.After)
		}
	}
}

func TestUpcoming(t *testing.T) {
	schedule := evening.OnlyWindows(evening.Schedule(t, 0))
	end := evening.Clock(t, "36:00:00")
	judged := func(hpa autoscalingv2.HorizontalPodAutoscaler, at string) *autoscaler.Verdict {
		v := autoscaler.Scope{}.Judge(schedule, &hpa, evening.Clock(t, at))
		return &v
	}
	if got, found := Upcoming(judged(free(4, 100), "12:00:00"), schedule, end); !found || got.MinReplicas != 24 || !got.From.Equal(evening.Clock(t, "19:20:00")) {
		t.Errorf("at noon comes %+v, %t", got, found)
	}
	if got, found := Upcoming(judged(free(24, 100), "12:00:00"), schedule, end); !found || got.Because != "prime-time" {
		t.Errorf("an entry that moves nothing comes as %+v, %t", got, found)
	}
	if got, found := Upcoming(judged(free(4, 100), "20:00:00"), schedule, end); !found || got.Because != "" || !got.From.Equal(evening.Clock(t, "23:30:00")) {
		t.Errorf("in the evening comes %+v, %t", got, found)
	}
	ignored := free(4, 100)
	ignored.Annotations[autoscaler.AnnotationIgnore] = "true"
	lost := *evening.HPA(autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 100})
	for name, found := range map[string]bool{
		"before the next change":    second(Upcoming(judged(free(4, 100), "12:00:00"), schedule, evening.Clock(t, "19:00:00"))),
		"without a schedule":        second(Upcoming(judged(free(4, 100), "12:00:00"), nil, end)),
		"of an HPA that is ignored": second(Upcoming(judged(ignored, "12:00:00"), schedule, end)),
		"of one without a baseline": second(Upcoming(judged(lost, "12:00:00"), schedule, end)),
	} {
		if found {
			t.Errorf("something comes %s", name)
		}
	}
	for range ahead(judged(free(4, 100), "12:00:00"), schedule, end) {
		break
	}
}

func second(_ Stretch, found bool) bool { return found }

func TestFindingsAreFoldedAndSaid(t *testing.T) {
	hpas := []autoscalingv2.HorizontalPodAutoscaler{free(4, 20), free(4, 21), free(4, 22)}
	hpas[1].Name, hpas[2].Name = "images", "player"
	schedule := evening.OnlyWindows(evening.Schedule(t, time.Minute))
	findings := append(day(t, schedule, hpas...).Problems(),
		Finding{Rule: PastEntry, Entry: "old", Message: "it is over"},
		Finding{Rule: ClockChange, Entry: "night", Message: "one"}, Finding{Rule: ClockChange, Entry: "night", Message: "two"},
		Finding{Rule: ClockChange, Severity: Note, Entry: "night", Message: "three"})
	folded := Fold(schedule, findings...)
	var got []string
	for _, group := range folded.Groups(10) {
		got = append(got, string(group.Severity)+" "+folded.Sentence(group, time.Time{}, Style{Few: 3}))
	}
	want := []string{
		"note entry old: it is over", "warning entry night: one; two", "note entry night: three",
		"warning window prime-time, video/front: the floor 24 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then; likewise video/images, video/player",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if got := folded.Warnings(); got != 2 {
		t.Errorf("there are %d warnings, want 2", got)
	}
}

// TestManyFindingsAreBounded: of each rule, and of each group.
func TestManyFindingsAreBounded(t *testing.T) {
	at := evening.Clock(t, "12:00:00")
	hpa := free(4, 20)
	folded := Fold(schedules.New(nil, nil))
	for i := range 2000 {
		name := fmt.Sprintf("e%04d", i)
		folded.Add(Finding{Rule: PastEntry, Severity: Note, Entry: name, From: at, Message: "it is over"})
		for range 3 {
			folded.Add(Finding{Rule: ClampedFloor, Severity: Warning, Entry: name, HPA: &hpa, From: at, Message: "too much"})
		}
		folded.Add(Finding{Rule: ClampedFloor, Severity: Warning, Entry: "all", HPA: &hpa, From: at.Add(time.Minute), Times: 2, Message: "far too much"})
	}
	var got []string
	for _, group := range folded.Groups(2) {
		if len(group.Others) > maxOthers || len(group.Entries) > maxEntries {
			t.Errorf("a group keeps %d findings and %d entries", len(group.Others), len(group.Entries))
		}
		got = append(got, folded.Sentence(group, time.Time{}, Style{Few: 2}))
	}
	want := []string{
		"2000 entries, such as entry e0000, entry e0001 and 1998 more: they are over and do nothing any more; floorkeeper event prune removes such events",
		"entry e0000, video/front: too much; likewise video/front, video/front",
		"entry e0001, video/front: too much; likewise video/front, video/front",
		"1999 more entries, such as entry e0002, entry e0003 and 1997 more: likewise, 7994 times; of the first: too much",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if all := folded.Groups(2000); all[len(all)-1].Count != 2000 || all[len(all)-1].Times != 4000 || all[len(all)-1].HPACount != 2000 {
		t.Errorf("of the entry all: %+v", all[len(all)-1])
	}
}

func TestWhatIsIgnored(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	count := func(change func(*Forecast)) map[Rule]int {
		f := day(t, schedule, free(4, 20))
		change(f)
		counts := make(map[Rule]int)
		for _, g := range f.Findings().Groups(10) {
			counts[g.Rule]++
		}
		return counts
	}
	all := count(func(*Forecast) {})
	if all[ClampedFloor] != 2 || all[SuddenRelease] != 1 {
		t.Fatalf("without any condition: %v", all)
	}
	if got := count(func(f *Forecast) { f.Ignore = []Rule{ClampedFloor} }); got[ClampedFloor] != 0 || got[SuddenRelease] != 1 {
		t.Errorf("without clamped-floor: %v", got)
	}
	if got := count(func(f *Forecast) { f.Selects = func(*autoscalingv2.HorizontalPodAutoscaler) bool { return false } }); got[ClampedFloor] != 0 {
		t.Errorf("of other HPAs: %v", got)
	}
	windows := schedule.Windows()
	windows[0].Accepted = []string{string(ClampedFloor)}
	if got := count(func(*Forecast) {}); got[ClampedFloor] != 1 {
		t.Errorf("with a comment on the window: %v", got)
	}
}

func TestWhichFindingsAreDated(t *testing.T) {
	now := evening.Clock(t, "12:00:00")
	for rule, want := range map[Rule]bool{ClampedFloor: true, MatchesNothing: true, ClockChange: false, Overlap: true, PastEntry: false} {
		later := Finding{Rule: rule, From: now.Add(time.Hour)}
		if later.Dated(now) != want || later.Dated(now.Add(time.Hour)) {
			t.Errorf("%s: dated %t, and when it matters already %t", rule, later.Dated(now), later.Dated(now.Add(time.Hour)))
		}
	}
}

// TestOverlapsThatTargetsShow compares the floors of two entries without knowing any baseline.
func TestOverlapsThatTargetsShow(t *testing.T) {
	for name, test := range map[string]struct {
		a, b schedules.Amount
		want string
	}{
		"numbers":           {replicas(24), replicas(30), "overlapped-entry of a on video/front: window b is open as well, and its floor 30 applies instead of 24: the largest does"},
		"numbers, reversed": {replicas(30), replicas(24), "overlapped-entry of b on video/front: window a is open as well, and its floor 30 applies instead of 24: the largest does"},
		"equal numbers":     {replicas(24), replicas(24), "overlapped-entry of a on video/front: window b is open as well and asks for the same floor"},
		"equal ratios":      {ratio(2000), ratio(2000), "overlapped-entry of a on video/front: window b is open as well and asks for the same floor"},
		"ratios":            {ratio(2000), ratio(3000), "overlapped-entry of a on video/front: window b is open as well and applies instead: its floor is the larger one with every baseline"},
		"a small number":    {replicas(1), ratio(2000), "overlapped-entry of a on video/front: window b is open as well and applies instead: its floor is the larger one with every baseline"},
		"a number, a ratio": {replicas(30), ratio(2000), "overlapped-entry of b on video/front: window a is open as well; which of the two floors applies, the larger one, depends on the baseline: give --hpas or --live"},
	} {
		f := day(t, schedules.New([]schedules.Window{window(t, "a", 16, 20, test.a), window(t, "b", 18, 22, test.b)}, nil), free(4, 100))
		var got []string
		f.Assumed = true
		for _, finding := range overlaps(f) {
			finding.HPA = f.Outlooks[0].HPA
			got = append(got, found([]Finding{finding})...)
		}
		if diff := cmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	three := []schedules.Window{window(t, "a", 16, 20, replicas(24)), window(t, "b", 17, 20, replicas(30)), window(t, "c", 18, 20, replicas(40))}
	f := day(t, schedules.New(three, nil), free(4, 100), free(4, 100))
	for _, f.Assumed = range []bool{false, true} {
		want := []string{
			"a: window b is open as well, and its floor 30 applies instead of 24: the largest does; at other times so does window c",
			"b: window c is open as well, and its floor 40 applies instead of 30: the largest does",
		}
		var got []string
		for _, finding := range overlaps(f) {
			got = append(got, finding.Entry+": "+finding.Message)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of three entries, one note an entry (-want +got):\n%s", diff)
		}
	}
}

func TestWhatIsNotCoveredOverlapsNothing(t *testing.T) {
	both := schedules.New([]schedules.Window{window(t, "a", 16, 20, replicas(24)), window(t, "b", 18, 22, replicas(30))}, nil)
	ignored := free(4, 100)
	ignored.Annotations[autoscaler.AnnotationIgnore] = "true"
	if got := overlaps(day(t, both, ignored)); len(got) != 0 {
		t.Errorf("of an HPA that is ignored: %q", found(got))
	}
	f := day(t, both, free(4, 100))
	var spans []string
	for c := range f.Outlooks[0].Claims() {
		spans = append(spans, c.From.In(evening.Paris(t)).Format("15:04")+" "+c.To.In(evening.Paris(t)).Format("15:04"))
	}
	if diff := cmp.Diff([]string{"12:00 16:00", "16:00 18:00", "18:00 20:00", "20:00 22:00", "22:00 12:00"}, spans); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	for range f.Outlooks[0].Claims() {
		break
	}
}

func TestOutlooksAreInOrder(t *testing.T) {
	hpas := []autoscalingv2.HorizontalPodAutoscaler{free(4, 9), free(4, 9), free(4, 9)}
	hpas[0].Namespace, hpas[1].Name, hpas[2].Name = "zoo", "z", "a"
	f := day(t, evening.Schedule(t, 0), hpas...)
	if got := f.Outlooks[0].HPA.Name + f.Outlooks[1].HPA.Name + f.Outlooks[2].HPA.Namespace; got != "azzoo" {
		t.Errorf("they are in the order %s", got)
	}
}

func TestAFloorAtMaxReplicasIsNotClamped(t *testing.T) {
	for limit, want := range map[int32]bool{23: true, 24: false} {
		got := strings.Join(found(day(t, evening.OnlyWindows(evening.Schedule(t, 0)), free(4, limit)).Problems()), "\n")
		if strings.Contains(got, "clamped-floor") != want {
			t.Errorf("with maxReplicas %d: %s", limit, got)
		}
	}
}

// TestWhatDampsAFall: what the HPA controller lets go in one step of the fall from 24 to 4.
func TestWhatDampsAFall(t *testing.T) {
	percent := func(value int32) autoscalingv2.HPAScalingPolicy {
		return autoscalingv2.HPAScalingPolicy{Type: autoscalingv2.PercentScalingPolicy, Value: value, PeriodSeconds: 60}
	}
	pods := func(value, period int32) autoscalingv2.HPAScalingPolicy {
		return autoscalingv2.HPAScalingPolicy{Type: autoscalingv2.PodsScalingPolicy, Value: value, PeriodSeconds: period}
	}
	rules := func(choose autoscalingv2.ScalingPolicySelect, policies ...autoscalingv2.HPAScalingPolicy) *autoscalingv2.HPAScalingRules {
		return &autoscalingv2.HPAScalingRules{SelectPolicy: &choose, Policies: policies}
	}
	const least, most, never = autoscalingv2.MinChangePolicySelect, autoscalingv2.MaxChangePolicySelect, autoscalingv2.DisabledPolicySelect
	for name, test := range map[string]struct {
		rules *autoscalingv2.HPAScalingRules
		want  []Rule
	}{
		"nothing for scaling down":     {nil, []Rule{SuddenRelease}},
		"only a window":                {&autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: new(int32(300))}, []Rule{SuddenRelease}},
		"a tenth":                      {&autoscalingv2.HPAScalingRules{Policies: []autoscalingv2.HPAScalingPolicy{percent(10)}}, nil},
		"half":                         {rules(most, percent(50)), nil},
		"all":                          {rules(most, percent(100)), []Rule{SuddenRelease}},
		"nearly all":                   {rules(most, percent(99)), []Rule{SuddenRelease}},
		"more Pods than fall":          {rules(most, pods(200, 600)), []Rule{SuddenRelease}},
		"fewer Pods, for long":         {rules(most, pods(5, 1800)), nil},
		"the strictest of two":         {rules(least, pods(4, 60), percent(100)), nil},
		"the least strict of two":      {rules(most, pods(4, 60), percent(100)), []Rule{SuddenRelease}},
		"the least strict, by default": {&autoscalingv2.HPAScalingRules{Policies: []autoscalingv2.HPAScalingPolicy{pods(4, 60), percent(100)}}, []Rule{SuddenRelease}},
		"no step at all":               {rules(never), []Rule{PodsStay}},
		"none, whatever the policies":  {rules(never, percent(100)), []Rule{PodsStay}},
		"the strictest of none":        {rules(least), []Rule{SuddenRelease}},
	} {
		hpa := free(4, 100)
		hpa.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: test.rules}
		var got []Rule
		for _, found := range day(t, evening.OnlyWindows(evening.Schedule(t, 0)), hpa).Problems() {
			got = append(got, found.Rule)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestAnHPAOfKEDAIsMatched(t *testing.T) {
	hpa := free(4, 100)
	hpa.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "front"}}
	want := []string{"owned-by-keda of prime-time on video/front: it is owned by the KEDA ScaledObject front, which would overwrite a floor, so it gets none; use a KEDA trigger instead"}
	if diff := cmp.Diff(want, found(day(t, evening.OnlyWindows(evening.Schedule(t, 0)), hpa).Problems())); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestAnEventWithoutTargets covers what its windows do, in the namespace that is known or in others.
func TestAnEventWithoutTargets(t *testing.T) {
	f := day(t, schedules.New(nil, evening.Schedule(t, 0).Events()), free(4, 100))
	if got := f.Unchecked(); len(got) != 0 {
		t.Errorf("with all namespaces: %q", got)
	}
	f.Namespace = "video"
	if diff := cmp.Diff([]string{"cup-final"}, f.Unchecked()); diff != "" {
		t.Errorf("with one namespace (-want +got):\n%s", diff)
	}
}

func TestAStepOfARampIsUpcoming(t *testing.T) {
	schedule := evening.OnlyWindows(evening.Schedule(t, 10*time.Minute))
	hpa := free(4, 100)
	v := autoscaler.Scope{}.Judge(schedule, &hpa, evening.Clock(t, "19:12:30"))
	got, found := Upcoming(&v, schedule, evening.Clock(t, "20:00:00"))
	if !found || got.MinReplicas != 10 || !got.From.Equal(evening.Clock(t, "19:13:00")) {
		t.Errorf("within the ramp comes %+v, %t", got, found)
	}
}
