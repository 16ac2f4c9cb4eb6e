package faults

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// lateness is how long after a decision its write may be stored: a fault may keep it on its way.
const lateness = 15 * time.Second

// close ends the scene for the judgement of its history.
func (s *scene) close(t *testing.T) {
	t.Helper()
	s.end = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scenes = append(s.scenes, s)
}

// judge has the history of every scene checked, from the API server's audit log.
func (c *cluster) judge(t *testing.T) {
	var log history.Log
	await.Success(t, "the audit log to hold the last writes", func(ctx context.Context) (err error) {
		if log, err = history.Read(c.audit); err != nil {
			return err
		}
		return c.complete(ctx, log)
	})
	for _, s := range c.scenes {
		model := history.Model{
			Schedules:  s.inForce,
			Clock:      s.clock,
			Skew:       s.skew,
			Scope:      autoscaler.Scope{ExcludeNamespaces: []string{"kube-system"}, Installation: s.namespace + "/floorkeeper"},
			Namespaces: []string{s.namespace},
			Users:      []string{"system:serviceaccount:" + replica.Home + ":" + replica.Home},
			Slack:      lateness,
			Gaps:       s.gaps,
			End:        s.end,
		}
		if violations := model.Check(log); len(violations) > 0 {
			var text strings.Builder
			for _, v := range violations {
				fmt.Fprintf(&text, "\n  %s", v)
			}
			t.Errorf("the history of %s:%s", s.namespace, &text)
		}
	}
	t.Logf("RESULT judged the histories of %d scenes, with %d writes", len(c.scenes), len(log.Writes))
}

// complete checks that the log shows every HPA as it is.
func (c *cluster) complete(ctx context.Context, log history.Log) error {
	for _, s := range c.scenes {
		for name := range s.owner {
			hpa, err := s.hpa(ctx, name)
			if err != nil {
				return err
			}
			if !log.Has(s.namespace, name, hpa.ResourceVersion) {
				return fmt.Errorf("version %s of HPA %s/%s is not in it", hpa.ResourceVersion, s.namespace, name)
			}
		}
	}
	return nil
}
