package controller

import (
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// triple is prime time with a floor of 300%.
func triple(t *testing.T) *schedules.Schedule {
	t.Helper()
	window := evening.Schedule(t, 0).Windows()[0]
	window.Targets = []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Ratio: 3000}}}
	return schedules.New([]schedules.Window{window}, nil)
}

// writesAnnotations lets somebody write all annotations, and keep minReplicas.
func (l *loop) writesAnnotations(annotations map[string]string) {
	l.Helper()
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations = annotations })
}

// TestAnnotationsGoInSteps takes them off by ways that lead over other states, each of which keeps the baseline in mind.
func TestAnnotationsGoInSteps(t *testing.T) {
	for name, steps := range map[string][]map[string]string{
		"damaged first":  {{autoscaler.AnnotationFloor: "12"}, nil},
		"ignored first":  {nil, {autoscaler.AnnotationIgnore: "true"}, nil},
		"declared first": {nil, {autoscaler.AnnotationDeclaredBaseline: "many"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := begin(t, triple(t), four(), "20:00:00")
			l.play("20:10:00")
			for i, annotations := range steps {
				l.writesAnnotations(annotations)
				l.play([]string{"20:11:00", "20:12:00", "20:13:00"}[i])
			}
			if got := *l.stored().Spec.MinReplicas; got != 12 || !strings.Contains(strings.Join(l.story, "\n"), "The baseline was 4;") {
				t.Errorf("minReplicas is %d, want 12 and a BaselineLost with the baseline:\n%s", got, strings.Join(l.story, "\n"))
			}
		})
	}
}

// TestAnAnswerIsForgotten: what a webhook made of a floor is not asked for at the next one.
func TestAnAnswerIsForgotten(t *testing.T) {
	l := evening24(t)
	l.webhook = func(n int32) int32 { return min(n, 20) }
	l.play("23:50:00")
	l.webhook = nil
	l.story = nil
	l.until("43:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24; their Pods come as fast as the cluster starts them
		19:20:01 hands back
		23:30:00 wakes`)
}

// TestAnAnswerChanges lowers a cap, and then maxReplicas, within one entry.
func TestAnAnswerChanges(t *testing.T) {
	l := evening24(t)
	limit := int32(20)
	l.webhook = func(n int32) int32 { return min(n, limit) }
	l.play("20:00:00")
	limit, l.story = 15, nil
	l.setsMin("argocd", 4)
	l.until("20:05:00", `
		20:00:00.02 sets 20 over 4
		20:00:00.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 15 until 23:30 CET (window prime-time); baseline 4
		20:00:00.02 Warning FloorAltered minReplicas 15 was stored instead of 20; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes
		20:00:00.021 sets 15 over 4
		20:00:01.021 hands back
		23:30:00 wakes`)

	l = evening24(t)
	l.webhook = tens
	l.play("20:00:00")
	l.webhook = nil
	l.writes("kubectl-apply", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Spec.MaxReplicas, hpa.Spec.MinReplicas = 26, new(int32(4))
	})
	l.play("20:05:00")
	if got := *l.stored().Spec.MinReplicas; got != 24 {
		t.Errorf("with a maxReplicas of 26 minReplicas is %d, want 24", got)
	}
}

// TestAnAnswerDiffersEachTime: neither patches nor Events come as fast as both can.
func TestAnAnswerDiffersEachTime(t *testing.T) {
	l := evening24(t)
	n := int32(0)
	l.webhook = func(int32) int32 { n += 7; return 10 + n%89 }
	l.play("19:25:00")
	story := strings.Join(l.story, "\n")
	if patches, warnings := strings.Count(story, " sets "), strings.Count(story, "Warning"); patches > 20 || warnings > 5 {
		t.Errorf("%d patches and %d Warnings in five minutes:\n%s", patches, warnings, story)
	}
	l.webhook = nil
	l.play("19:30:00")
	if got := l.stored(); *got.Spec.MinReplicas < 10 || got.Annotations[autoscaler.AnnotationBaseline] != "4" {
		t.Errorf("in the end minReplicas is %d with %v", *got.Spec.MinReplicas, got.Annotations)
	}
}

// TestARampUnderACap reports what is stored instead at its ends, and not at each step.
func TestARampUnderACap(t *testing.T) {
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 10*time.Minute)), four(), "19:00:00")
	l.webhook = func(n int32) int32 { return min(tens(n), 20) }
	l.play("20:00:00")
	story := strings.Join(l.story, "\n")
	if altered := strings.Count(story, "FloorAltered"); altered == 0 || altered > 2 {
		t.Errorf("%d times FloorAltered in one climb:\n%s", altered, story)
	}
}

// TestARestartBetweenTheTwoPatches: what the webhook stored is nobody's revert.
func TestARestartBetweenTheTwoPatches(t *testing.T) {
	l := evening24(t)
	l.webhook = func(n int32) int32 { return min(n, 20) }
	l.now = l.wake
	l.look()
	l.restart()
	l.play("20:00:00")
	story := strings.Join(l.story, "\n")
	if got := l.stored(); *got.Spec.MinReplicas != 20 || got.Annotations[autoscaler.AnnotationBaseline] != "4" || strings.Contains(story, "Reverted") || strings.Contains(story, "BaselineChanged") {
		t.Errorf("minReplicas is %d with %v:\n%s", *got.Spec.MinReplicas, got.Annotations, story)
	}
}

// TestADeclaredBaselineThatSomebodyRecords: the floor guard records what an operator writes on each change, and floorkeeper
// what is declared. They slow down.
func TestADeclaredBaselineThatSomebodyRecords(t *testing.T) {
	hpa := four()
	hpa.Annotations = map[string]string{autoscaler.AnnotationDeclaredBaseline: "4"}
	l := begin(t, evening.OnlyWindows(evening.Schedule(t, 0)), hpa, "19:00:00")
	l.play("20:00:00")
	records := func() {
		l.writes("operator", func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations[autoscaler.AnnotationBaseline] = "2" })
	}
	records()
	patches, end := 0, evening.Clock(t, "20:05:00")
	for l.wake.Before(end) && patches < 100 {
		before := len(l.story)
		l.now = l.wake
		l.look()
		if strings.Contains(strings.Join(l.story[before:], "\n"), " sets ") {
			patches++
			records()
		}
	}
	if patches < 3 || patches > 25 {
		t.Errorf("%d patches in five minutes, want some 16", patches)
	}
}

// TestAReleasedFloorIsNoLoss: an earlier process held the HPA, it was released, and its owner wrote the number of the floor.
func TestAReleasedFloorIsNoLoss(t *testing.T) {
	l := primeTime(t)
	notes := l.notes.String()
	if _, _, err := Release(t.Context(), l.api, l.key, NewNotes()); err != nil {
		t.Fatal(err)
	}
	l.setsMin("kubectl-edit", 24)
	l.restart()
	l.notes.Load(notes)
	l.story = nil
	l.play("20:10:00")
	if story := strings.Join(l.story, "\n"); strings.Contains(story, "BaselineLost") || l.stored().Annotations[autoscaler.AnnotationBaseline] != "24" {
		t.Errorf("it becomes %v:\n%s", l.stored().Annotations, story)
	}
}
