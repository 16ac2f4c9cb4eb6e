package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// lateness is how long after a decision its write may be stored, on a machine that plays everything at once.
const lateness = 15 * time.Second

// ended is a scene that has come to its end.
type ended struct {
	*scene
	at time.Time
}

// close ends the scene for the judgement of its history.
func (s *scene) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scenes = append(s.scenes, ended{s, time.Now()})
}

// judge has the history of every scene checked, from the API server's audit log.
func (c *cluster) judge(t *testing.T) {
	var log history.Log
	await.Success(t, "the audit log to hold the last writes", func(ctx context.Context) (err error) {
		if log, err = history.Read(c.audit.file); err != nil {
			return err
		}
		list, err := c.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, hpa := range list.Items {
			if !log.Has(hpa.Namespace, hpa.Name, hpa.ResourceVersion) {
				return fmt.Errorf("version %s of HPA %s/%s is not in it", hpa.ResourceVersion, hpa.Namespace, hpa.Name)
			}
		}
		return nil
	})
	judged := 0
	for _, s := range c.scenes {
		if s.unjudged != "" {
			t.Logf("%s is not judged: %s", s.namespace, s.unjudged)
			continue
		}
		judged++
		model := history.Model{
			Schedules:  history.Valid(s.mount.contents()),
			Namespaces: []string{s.namespace},
			Users:      []string{account},
			Slack:      lateness,
			Gaps:       s.gaps,
			End:        s.at,
			NoZero:     c.noZero,
		}
		model.Scope.ExcludeNamespaces, model.Scope.Limit.MaxFloor = []string{metav1.NamespaceSystem}, s.maxFloor
		var text strings.Builder
		for _, v := range model.Check(log) {
			fmt.Fprintf(&text, "\n  %s", v)
		}
		if text.Len() > 0 {
			t.Errorf("the history of %s:%s", s.namespace, &text)
		}
	}
	t.Logf("RESULT judged the histories of %d scenes, with %d writes", judged, len(log.Writes))
}
