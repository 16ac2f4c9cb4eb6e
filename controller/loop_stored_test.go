package controller

import (
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// tens rounds up, as a policy for whole racks does.
func tens(n int32) int32 { return (n + 9) / 10 * 10 }

func TestAWebhookThatRoundsUp(t *testing.T) {
	l := evening24(t)
	l.webhook = tens
	l.until("20:00:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 30 until 23:30 CET (window prime-time); baseline 4
		19:20:00 Warning FloorAltered minReplicas 30 was stored instead of 24; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes
		19:20:00.001 sets 30 over 4
		19:20:00.021 FloorReached the HPA asks for 30 replicas, 20ms after the raise to 30; their Pods come as fast as the cluster starts them
		19:20:01.001 hands back
		23:30:00 wakes`)
	l.setsMin("argocd", 4)
	l.until("23:40:00", `
		20:00:00.02 sets 30 over 4
		20:00:00.02 Warning FloorReverted minReplicas 4 was written by argocd; put back to 30 until 23:30 CET (window prime-time); baseline 4
		20:00:01.02 hands back
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 30 -> 4, the baseline: window prime-time is over
		23:30:00 Warning FloorAltered minReplicas 10 was stored instead of 4, which is the baseline: a webhook or policy of the API server changes what floorkeeper writes
		23:30:01 hands back
		19:20:00 wakes`)
}

// capped is a floor of 24 of which a webhook makes 20.
func capped(t *testing.T) *loop {
	t.Helper()
	l := begin(t, evening.Schedule(t, 0), four(), "19:00:00")
	l.webhook = func(n int32) int32 { return min(n, 20) }
	l.until("19:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 20 until 23:30 CET (window prime-time); baseline 4
		19:20:00 Warning FloorAltered minReplicas 20 was stored instead of 24; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes
		19:20:00.001 sets 20 over 4
		19:20:00.021 FloorReached the HPA asks for 20 replicas, 20ms after the raise to 20; their Pods come as fast as the cluster starts them
		19:20:01.001 hands back
		20:00:00 wakes`)
	return l
}

func TestAWebhookThatCaps(t *testing.T) {
	l := capped(t)
	l.until("20:10:00", `
		20:00:00 sets 72 over 4
		20:00:00 Warning FloorAltered minReplicas 20 was stored instead of 72; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes
		20:00:00.001 sets 20 over 4
		20:00:01.001 hands back
		23:30:00 wakes`)
	l.restart()
	l.until("24:40:00", `
		20:10:00 sets 72 over 4
		20:10:00 Warning FloorAltered minReplicas 20 was stored instead of 72; the baseline stays 4: a webhook or policy of the API server changes what floorkeeper writes
		20:10:00.001 sets 20 over 4
		20:10:01.001 hands back
		00:30:00 sets 4
		00:30:00 FloorReleased minReplicas 20 -> 4, the baseline: event cup-final is over
		00:30:01 hands back
		19:20:00 wakes`)
}

// TestAWebhookThatIsMended: whoever then writes the number that floorkeeper asked for gets it.
func TestAWebhookThatIsMended(t *testing.T) {
	l := capped(t)
	l.webhook = nil
	l.writes("kubectl", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations[autoscaler.AnnotationDeclaredBaseline] = "4"
		hpa.Spec.MinReplicas = new(int32(24))
	})
	l.until("19:40:00", `
		19:30:00.02 sets 24 over 4
		19:30:01.02 hands back
		20:00:00 wakes`)
	l.setsMin("kubectl", 20)
	l.until("19:50:00", `
		19:40:00.02 sets 24 over 4
		19:40:00.02 Warning FloorReverted minReplicas 20 was written by kubectl; put back to 24 until 23:30 CET (window prime-time); baseline 4
		19:40:01.02 hands back
		20:00:00 wakes`)
}

func TestAWebhookThatGoesBelowTheBaseline(t *testing.T) {
	l := evening24(t)
	l.webhook = func(int32) int32 { return 2 }
	l.until("19:20:10", `
		19:20:00 sets 24 over 4
		19:20:00 Warning PatchRefused minReplicas 4 -> 24 is refused: cannot set minReplicas of HorizontalPodAutoscaler video/front to 24, it became 2: another policy or webhook of the API server changed the patch; floorkeeper keeps retrying
		19:20:00.02 sets 24 over 4
		19:20:00.12 sets 24 over 4
		19:20:00.32 sets 24 over 4
		19:20:01.32 sets 24 over 4
		19:20:03.32 sets 24 over 4
		19:20:07.32 sets 24 over 4
		19:20:15.32 wakes`)
}

func TestNotesOutliveTheProcess(t *testing.T) {
	l := primeTime(t)
	l.writes("crossplane", strip(24)) // in the moment of the restart
	l.restart()
	l.until("20:10:00", `
		20:00:00 Warning BaselineLost the annotations floorkeeper.dev/* were removed and minReplicas 24, which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl annotate hpa front --namespace=video floorkeeper.dev/declared-baseline=4
		23:30:00 wakes`)
	l.restart() // the next one has the note of one whose annotations were taken off
	l.until("20:20:00", `
		20:10:00 Warning BaselineLost the annotations floorkeeper.dev/* were removed and minReplicas 24, which is a floor, was kept, so minReplicas is left as it is. The baseline was 4; to restore it: kubectl annotate hpa front --namespace=video floorkeeper.dev/declared-baseline=4
		23:30:00 wakes`)
	l.writes("kubectl-annotate", func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations = map[string]string{autoscaler.AnnotationDeclaredBaseline: "4"}
	})
	l.until("23:40:00", `
		20:20:00.02 sets 24 over 4
		20:20:01.02 hands back
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
	if text := l.notes.String(); text != "" {
		t.Errorf("when all is over it is noted: %s", text)
	}
}

func TestNothingIsNotedInADryRun(t *testing.T) {
	l := evening24(t)
	l.dryRun = true
	l.play("20:00:00")
	if text := l.notes.String(); text != "" {
		t.Errorf("noted: %s", text)
	}
}

func TestAnHPAThatIsReplacedBetweenTwoLooks(t *testing.T) {
	l := primeTime(t)
	if err := l.api.Delete(t.Context(), l.stored()); err != nil {
		t.Fatal(err)
	}
	again := four()
	again.UID, again.Spec.MinReplicas = "2", new(int32(24)) // its owner's own value, which is no floor of ours
	l.create(again)
	l.until("20:10:00", `
		20:00:00 sets 24 over 24
		20:00:01 hands back
		23:30:00 wakes`)
}

func TestAnHPAThatIsDeletedIsForgotten(t *testing.T) {
	l := primeTime(t)
	l.setsMin("argocd", 4)
	l.play("20:10:00")
	if err := l.api.Delete(t.Context(), l.stored()); err != nil {
		t.Fatal(err)
	}
	l.wake, l.story = l.now, nil
	l.until("20:20:00", `
		sleeps`)
	found, err := l.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range found {
		if family.GetName() == "floorkeeper_reverts_total" {
			t.Errorf("its namespace still has %d series of reverts", len(family.GetMetric()))
		}
	}
	if _, known := l.records.Load(l.key); known || l.notes.String() != "" {
		t.Errorf("it is remembered: %t, noted: %s", known, l.notes.String())
	}
}

func TestACopyOfAHeldHPAThatIsApplied(t *testing.T) {
	l := primeTime(t)
	dump := l.stored().DeepCopy()
	l.play("23:40:00")
	l.story = nil
	committed := func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
		hpa.Annotations, hpa.Spec.MinReplicas = dump.Annotations, dump.Spec.MinReplicas
	}
	l.writes("argocd", committed)
	l.until("23:42:00", `
		23:40:00.02 sets 4
		23:40:00.02 Warning AnnotationsOverwritten argocd wrote annotations floorkeeper.dev/* that floorkeeper wrote earlier, and minReplicas 24 with them; remove these annotations from the manifest that it applies: only floorkeeper may write them
		23:40:01.02 hands back
		19:20:00 wakes`)
	for range 5 {
		l.writes("argocd", committed)
		l.play(l.now.Add(1e9).Format("15:04:05"))
	}
	l.until("23:50:00", `
		23:42:00.02 sets 4
		23:42:00.02 Warning AnnotationsOverwritten argocd wrote annotations floorkeeper.dev/* that floorkeeper wrote earlier, and minReplicas 24 with them; remove these annotations from the manifest that it applies: only floorkeeper may write them
		23:42:01.02 sets 4
		23:42:02.02 sets 4
		23:42:04.02 sets 4
		23:42:05.02 hands back
		19:20:00 wakes`)
}
