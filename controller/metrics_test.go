package controller

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// cached is a cache that holds these HPAs.
type cached []autoscalingv2.HorizontalPodAutoscaler

func (c cached) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return errors.New("the collector only lists")
}

func (c cached) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	list.(*autoscalingv2.HorizontalPodAutoscalerList).Items = c
	return nil
}

func TestCollector(t *testing.T) {
	now := evening.Clock(t, "20:00:00")
	feed := NewFeed()
	schedule := evening.Schedule(t, 0)
	feed.Publish(Outcome{Revision: &Revision{Schedule: schedule, SHA256: "ab12", LoadedAt: time.Unix(1_700_000_000, 0)}})
	feed.Publish(Outcome{Err: errors.New("a broken edit")})

	front := evening.HPA(evening.At(schedule, autoscaler.State{MinReplicas: 4, MaxReplicas: 50}, now).Desired)
	elsewhere := evening.HPA(autoscaler.State{MinReplicas: 2, MaxReplicas: 10})
	elsewhere.Namespace = "shop"
	late := evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 72})
	late.Name = "late"
	ignored := evening.HPA(autoscaler.State{MinReplicas: 3, MaxReplicas: 10})
	ignored.Name, ignored.Annotations[autoscaler.AnnotationIgnore] = "ignored", "true"
	c := newCollector(cached{*front, *elsewhere, *late, *ignored}, feed, NewNotes(), autoscaler.Scope{}, func() time.Time { return now })

	want := `
# HELP floorkeeper_baseline_replicas The minReplicas that the owner wants when no entry is open.
# TYPE floorkeeper_baseline_replicas gauge
floorkeeper_baseline_replicas{horizontalpodautoscaler="front",namespace="video"} 4
floorkeeper_baseline_replicas{horizontalpodautoscaler="ignored",namespace="video"} 3
floorkeeper_baseline_replicas{horizontalpodautoscaler="late",namespace="video"} 4
# HELP floorkeeper_entry_next_end_timestamp_seconds The next end of an entry as written, without ramps; absent if it is over or suspended.
# TYPE floorkeeper_entry_next_end_timestamp_seconds gauge
floorkeeper_entry_next_end_timestamp_seconds{entry="cup-final"} 1.7976366e+09
floorkeeper_entry_next_end_timestamp_seconds{entry="prime-time"} 1.797633e+09
# HELP floorkeeper_entry_next_start_timestamp_seconds The next start of an entry as written, without leadTime and ramps; absent if it does not start again.
# TYPE floorkeeper_entry_next_start_timestamp_seconds gauge
floorkeeper_entry_next_start_timestamp_seconds{entry="prime-time"} 1.797705e+09
# HELP floorkeeper_entry_targets The HPAs that an entry covers, whether or not it is open.
# TYPE floorkeeper_entry_targets gauge
floorkeeper_entry_targets{entry="cup-final"} 2
floorkeeper_entry_targets{entry="prime-time"} 2
# HELP floorkeeper_event_multiplier The multiplier of an event, while it is open.
# TYPE floorkeeper_event_multiplier gauge
floorkeeper_event_multiplier{event="cup-final"} 3
# HELP floorkeeper_floor_clamped_replicas The replicas that maxReplicas or a limit takes off the floor of a HorizontalPodAutoscaler; absent if none.
# TYPE floorkeeper_floor_clamped_replicas gauge
floorkeeper_floor_clamped_replicas{horizontalpodautoscaler="front",namespace="video"} 22
# HELP floorkeeper_floor_replicas The minReplicas that the schedule asks for now, after the clamp to maxReplicas and to the limits; 0 if no entry is open.
# TYPE floorkeeper_floor_replicas gauge
floorkeeper_floor_replicas{horizontalpodautoscaler="front",namespace="video"} 50
floorkeeper_floor_replicas{horizontalpodautoscaler="ignored",namespace="video"} 0
floorkeeper_floor_replicas{horizontalpodautoscaler="late",namespace="video"} 72
# HELP floorkeeper_floors_missing The HPAs whose minReplicas is below the floor: for a moment at a boundary, for long if nobody leads or patches fail.
# TYPE floorkeeper_floors_missing gauge
floorkeeper_floors_missing 1
# HELP floorkeeper_floors_unreached The HPAs at a floor that the HPA controller does not ask for yet, by their status: briefly after each raise, for long if a target is at zero or the HPA controller does not run.
# TYPE floorkeeper_floors_unreached gauge
floorkeeper_floors_unreached 1
# HELP floorkeeper_next_transition_timestamp_seconds When the next entry, lead or ramp step begins or ends for any HPA; absent if none is to come.
# TYPE floorkeeper_next_transition_timestamp_seconds gauge
floorkeeper_next_transition_timestamp_seconds 1.797633e+09
# HELP floorkeeper_schedule_info Always 1; the label identifies the content of the current schedule.
# TYPE floorkeeper_schedule_info gauge
floorkeeper_schedule_info{sha256="ab12"} 1
# HELP floorkeeper_schedule_last_reload_success_timestamp_seconds When a valid schedule was last loaded.
# TYPE floorkeeper_schedule_last_reload_success_timestamp_seconds gauge
floorkeeper_schedule_last_reload_success_timestamp_seconds 1.7e+09
# HELP floorkeeper_schedule_last_reload_successful Whether the latest content of the schedule was valid (1) or refused (0).
# TYPE floorkeeper_schedule_last_reload_successful gauge
floorkeeper_schedule_last_reload_successful 0
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if edge := evening.Clock(t, "23:30:00"); edge.Unix() != 1_797_633_000 {
		t.Errorf("the next transition should be %d", edge.Unix())
	}
}

func TestCollectorBeforeTheFirstSchedule(t *testing.T) {
	feed := NewFeed()
	c := newCollector(cached{}, feed, NewNotes(), autoscaler.Scope{}, time.Now)
	if count := testutil.CollectAndCount(c); count != 0 {
		t.Errorf("%d series before anything was read, want none", count)
	}
	feed.Publish(Outcome{Err: errors.New("broken from the start")})
	if count := testutil.CollectAndCount(c); count != 1 {
		t.Errorf("%d series after a refusal, want the refusal alone", count)
	}
}

func TestMetricsAreWellNamed(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	m := newMetrics(registry, "v1.2.3", func() bool { return true })
	m.patched("raise", nil)
	m.patched("release", apierrors.NewConflict(schema.GroupResource{}, "front", nil))
	m.patched("lower", errors.New("the API server is away"))
	m.delay.Observe(.007)
	feed := NewFeed()
	feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0), SHA256: "ab12", LoadedAt: evening.Clock(t, "12:00:00")}})
	front := evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 50})
	registry.MustRegister(newCollector(cached{*front}, feed, NewNotes(), autoscaler.Scope{}, func() time.Time { return evening.Clock(t, "20:00:00") }))

	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	for result, want := range map[[2]string]float64{
		{"raise", "success"}: 1, {"release", "conflict"}: 1, {"lower", "error"}: 1,
	} {
		if got := testutil.ToFloat64(m.patches.WithLabelValues(result[0], result[1])); got != want {
			t.Errorf("patches %v: %v, want %v", result, got, want)
		}
	}
}

func TestRevertsHaveAtMostTwentyManagersANamespace(t *testing.T) {
	m := newMetrics(prometheus.NewRegistry(), "v1", func() bool { return true })
	for i := range 30 {
		m.reverted("video", strings.Repeat("x", i+1))
	}
	m.reverted("video", "x")
	m.reverted("shop", "\xff")
	for _, want := range []struct {
		namespace, manager string
		count              float64
	}{{"video", "x", 2}, {"video", "other", 10}, {"shop", "?", 1}} {
		if got := testutil.ToFloat64(m.reverts.WithLabelValues(want.namespace, want.manager)); got != want.count {
			t.Errorf("%s in %s: %v reverts, want %v", want.manager, want.namespace, got, want.count)
		}
	}
	if got := testutil.CollectAndCount(m.reverts); got != 22 {
		t.Errorf("%d series, want 20 managers, other and ?", got)
	}
	if m.forget("video"); testutil.CollectAndCount(m.reverts) != 1 {
		t.Error("the series of a namespace without HPAs are there")
	}
}
