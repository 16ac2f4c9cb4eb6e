package autoscaler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// judged judges video/front in a state at half past seven, when the window is open.
func judged(t *testing.T, s autoscaler.State, known autoscaler.Known, managers ...metav1.ManagedFieldsEntry) autoscaler.Verdict {
	t.Helper()
	hpa := evening.HPA(s)
	hpa.ManagedFields = managers
	return autoscaler.Scope{Installation: "ops/floorkeeper"}.JudgeKnowing(evening.Schedule(t, 0), hpa, evening.Clock(t, "19:30:00"), known)
}

// by is an entry of managedFields for minReplicas and our annotations.
func by(manager string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{Manager: manager, Time: &metav1.Time{Time: time.Unix(0, 0)}, FieldsV1: metav1.NewFieldsV1(
		`{"f:metadata":{"f:annotations":{"f:floorkeeper.dev/floor":{},"f:floorkeeper.dev/baseline":{}}},"f:spec":{"f:minReplicas":{}}}`)}
}

// prime is the state that the window leads to, held by an installation.
func prime(t *testing.T, installation string) autoscaler.State {
	t.Helper()
	s := evening.At(evening.Schedule(t, 0), autoscaler.State{MinReplicas: 4, MaxReplicas: 100}, evening.Clock(t, "19:25:00")).Desired
	s.Mark.ManagedBy = installation
	return s
}

func TestJudgeLeavesAloneWhatAnotherInstallationHolds(t *testing.T) {
	for installation, want := range map[string]bool{"": false, "ops/floorkeeper": false, "video/floorkeeper": true} {
		state := prime(t, installation)
		state.Mark.Floor, state.MinReplicas = 12, 12
		verdict := judged(t, state, autoscaler.Known{})
		problem, found := verdict.PersistentProblem(evening.Schedule(t, 0))
		if alone := verdict.Desired == verdict.State; alone != want || found != want || verdict.HeldBy != "" != want {
			t.Errorf("held by %q: left alone %t with %+v, want %t", installation, alone, problem, want)
		}
		if want && (problem.Reason != autoscaler.ReasonTargetRefused || !strings.HasSuffix(problem.Note, "floorkeeper release video/front")) {
			t.Errorf("the Event is %+v", problem)
		}
		if !want && verdict.Desired.Mark.ManagedBy != "ops/floorkeeper" {
			t.Errorf("it becomes %+v, and not ours", verdict.Desired)
		}
	}
}

// TestJudgeTakesItsOwnWordFromOthers: a minReplicas that differs from the floor is a new baseline only if somebody else
// wrote it.
func TestJudgeTakesItsOwnWordFromOthers(t *testing.T) {
	rounded, defaulted, annotated, other := prime(t, ""), prime(t, ""), by(autoscaler.FieldManager), by("helm")
	rounded.MinReplicas, defaulted.MinReplicas = 30, 1
	other.FieldsV1 = metav1.NewFieldsV1(`{"f:spec":{"f:maxReplicas":{}}}`)
	annotated.FieldsV1 = metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{"f:floorkeeper.dev/until":{}}}}`)
	for name, test := range map[string]struct {
		state    autoscaler.State
		known    autoscaler.Known
		managers []metav1.ManagedFieldsEntry
		baseline int32
	}{
		"somebody wrote it":                   {rounded, autoscaler.Known{}, []metav1.ManagedFieldsEntry{by("helm")}, 30},
		"writers are not tracked":             {rounded, autoscaler.Known{}, nil, 30},
		"our own patch became that":           {rounded, autoscaler.Known{}, []metav1.ManagedFieldsEntry{by(autoscaler.FieldManager)}, 4},
		"our ownership was handed back":       {rounded, autoscaler.Known{}, []metav1.ManagedFieldsEntry{other}, 4},
		"our patch did not ask for it":        {rounded, autoscaler.Known{Asked: 24, Stored: 31}, []metav1.ManagedFieldsEntry{annotated}, 4},
		"somebody wrote it since our patch":   {rounded, autoscaler.Known{Asked: 24, Stored: 30}, []metav1.ManagedFieldsEntry{annotated, by("helm")}, 30},
		"its owner left it out":               {defaulted, autoscaler.Known{}, []metav1.ManagedFieldsEntry{other}, 1},
		"the answer to our patch said 1":      {defaulted, autoscaler.Known{Asked: 24, Stored: 1}, []metav1.ManagedFieldsEntry{other}, 4},
		"writers of what the answer said":     {rounded, autoscaler.Known{Asked: 24, Stored: 30}, nil, 30},
		"its owner wrote what the answer was": {defaulted, autoscaler.Known{Asked: 24, Stored: 1}, []metav1.ManagedFieldsEntry{by("helm")}, 1},
	} {
		if got := judged(t, test.state, test.known, test.managers...).State.Baseline(); got != test.baseline {
			t.Errorf("%s: the baseline is %d, want %d", name, got, test.baseline)
		}
	}
	if got := judged(t, rounded, autoscaler.Known{Asked: 24, Stored: 30}, other).Desired; got.MinReplicas != 30 || got.Mark.Floor != 30 || got.Mark.Baseline != 4 {
		t.Errorf("where 30 is stored for 24, it asks for %+v", got)
	}
	if got := judged(t, prime(t, ""), autoscaler.Known{Asked: 24, Stored: 30}).Desired; got.MinReplicas != 24 {
		t.Errorf("where 30 was stored for 24, and it is 24 now, it asks for %+v", got)
	}
	for _, stored := range []int32{3, 101} {
		if got := judged(t, rounded, autoscaler.Known{Asked: 24, Stored: stored}, by(autoscaler.FieldManager)).Desired; got.MinReplicas != 24 {
			t.Errorf("where %d, which cannot be a floor, is stored for 24, it asks for %+v", stored, got)
		}
	}
}

// TestJudgeKnowsACopyOfItsAnnotations: a manifest with annotations that floorkeeper wrote earlier undoes what it wrote since.
func TestJudgeKnowsACopyOfItsAnnotations(t *testing.T) {
	old := prime(t, "ops/floorkeeper")
	old.Mark.Because, old.Mark.Since = "matinee", "2026-12-18T13:00:00Z"
	old.Mark.Floor, old.MinReplicas = 12, 12
	current := autoscaler.Known{Seen: true, Mark: prime(t, "ops/floorkeeper").Mark}
	for name, test := range map[string]struct {
		known   autoscaler.Known
		manager string
		want    bool
	}{
		"by a tool":                {current, "kustomize-controller", true},
		"by ourselves":             {current, autoscaler.FieldManager, false},
		"by an earlier process":    {autoscaler.Known{}, "kustomize-controller", false},
		"before the window opened": {autoscaler.Known{Seen: true}, "kustomize-controller", false},
	} {
		verdict := judged(t, old, test.known, by(test.manager))
		if got := verdict.Opposed(); got != test.want {
			t.Errorf("%s: it was opposed: %t, want %t", name, got, test.want)
		}
		notes := verdict.Notices(evening.Schedule(t, 0), "kustomize-controller")
		if got := len(notes) == 1 && notes[0].Reason == autoscaler.ReasonAnnotationsOverwritten; got != test.want {
			t.Errorf("%s: the Events are %+v", name, notes)
		}
		if test.want && verdict.Opponent() != test.manager {
			t.Errorf("%s: it was %s", name, verdict.Opponent())
		}
	}
}

// TestJudgeLeavesAFloorWithoutAnnotations: the floor is no baseline, whatever is asked.
func TestJudgeLeavesAFloorWithoutAnnotations(t *testing.T) {
	mark := autoscaler.Mark{Baseline: 4, Floor: 12}
	noted, left, seen := autoscaler.Known{Mark: mark}, autoscaler.Known{Mark: mark, LeftAlone: true}, autoscaler.Known{Mark: mark, Seen: true}
	seen.Mark.Because = "prime-time"
	bare, declared := autoscaler.State{MinReplicas: 12, MaxReplicas: 100}, autoscaler.State{MinReplicas: 12, MaxReplicas: 100}
	declared.Declared = autoscaler.Declaration{Replicas: 4, Valid: true}
	for name, test := range map[string]struct {
		state    autoscaler.State
		known    autoscaler.Known
		managers []metav1.ManagedFieldsEntry
		want     bool
	}{
		"at the floor":                   {bare, noted, nil, true},
		"at another value":               {autoscaler.State{MinReplicas: 13, MaxReplicas: 100}, noted, nil, false},
		"with a declaration":             {declared, noted, nil, false},
		"that nobody remembers":          {bare, autoscaler.Known{}, nil, false},
		"that raised nothing":            {bare, autoscaler.Known{Mark: autoscaler.Mark{Baseline: 12, Floor: 12}}, nil, false},
		"with other annotations":         {prime(t, ""), noted, nil, false},
		"that somebody wrote":            {bare, seen, []metav1.ManagedFieldsEntry{by("helm")}, true},
		"that somebody wrote, as noted":  {bare, noted, []metav1.ManagedFieldsEntry{by("helm")}, false}, // it may have been released since
		"that an earlier leader left so": {bare, left, []metav1.ManagedFieldsEntry{by("helm")}, true},
	} {
		verdict := judged(t, test.state, test.known, test.managers...)
		if got := verdict.TakenOff(); got != test.want || got != (verdict.Desired == verdict.State) {
			t.Errorf("%s: left alone %t, want %t: %+v", name, got, test.want, verdict.Desired)
		}
	}
}

// TestBaselineChangedWithoutAWrite: where the floor guard has recorded the new baseline, nothing is left to write, and the
// Event names who changed it.
func TestBaselineChangedWithoutAWrite(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	before, after := prime(t, "ops/floorkeeper"), prime(t, "ops/floorkeeper")
	after.Mark.Baseline = 6
	for name, test := range map[string]struct {
		known autoscaler.Known
		want  []autoscaler.EventNote
	}{
		"remembered": {autoscaler.Known{Seen: true, Mark: before.Mark}, []autoscaler.EventNote{
			{Type: "Normal", Reason: "BaselineChanged", Note: "baseline changed from 4 to 6 by helm; it applies when the window ends"},
		}},
		"not remembered": {autoscaler.Known{}, nil},
	} {
		verdict := judged(t, after, test.known, by("helm"))
		var got []autoscaler.EventNote
		for _, n := range verdict.GuardNotices(schedule) {
			n.Action = ""
			got = append(got, n)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || verdict.Desired != verdict.State {
			t.Errorf("%s: %+v (-want +got):\n%s", name, verdict.Desired, diff)
		}
	}
}

// TestFloorCutByTheGuard: a maxReplicas below the floor, which the floor guard lets pass, is reported once.
func TestFloorCutByTheGuard(t *testing.T) {
	schedule := evening.Schedule(t, 0)
	before, after := prime(t, "ops/floorkeeper"), prime(t, "ops/floorkeeper")
	after.MinReplicas, after.MaxReplicas, after.Mark.Floor = 15, 15, 15
	for name, test := range map[string]struct {
		known autoscaler.Known
		want  []string
	}{
		"seen before":    {autoscaler.Known{Seen: true, Mark: before.Mark}, []string{"floor 24 (window prime-time) is above maxReplicas and is clamped to 15; raise maxReplicas to get it"}},
		"seen since":     {autoscaler.Known{Seen: true, Mark: after.Mark}, nil},
		"not remembered": {autoscaler.Known{}, nil},
	} {
		verdict := judged(t, after, test.known)
		var got []string
		for _, n := range verdict.GuardNotices(schedule) {
			got = append(got, n.Note)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || verdict.Desired != verdict.State {
			t.Errorf("%s: %+v (-want +got):\n%s", name, verdict.Desired, diff)
		}
	}
}

func TestFloorAltered(t *testing.T) {
	schedule, hpa := evening.Schedule(t, 0), evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})
	for at, want := range map[string]string{
		"19:30:00": "minReplicas 30 was stored instead of 24; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes",
		"23:45:00": "minReplicas 30 was stored instead of 4, which is the baseline: a webhook or policy of the API server changes what floorkeeper writes",
	} {
		verdict := autoscaler.Scope{}.Judge(evening.OnlyWindows(schedule), raised(t, hpa, at), evening.Clock(t, at))
		if got, _ := verdict.FloorAltered(30); got.Note != want || got.Type != "Warning" || got.Reason != autoscaler.ReasonFloorAltered {
			t.Errorf("at %s: %+v, want %q", at, got, want)
		}
	}
}

// raised returns the HPA as it is before the instant.
func raised(t *testing.T, hpa *autoscalingv2.HorizontalPodAutoscaler, at string) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	if at < "23:30:00" {
		return hpa
	}
	return evening.HPA(prime(t, ""))
}
