package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

func TestTheLeaseIsLabelledWithTheSchedule(t *testing.T) {
	t.Parallel()
	feed := controller.NewFeed()
	l := &lock{LeaseLock: &resourcelock.LeaseLock{}, feed: feed}
	labels := func() map[string]string {
		l.label()
		return l.Labels
	}
	if got := labels(); got != nil {
		t.Errorf("without a schedule: %v", got)
	}
	sum := strings.Repeat("0123456789abcdef", 4)
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedules.New(nil, nil), SHA256: sum}})
	if diff := cmp.Diff(map[string]string{cli.LabelSchedule: sum[:40], cli.LabelRefused: "false"}, labels()); diff != "" {
		t.Error(diff)
	}
	feed.Publish(controller.Outcome{Err: errors.New("broken")})
	if diff := cmp.Diff(map[string]string{cli.LabelSchedule: sum[:40], cli.LabelRefused: "true"}, labels()); diff != "" {
		t.Error(diff)
	}
}
