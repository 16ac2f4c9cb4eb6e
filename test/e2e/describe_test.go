package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// describeTellsTheStory: kubectl describe hpa shows, word for word, what happened and why.
func describeTellsTheStory(t *testing.T, s *scene) {
	s.deploy(t, app{name: "web", min: 4, max: 20})
	name := s.named("final")
	kolkata := time.FixedZone("IST", 5*60*60+30*60)
	final := openNow()
	final.start, final.end = final.start.In(kolkata), final.end.In(kolkata)
	fields := []string{s.targets("web: 24"), "timeZone: Asia/Kolkata", "description: France - Brazil"}
	s.publish(t, event(name, final, fields...))
	s.awaitHeld(t, "web", 20, 4, name)
	s.setMin(t, "web", 6)
	s.awaitHeld(t, "web", 20, 6, name)
	s.publish(t, event(name, final.within(5*time.Second), fields...)) // read before the end, so that it is an end
	s.awaitFree(t, "web", 6)

	// The weekday is given where the end is on another day.
	until := regexp.QuoteMeta(final.end.Format("15:04 MST"))
	lines := []string{
		`Normal\s+FloorRaised\s+.*\sfloorkeeper\s+minReplicas 4 -> 20 until (... )?` + until + ` \(event ` + name + `\); baseline 4`,
		`Warning\s+FloorClamped\s+.*\sfloorkeeper\s+floor 24 \(event ` + name + `\) is above maxReplicas and is clamped to 20; raise maxReplicas to get it`,
		`Normal\s+BaselineChanged\s+.*\sfloorkeeper\s+baseline changed from 4 to 6 by kubectl-patch; it applies when the event ends`,
		`Warning\s+FloorReverted\s+.*\sfloorkeeper\s+minReplicas 6 was written by kubectl-patch; put back to 20 until (... )?` + until + ` \(event ` + name + `\); baseline 6`,
		`Normal\s+FloorReleased\s+.*\sfloorkeeper\s+minReplicas 20 -> 6, the baseline: event ` + name + ` is over`,
	}
	s.await(t, "kubectl describe hpa to tell the story", func(context.Context) error {
		return wantLines(s.kubectl(t, "describe", "hpa", "web", "--namespace="+s.namespace), lines)
	})
	for line := range strings.SplitSeq(s.kubectl(t, "describe", "hpa", "web", "--namespace="+s.namespace), "\n") {
		if strings.Contains(line, "floorkeeper ") {
			t.Log(line)
		}
	}
}

// wantLines looks for one line for each expression.
func wantLines(text string, expressions []string) error {
	for _, expression := range expressions {
		if !regexp.MustCompile(`(?m)^\s*` + expression + `\s*$`).MatchString(text) {
			return fmt.Errorf("no line is\n%s\nin\n%s", expression, text)
		}
	}
	return nil
}
