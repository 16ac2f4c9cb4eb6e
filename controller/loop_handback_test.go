package controller

import (
	"context"
	"testing"
)

// TestHandedBackInTheSameWrite plays an evening with the policy floor-hand-back in force: each change is one patch.
func TestHandedBackInTheSameWrite(t *testing.T) {
	l := evening24(t)
	l.policy = true
	l.play("20:00:00")
	l.setsMin("argocd", 5)
	l.until("23:40:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24; their Pods come as fast as the cluster starts them
		20:00:00.02 sets 24 over 5
		20:00:00.02 BaselineChanged baseline changed from 4 to 5 by argocd; it applies when the window ends
		20:00:00.02 Warning FloorReverted minReplicas 5 was written by argocd; put back to 24 until 23:30 CET (window prime-time); baseline 5
		23:30:00 sets 5
		23:30:00 FloorReleased minReplicas 24 -> 5, the baseline: window prime-time is over
		19:20:00 wakes`)
}

// TestThePolicyGoes: what it no longer hands back, the second patch does, and it leaves what was owned before it came.
func TestThePolicyGoes(t *testing.T) {
	l := evening24(t)
	l.play("19:20:00")
	l.policy = true
	l.until("19:30:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24; their Pods come as fast as the cluster starts them
		19:20:01 hands back
		23:30:00 wakes`)
	l.policy = false
	l.until("23:40:00", `
		23:30:00 sets 4
		23:30:00 FloorReleased minReplicas 24 -> 4, the baseline: window prime-time is over
		23:30:01 hands back
		19:20:00 wakes`)
}

// TestAWebhookThatChangesWhatNobodyOwns: the answer is lost with the process that waits for it, and nothing on the HPA names
// floorkeeper as the writer of what the webhook made of its patch. It is no new baseline all the same.
func TestAWebhookThatChangesWhatNobodyOwns(t *testing.T) {
	for name, c := range map[string]struct {
		webhook func(int32) int32
		after   string
	}{
		"rounds up": {tens, `
		19:20:00.001 sets 24 over 4
		19:20:00.001 Warning FloorAltered minReplicas 30 was stored instead of 24; ...
		19:20:00.002 sets 30 over 4
		23:30:00 wakes`},
		"caps": {func(n int32) int32 { return min(n, 20) }, `
		19:20:00.001 sets 24 over 4
		19:20:00.001 Warning FloorAltered minReplicas 20 was stored instead of 24; ...
		19:20:00.002 sets 20 over 4
		23:30:00 wakes`},
	} {
		t.Run(name, func(t *testing.T) {
			l := evening24(t)
			l.policy, l.webhook = true, c.webhook
			l.answer = func(send func() error) error {
				if err := send(); err != nil {
					return err
				}
				return context.DeadlineExceeded
			}
			l.play("19:20:00")
			l.restart()
			l.answer, l.story, l.now = nil, nil, l.now.Add(1e6)
			l.wake = l.now
			l.until("20:00:00", c.after)
			l.setsMin("argocd", 6)
			l.play("23:40:00")
			if got := *l.stored().Spec.MinReplicas; got != c.webhook(6) {
				t.Errorf("at the end minReplicas is %d, want what its owner wrote, as the webhook changes it: %d", got, c.webhook(6))
			}
		})
	}
}
