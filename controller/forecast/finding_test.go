package forecast

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// found returns findings in one line each.
func found(findings []Finding) []string {
	var lines []string
	for _, f := range findings {
		on := ""
		if f.HPA != nil {
			on = " on " + f.HPA.Namespace + "/" + f.HPA.Name
		}
		lines = append(lines, fmt.Sprintf("%s of %s%s: %s", f.Rule, f.Entry, on, f.Message))
	}
	return lines
}

func overlaps(f *Forecast) (all []Finding) {
	f.overlaps(func(found Finding) { all = append(all, found) })
	return all
}

func withoutHPAs(schedule *schedules.Schedule, now, to time.Time) (all []Finding) {
	f := New(schedule, autoscaler.Scope{}, nil, now, to)
	f.Now = now
	f.scheduleFindings(func(found Finding) { all = append(all, found) })
	return all
}

// day is the forecast of HPAs for 18 December.
func day(t *testing.T, schedule *schedules.Schedule, hpas ...autoscalingv2.HorizontalPodAutoscaler) *Forecast {
	t.Helper()
	return New(schedule, autoscaler.Scope{}, hpas, evening.Clock(t, "12:00:00"), evening.Clock(t, "12:00:00").Add(24*time.Hour))
}

func TestProblems(t *testing.T) {
	free := autoscaler.State{MinReplicas: 4, MaxReplicas: 100}
	behaving := func(policies ...autoscalingv2.HPAScalingPolicy) autoscalingv2.HorizontalPodAutoscaler {
		a := *evening.HPA(free)
		a.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: &autoscalingv2.HPAScalingRules{Policies: policies}}
		return a
	}
	all := autoscalingv2.HPAScalingPolicy{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: 15}
	few := autoscalingv2.HPAScalingPolicy{Type: autoscalingv2.PodsScalingPolicy, Value: 2, PeriodSeconds: 60}
	falls := []string{
		"sudden-release of cup-final on video/front: minReplicas falls from 72 to 4 at once; give the entry a rampDown, or the HPA policies in behavior.scaleDown",
	}
	for name, test := range map[string]struct {
		ramp time.Duration
		hpa  autoscalingv2.HorizontalPodAutoscaler
		want []string
	}{
		"a fall that nothing damps":            {0, *evening.HPA(free), falls},
		"the default policy damps nothing":     {0, behaving(all), falls},
		"the least strict policy counts":       {0, behaving(all, few), falls},
		"an HPA that scales down step by step": {0, behaving(few), nil},
		"a floor above maxReplicas, once for each entry": {0, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 20}), []string{
			"clamped-floor of prime-time on video/front: the floor 24 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
			"clamped-floor of cup-final on video/front: the floor 72 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then",
			"sudden-release of cup-final on video/front: minReplicas falls from 20 to 4 at once; give the entry a rampDown, or the HPA policies in behavior.scaleDown",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, found(day(t, evening.Schedule(t, test.ramp), test.hpa).Problems())); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestACommittedMark: what only floorkeeper may write is a fault in a file, and none in a list from an API server.
func TestACommittedMark(t *testing.T) {
	hpa := evening.HPA(autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 24, MaxReplicas: 100})
	for uid, want := range map[string]bool{"": true, "1": false} {
		hpa.UID = types.UID(uid)
		got := slices.ContainsFunc(day(t, evening.Schedule(t, 0), *hpa).Problems(), func(f Finding) bool { return f.Rule == CommittedMark })
		if got != want {
			t.Errorf("with the uid %q it is found: %t, want %t", uid, got, want)
		}
	}
}

func TestARampDownDampsTheFall(t *testing.T) {
	window := evening.Schedule(t, 0).Windows()[0]
	alone := schedules.New([]schedules.Window{window}, nil)
	if got := found(day(t, alone, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})).Problems()); len(got) != 1 {
		t.Errorf("without rampDown: %q, want one sudden release", got)
	}
	window.RampDown = 20 * time.Minute
	ramped := schedules.New([]schedules.Window{window}, nil)
	if got := found(day(t, ramped, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})).Problems()); len(got) != 0 {
		t.Errorf("with rampDown: %q, want nothing", got)
	}
}

// TestALostBaseline: nothing happens to such an HPA, and that is what is found of it.
func TestALostBaseline(t *testing.T) {
	f := day(t, evening.Schedule(t, 0), *evening.HPA(autoscaler.State{Condition: autoscaler.Damaged, MinReplicas: 24, MaxReplicas: 20}))
	want := []string{
		"lost-baseline of prime-time on video/front: its annotations are damaged and nobody knows its baseline, so its minReplicas stays as it is; give the baseline in the annotation floorkeeper.dev/declared-baseline",
		"lost-baseline of cup-final on video/front: its annotations are damaged and nobody knows its baseline, so its minReplicas stays as it is; give the baseline in the annotation floorkeeper.dev/declared-baseline",
	}
	if diff := cmp.Diff(want, found(f.Problems())); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for stretch := range f.Outlooks[0].Stretches() {
		if stretch.MinReplicas != 24 {
			t.Errorf("from %s minReplicas is %d, want 24", stretch.From, stretch.MinReplicas)
		}
	}
}

func TestTargetsThatSelectNothing(t *testing.T) {
	window := evening.Schedule(t, time.Minute).Windows()[0]
	window.Targets = append(window.Targets, schedules.Target{Namespace: "vidoe", Name: "images", Amount: schedules.Amount{Replicas: 5}})
	schedule := schedules.New([]schedules.Window{window}, nil)
	want := []string{"matches-nothing of prime-time: no HorizontalPodAutoscaler matches its target (namespace vidoe, name images)"}
	if diff := cmp.Diff(want, found(day(t, schedule, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})).Problems())); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestNothingIsFoundOfNamespacesThatWereNotRead: what a target selects there nobody knows.
func TestNothingIsFoundOfNamespacesThatWereNotRead(t *testing.T) {
	labelled := labels.SelectorFromSet(labels.Set{"tier": "web"})
	entries := map[string][]schedules.Target{
		"covers":             {{Namespace: "video", Name: "front"}},
		"covers-by-label":    {{Selector: labelled}},
		"wrong":              {{Namespace: "video", Name: "frnot"}},
		"wrong-in-part":      {{Namespace: "video"}, {Namespace: "video", Name: "frnot"}},
		"elsewhere":          {{Namespace: "shop"}},
		"anywhere":           {{Name: "web"}},
		"here-and-elsewhere": {{Namespace: "video"}, {Namespace: "shop"}},
		"wrong-or-elsewhere": {{Namespace: "video", Name: "frnot"}, {Namespace: "shop"}},
	}
	var windows []schedules.Window
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		window := evening.Schedule(t, time.Minute).Windows()[0]
		window.Name, window.Targets = name, entries[name]
		for i := range window.Targets {
			window.Targets[i].Amount.Replicas = 5
		}
		windows = append(windows, window)
	}
	f := day(t, schedules.New(windows, []schedules.Event{evening.Schedule(t, 0).Events()[0]}), func() autoscalingv2.HorizontalPodAutoscaler {
		front := *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})
		front.Labels = map[string]string{"tier": "web"}
		return front
	}())
	f.Namespace = "video"
	want := []string{
		"matches-nothing of wrong: it covers no HorizontalPodAutoscaler; check its targets",
		"matches-nothing of wrong-in-part: no HorizontalPodAutoscaler matches its target (namespace video, name frnot)",
		"matches-nothing of wrong-or-elsewhere: no HorizontalPodAutoscaler matches its target (namespace video, name frnot)",
	}
	about := func(f Finding) bool { return f.Rule != MatchesNothing }
	if diff := cmp.Diff(want, found(slices.DeleteFunc(f.Problems(), about))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"anywhere", "elsewhere", "here-and-elsewhere", "wrong-or-elsewhere"}, f.Unchecked()); diff != "" {
		t.Errorf("unchecked (-want +got):\n%s", diff)
	}
	f.Namespace = ""
	if got := f.Unchecked(); len(got) > 0 || len(slices.DeleteFunc(f.Problems(), about)) != 6 {
		t.Errorf("with all namespaces: unchecked %q, problems %q", got, found(f.Problems()))
	}
}

// TestManyHPAsNeedALeadTime: with 2 requests for each HPA, a burst of 30 and 20 per second, 200 HPAs take 18.5 s.
func TestManyHPAsNeedALeadTime(t *testing.T) {
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i := range 200 {
		a := *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})
		a.ObjectMeta = metav1.ObjectMeta{Namespace: "video", Name: fmt.Sprintf("front-%03d", i)}
		hpas = append(hpas, a)
	}
	window := evening.Schedule(t, 0).Windows()[0]
	window.RampDown = time.Minute
	about := func(f Finding) bool { return f.Rule == ShortLeadTime }
	for lead, warned := range map[time.Duration]bool{0: true, 18 * time.Second: true, 19 * time.Second: false} {
		window.LeadTime = lead
		got := day(t, schedules.New([]schedules.Window{window}, nil), hpas...).Problems()
		if slices.ContainsFunc(got, about) != warned {
			t.Errorf("with a leadTime of %s: %q, want a warning: %v", lead, found(got), warned)
		}
	}
	window.LeadTime = 0
	if got := found(day(t, schedules.New([]schedules.Window{window}, nil), hpas[:40]...).Problems()); len(got) != 0 {
		t.Errorf("of 40 HPAs: %q, want nothing", got)
	}
}

// TestManyPodsNeedALeadTime: with a burst of 100 and 50 per second, the scheduler takes 20 s for 1,100 Pods.
func TestManyPodsNeedALeadTime(t *testing.T) {
	window := evening.Schedule(t, 0).Windows()[0]
	window.RampDown = time.Minute
	for name, c := range map[string]struct {
		replicas int32
		lead     time.Duration
		ramp     time.Duration
		rate     int
		want     string
	}{
		"too many":         {1104, 0, 0, 0, "up to 1100 Pods are added together, for which the scheduler needs at least 20s at 50 Pods per second"},
		"a short leadTime": {1104, 19 * time.Second, 0, 0, "(now 19s)"},
		"leadTime enough":  {1104, 20 * time.Second, 0, 0, ""},
		"a ramp":           {1104, 0, time.Hour, 0, ""},
		"few":              {800, 0, 0, 0, ""},
		"a quick cluster":  {1104, 0, 0, 200, ""},
		"a slow cluster":   {800, 0, 0, 20, "at least 35s at 20 Pods per second"},
		"no limit":         {99000, 0, 0, -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			window.LeadTime, window.RampUp = c.lead, c.ramp
			window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: c.replicas}}}
			f := day(t, schedules.New([]schedules.Window{window}, nil), *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100000}))
			f.SchedulerRate = c.rate
			got := f.Problems()
			switch {
			case c.want == "" && len(got) != 0:
				t.Errorf("found is %q, want nothing", found(got))
			case c.want != "" && (len(got) != 1 || got[0].Rule != SlowScheduling || !strings.Contains(got[0].Message, c.want)):
				t.Errorf("found is %q, want %q", found(got), c.want)
			}
		})
	}
}

func TestOverlaps(t *testing.T) {
	free := evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})
	other := free.DeepCopy()
	other.Name = "player"
	want := []string{"overlapped-entry of prime-time on video/front: event cup-final is open as well, and its floor 72 applies instead of 24: the largest does"}
	if diff := cmp.Diff(want, found(overlaps(day(t, evening.Schedule(t, 0), *free, *other)))); diff != "" {
		t.Errorf("overlaps (-want +got):\n%s", diff)
	}
	// A window that opens under an open event changes nothing for the HPA, and is reported all the same.
	late := evening.Schedule(t, 0).Windows()[0]
	late.Start = 22 * 3600
	under := schedules.New([]schedules.Window{late}, evening.Schedule(t, 0).Events())
	if got := overlaps(day(t, under, *free)); len(got) != 1 || !got[0].From.Equal(evening.Clock(t, "21:50:00")) {
		t.Errorf("under the event: %v, want one at 21:50", got)
	}
}

func TestOverlapOfEqualFloors(t *testing.T) {
	first := evening.Schedule(t, 0).Windows()[0]
	second := first
	second.Name = "second"
	want := []string{"overlapped-entry of second on video/front: window prime-time is open as well and asks for 24 too; of equal floors the one that falls last applies, then the first by name"}
	got := found(overlaps(day(t, schedules.New([]schedules.Window{first, second}, nil), *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100}))))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("overlaps (-want +got):\n%s", diff)
	}
}

func TestARampOverlapsNothing(t *testing.T) {
	climbing := evening.Schedule(t, 0).Events()[0]
	climbing.RampUp = 30 * time.Minute // whose first steps are below the window's floor
	schedule := schedules.New(evening.Schedule(t, 0).Windows(), []schedules.Event{climbing})
	got := found(overlaps(day(t, schedule, *evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100}))))
	want := []string{"overlapped-entry of prime-time on video/front: event cup-final is open as well, and its floor 72 applies instead of 24: the largest does"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("overlaps (-want +got):\n%s", diff)
	}
}

func TestAbout(t *testing.T) {
	now := evening.Clock(t, "23:00:00")
	for name, test := range map[string]struct {
		now  time.Time
		want []string
	}{
		"before the event": {now, nil},
		"when it ends": {evening.Clock(t, "23:59:59").Add(30*time.Minute + time.Second), []string{
			"past-entry of cup-final: it is over since 2026-12-19 00:30 CET and does nothing any more",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, found(withoutHPAs(evening.Schedule(t, 0), test.now, test.now.AddDate(0, 0, 7)))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
	window := evening.Schedule(t, 0).Windows()[0]
	last := schedules.NewDate(2026, 12, 17)
	window.LastDate = &last
	over := schedules.New([]schedules.Window{window}, nil)
	if got := withoutHPAs(over, now, now.AddDate(0, 0, 7)); len(got) != 1 || got[0].Rule != PastEntry {
		t.Errorf("of a window whose last date is over: %v, want one past entry", got)
	}
	window.LastDate = nil
	window.Start, window.End = 3600, 4*3600
	night := schedules.New([]schedules.Window{window}, nil)
	if got := withoutHPAs(night, now, now.AddDate(1, 0, 0)); len(got) != 2 || got[0].Rule != ClockChange {
		t.Errorf("of a window over both clock changes of a year: %v, want two", got)
	}
}
