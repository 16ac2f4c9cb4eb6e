package controller

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

func TestOnlyOpenMultipliersAreShown(t *testing.T) {
	final := evening.Schedule(t, 0).Events()[0]
	suspended, plain := final, final
	suspended.Name, suspended.Suspend = "rehearsal", true
	plain.Name, plain.Multiplier, plain.Targets = "gala", 0, []schedules.Target{{Namespace: "video", Amount: schedules.Amount{Replicas: 9}}}
	feed := NewFeed()
	feed.Publish(Outcome{Revision: &Revision{Schedule: schedules.New(evening.Schedule(t, 0).Windows(), []schedules.Event{final, suspended, plain})}})
	for at, want := range map[string]int{"12:00:00": 0, "21:00:00": 1} {
		c := newCollector(cached{}, feed, NewNotes(), autoscaler.Scope{}, func() time.Time { return evening.Clock(t, at) })
		if got := testutil.CollectAndCount(c, "floorkeeper_event_multiplier"); got != want {
			t.Errorf("at %s %d multipliers are shown, want %d", at, got, want)
		}
	}
}

func TestWithoutACacheNothingIsCounted(t *testing.T) {
	feed := NewFeed()
	feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0), LoadedAt: evening.Clock(t, "11:00:00")}})
	h := &heralded{err: errors.New("the cache is not filled"), hpas: []autoscalingv2.HorizontalPodAutoscaler{*four()}}
	c := newCollector(h, feed, NewNotes(), autoscaler.Scope{}, func() time.Time { return evening.Clock(t, "12:00:00") })
	if got := testutil.CollectAndCount(c); got != 7 {
		t.Errorf("%d series, want those of the schedule", got)
	}
	described := make(chan *prometheus.Desc, 30)
	c.Describe(described)
	if len(described) != 13 {
		t.Errorf("%d metrics are described", len(described))
	}
}

// Where two installations watch the same namespaces, the one that does not hold an HPA would report a floor of 0 for it.
func TestWhatAnotherInstallationHoldsIsNotShown(t *testing.T) {
	feed := NewFeed()
	feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0)}})
	hpa := evening.HPA(autoscaler.State{
		Condition: autoscaler.Held, MinReplicas: 24, MaxReplicas: 100, Mark: autoscaler.Mark{Baseline: 4, Floor: 24, ManagedBy: "another/floorkeeper"},
	})
	for installation, want := range map[string]int{"another/floorkeeper": 1, "floorkeeper/floorkeeper": 0} {
		c := newCollector(cached{*hpa}, feed, NewNotes(), autoscaler.Scope{Installation: installation}, func() time.Time { return evening.Clock(t, "20:00:00") })
		for _, name := range []string{"floorkeeper_floor_replicas", "floorkeeper_baseline_replicas"} {
			if got := testutil.CollectAndCount(c, name); got != want {
				t.Errorf("%s has %d series of %s, want %d", installation, got, name, want)
			}
		}
	}
}

// A floor of 300% is not 300% of a floor of ours that stayed without its annotations, or that Flagger copied.
func TestTheCollectorKnowsWhatIsNoBaseline(t *testing.T) {
	feed := NewFeed()
	feed.Publish(Outcome{Revision: &Revision{Schedule: schedules.New(nil, []schedules.Event{{
		Entry: schedules.Entry{Name: "cup-final", Location: evening.Paris(t), Targets: []schedules.Target{{
			Namespace: "video", Amount: schedules.Amount{Ratio: 3000},
		}}},
		Start: evening.KickOff(), End: evening.Whistle(),
	}})}})
	front := evening.HPA(autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 12), MinReplicas: 12, MaxReplicas: 100})
	primary, stripped := evening.HPA(autoscaler.State{MinReplicas: 12, MaxReplicas: 100}), evening.HPA(autoscaler.State{MinReplicas: 12, MaxReplicas: 100})
	primary.Name, primary.CreationTimestamp = "front-primary", metav1.NewTime(evening.KickOff().Add(5*time.Minute))
	stripped.Name = "stripped"
	notes := NewNotes()
	notes.keep(client.ObjectKeyFromObject(stripped), stripped.UID, evening.Mark(4, 12), true)
	at := evening.KickOff().Add(time.Hour)
	c := newCollector(cached{*front, *primary, *stripped}, feed, notes, autoscaler.Scope{}, func() time.Time { return at })
	want := `
# HELP floorkeeper_baseline_replicas The minReplicas that the owner wants when no entry is open.
# TYPE floorkeeper_baseline_replicas gauge
floorkeeper_baseline_replicas{horizontalpodautoscaler="front",namespace="video"} 4
floorkeeper_baseline_replicas{horizontalpodautoscaler="front-primary",namespace="video"} 12
# HELP floorkeeper_floor_replicas The minReplicas that the schedule asks for now, after the clamp to maxReplicas and to the limits; 0 if no entry is open.
# TYPE floorkeeper_floor_replicas gauge
floorkeeper_floor_replicas{horizontalpodautoscaler="front",namespace="video"} 12
floorkeeper_floor_replicas{horizontalpodautoscaler="front-primary",namespace="video"} 12
floorkeeper_floor_replicas{horizontalpodautoscaler="stripped",namespace="video"} 12
# HELP floorkeeper_floors_missing The HPAs whose minReplicas is below the floor: for a moment at a boundary, for long if nobody leads or patches fail.
# TYPE floorkeeper_floors_missing gauge
floorkeeper_floors_missing 0
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "floorkeeper_baseline_replicas", "floorkeeper_floor_replicas", "floorkeeper_floors_missing"); err != nil {
		t.Error(err)
	}
	at = evening.Whistle()
	want = strings.ReplaceAll(want, "} 12", "} 0")
	want = want[strings.Index(want, "# HELP floorkeeper_floor_replicas"):]
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "floorkeeper_floor_replicas", "floorkeeper_floors_missing"); err != nil {
		t.Errorf("after the event: %v", err)
	}
}
