package controller

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// heralded is an announcer, and the Events that it sent. It is its own cache and API server.
type heralded struct {
	*announcer
	at    time.Time
	leads bool
	hpas  []autoscalingv2.HorizontalPodAutoscaler
	err   error // of reads
	looks atomic.Int32
	sent  []string
}

func herald(t *testing.T, o Options) *heralded {
	t.Helper()
	h := &heralded{at: evening.Clock(t, "12:00:00"), leads: true}
	o.Feed, o.Registerer, o.LookAhead = NewFeed(), prometheus.NewRegistry(), DefaultLookAhead
	o.Now, o.Leading = func() time.Time { return h.at }, func() bool { return h.leads }
	h.announcer = newAnnouncer(o)
	h.cache, h.api, h.recorder = h, h, h
	return h
}

func (h *heralded) Get(_ context.Context, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	if h.err == nil {
		o.SetUID("of-the-api-server")
	}
	return h.err
}

func (h *heralded) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	h.looks.Add(1)
	list.(*autoscalingv2.HorizontalPodAutoscalerList).Items = h.hpas
	return h.err
}

func (h *heralded) Eventf(on, _ runtime.Object, _, reason, _, note string, args ...any) {
	o := on.(client.Object)
	h.sent = append(h.sent, fmt.Sprintf("%s%s on %T %s/%s: ", o.GetUID(), reason, o, o.GetNamespace(), o.GetName())+fmt.Sprintf(note, args...))
}

func (h *heralded) tells(t *testing.T, when string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, h.sent); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
	h.sent = nil
}

func (h *heralded) counts(t *testing.T, want map[string]float64) {
	t.Helper()
	for kind, number := range want {
		if got := testutil.ToFloat64(h.upcoming.WithLabelValues(kind)); got != number {
			t.Errorf("%v problems of kind %s, want %v", got, kind, number)
		}
	}
}

func TestTheScheduleIsAnnouncedOnceByTheLeader(t *testing.T) {
	named := types.NamespacedName{Namespace: "floorkeeper", Name: "schedule"}
	h := herald(t, Options{ScheduleConfigMap: named, Lease: types.NamespacedName{Namespace: "floorkeeper", Name: "floorkeeper"}})
	h.announce(t.Context())
	h.tells(t, "without news")
	h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0), SHA256: "0123456789abcdef"}, Detail: "1 window, 1 event"})
	h.news, h.leads = true, false
	h.announce(t.Context())
	h.tells(t, "by a standby")
	h.leads = true
	h.announce(t.Context())
	h.tells(t, "by the leader", "of-the-api-serverScheduleLoaded on *v1.ConfigMap floorkeeper/schedule: schedule 0123456789ab loaded: 1 window, 1 event")
	h.announce(t.Context())
	h.tells(t, "once more")
	h.feed.Publish(Outcome{Err: errors.New("schedule.yaml:3:5: unknown field")})
	h.news = true
	h.announce(t.Context())
	h.tells(t, "what is refused", "of-the-api-serverScheduleRefused on *v1.ConfigMap floorkeeper/schedule: the schedule was refused and the last good one stays in force: schedule.yaml:3:5: unknown field")
	if h.feed.Current() == nil || !h.feed.Refused() || h.feed.Refusal() == nil {
		t.Error("the last good schedule is not in force, or the refusal not known")
	}

	h = herald(t, Options{Lease: types.NamespacedName{Namespace: "floorkeeper", Name: "lease"}})
	h.err = errors.New("no right")
	h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0), SHA256: "01"}})
	h.news = true
	h.announce(t.Context())
	h.tells(t, "on the Lease, which cannot be read", "ScheduleLoaded on *v1.Lease floorkeeper/lease: schedule 01 loaded: ")

	h = herald(t, Options{})
	h.feed.Publish(Outcome{Err: errors.New("broken")})
	h.news = true
	h.announce(t.Context())
	h.tells(t, "without an object")
}

func TestProblemsAreReportedWhenTheyComeUp(t *testing.T) {
	h := herald(t, Options{ScheduleConfigMap: types.NamespacedName{Namespace: "floorkeeper", Name: "schedule"}})
	h.lookAhead(t.Context())
	if h.looks.Load() != 0 {
		t.Error("it looks ahead without a schedule")
	}
	h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.OnlyWindows(evening.Schedule(t, 0))}})
	small := evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 20})
	h.hpas, h.leads = []autoscalingv2.HorizontalPodAutoscaler{*small}, false
	h.lookAhead(t.Context())
	h.tells(t, "by a standby")
	h.leads = true
	const clamped = "1FloorAtRisk on *v2.HorizontalPodAutoscaler video/front: window prime-time, from 19:20 CET: the floor 24 is above maxReplicas 20 and will be clamped to it; raise maxReplicas before then"
	h.lookAhead(t.Context())
	h.tells(t, "by the leader", clamped)
	h.counts(t, map[string]float64{"clamped-floor": 1, "matches-nothing": 0, "owned-by-keda": 0})
	h.lookAhead(t.Context())
	h.tells(t, "once more")
	h.err = errors.New("the cache is not filled")
	h.lookAhead(t.Context())
	h.tells(t, "without HPAs")
	h.err, h.hpas = nil, nil
	h.lookAhead(t.Context())
	h.tells(t, "of an entry without HPAs", "of-the-api-serverFloorAtRisk on *v1.ConfigMap floorkeeper/schedule: window prime-time, from 19:20 CET: it covers no HorizontalPodAutoscaler; check its targets")
	h.counts(t, map[string]float64{"clamped-floor": 0, "matches-nothing": 1})
	h.hpas = []autoscalingv2.HorizontalPodAutoscaler{*small}
	h.lookAhead(t.Context())
	h.tells(t, "of what comes back", clamped)
	again := small.DeepCopy()
	again.UID = "2"
	h.hpas = []autoscalingv2.HorizontalPodAutoscaler{*again}
	h.lookAhead(t.Context())
	if len(h.sent) != 1 {
		t.Errorf("of an HPA that was created again: %q", h.sent)
	}
	h.sent, h.reported, h.at = nil, nil, evening.Clock(t, "19:30:00")
	h.lookAhead(t.Context())
	h.tells(t, "of an entry that is open, whose clamp was reported when it opened")
	h.counts(t, map[string]float64{"clamped-floor": 1})
}

// TestALookAheadFollowsTheLastOfManyChanges counts the looks on a clock that jumps.
func TestALookAheadFollowsTheLastOfManyChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := herald(t, Options{})
		h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0)}})
		<-h.feed.news
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.Start(ctx) }()
		looks := func(want int32, when string) {
			t.Helper()
			synctest.Wait()
			if got := h.looks.Load(); got != want {
				t.Errorf("%s it has looked %d times, want %d", when, got, want)
			}
		}
		time.Sleep(2 * time.Second)
		looks(1, "in the beginning")
		for range 10 {
			h.hpaChanged()
			h.hpaChanged() // it never blocks
			time.Sleep(500 * time.Millisecond)
		}
		looks(1, "while changes go on")
		time.Sleep(600 * time.Millisecond)
		looks(2, "a second after the last")
		for range 240 {
			h.hpaChanged()
			time.Sleep(500 * time.Millisecond)
		}
		looks(4, "in two minutes of changes")
		time.Sleep(2 * time.Second)
		looks(4, "after the one at two minutes")
		time.Sleep(65 * time.Minute)
		looks(5, "an hour later")
		h.subject = &corev1.ConfigMap{}
		h.feed.Publish(Outcome{Err: errors.New("broken")})
		synctest.Wait()
		if len(h.sent) != 1 {
			t.Errorf("news is announced %d times", len(h.sent))
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAFeedKeepsTheLastGoodSchedule(t *testing.T) {
	feed := NewFeed()
	if feed.Current() != nil || feed.Refused() || feed.Refusal() != nil {
		t.Error("something is known before anything was read")
	}
	feed.Publish(Outcome{Err: errors.New("broken")})
	select {
	case <-feed.Loaded():
		t.Error("a refusal counts as loaded")
	case <-feed.pokes:
		t.Error("a refusal causes a reconcile of every HPA")
	case <-feed.news:
	}
	good := &Revision{Schedule: schedules.New(nil, nil)}
	feed.Publish(Outcome{Revision: good})
	feed.Publish(Outcome{Revision: good}) // it never blocks
	<-feed.Loaded()
	<-feed.pokes
	<-feed.news
	if feed.Refused() || feed.Current() != good {
		t.Error("the good schedule is not in force")
	}
	feed.Publish(Outcome{Err: errors.New("broken")})
	if !feed.Refused() || feed.Refusal() == nil || feed.Current() != good {
		t.Error("the last good schedule is not in force, or the refusal not known")
	}
}

func TestAStepOfTheClockIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offset, steps atomic.Int64
		c := newClockWatch(func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }, func() { steps.Add(1) })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Start(ctx) }()
		for i, step := range []time.Duration{0, time.Hour, 0, -2 * time.Hour, 250 * time.Millisecond, 10 * time.Millisecond, 0} {
			offset.Add(int64(step))
			before := steps.Load()
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			// a quarter of a second is tolerated, but not more of it in all
			if want, got := map[int]int64{1: 1, 3: 1, 5: 1}[i], steps.Load()-before; got != want {
				t.Errorf("after the step by %s it is noticed %d times, want %d", step, got, want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWhatConcernsADecision(t *testing.T) {
	held := func() *autoscalingv2.HorizontalPodAutoscaler {
		hpa := evening.HPA(autoscaler.State{Condition: autoscaler.Held, Mark: evening.Mark(4, 24), MinReplicas: 24, MaxReplicas: 100})
		hpa.Status.DesiredReplicas, hpa.Generation, hpa.Status.ObservedGeneration = 30, 2, new(int64(2))
		return hpa
	}
	for name, test := range map[string]struct {
		change func(*autoscalingv2.HorizontalPodAutoscaler)
		want   bool
	}{
		"nothing":              {func(*autoscalingv2.HorizontalPodAutoscaler) {}, false},
		"its metrics":          {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Status.CurrentReplicas = 7 }, false},
		"more than the floor":  {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Status.DesiredReplicas = 40 }, false},
		"less than the floor":  {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Status.DesiredReplicas = 20 }, true},
		"not yet seen":         {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Generation = 3 }, true},
		"another's annotation": {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Annotations["team"] = "video" }, false},
		"its owner's ignore": {func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
			hpa.Annotations[autoscaler.AnnotationIgnore] = "true"
		}, true},
		"a label": {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Labels = map[string]string{"a": "b"} }, true},
		"an owner": {func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
			hpa.OwnerReferences = []metav1.OwnerReference{{Name: "x"}}
		}, true},
		"minReplicas":                {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Spec.MinReplicas = new(int32(25)) }, true},
		"another object of its name": {func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.UID = "2" }, true},
	} {
		after := held()
		test.change(after)
		if got := concerns(event.UpdateEvent{ObjectOld: held(), ObjectNew: after}); got != test.want {
			t.Errorf("%s: concerns us %t, want %t", name, got, test.want)
		}
	}
	below, above := held(), held()
	below.Status = autoscalingv2.HorizontalPodAutoscalerStatus{DesiredReplicas: 20}
	above.Status.ObservedGeneration = nil
	if !concerns(event.UpdateEvent{ObjectOld: below, ObjectNew: above}) {
		t.Error("a floor that the HPA controller asks for concerns us before it has seen all")
	}
	if !concerns(event.UpdateEvent{ObjectOld: &corev1.Pod{}, ObjectNew: held()}) || !concerns(event.UpdateEvent{ObjectOld: held(), ObjectNew: &corev1.Pod{}}) {
		t.Error("what is no HPA should pass")
	}
}

func TestEveryHPAIsReconciled(t *testing.T) {
	h := &heralded{hpas: []autoscalingv2.HorizontalPodAutoscaler{*four(), *four()}}
	h.hpas[1].Name = "back"
	changed := 0
	r := &reconciler{client: listing{from: h}, changed: func() { changed++ }, leading: func() bool { return true }, feed: NewFeed(), notes: NewNotes(), now: time.Now}
	r.feed.Publish(Outcome{Revision: &Revision{Schedule: schedules.New(nil, nil)}})
	b := &backlog{reconciler: r}
	var got []string
	for _, due := range b.everyHPA(t.Context()) {
		got = append(got, due.key.String())
	}
	if diff := cmp.Diff([]string{"video/front", "video/back"}, got); diff != "" {
		t.Errorf("reconciled (-want +got):\n%s", diff)
	}
	h.err = errors.New("no")
	if got := b.everyHPA(t.Context()); got != nil {
		t.Errorf("without a cache: %v", got)
	}
	noting := r.noting()
	if !noting.Create(event.CreateEvent{Object: four()}) || !noting.Delete(event.DeleteEvent{Object: four()}) || changed != 2 {
		t.Errorf("%d changes of 2 are noted", changed)
	}
}

// listing is a client that can only list.
type listing struct {
	client.Client
	from *heralded
}

func (l listing) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	return l.from.List(ctx, list, options...)
}

// The metric of a replica whose Lease is lost meanwhile would keep what it has found for as long as the process lives.
func TestALookAheadThatOutlivesTheLeaseCountsNothing(t *testing.T) {
	for name, lost := range map[string]int{"while it looks": 2, "while it writes Events": 3} { // at which question for the leader
		h := herald(t, Options{})
		h.feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0)}})
		asked := 0
		h.leading = func() bool { asked++; return asked < lost }
		h.lookAhead(t.Context())
		h.tells(t, "by a replica that leads no more")
		if got := testutil.CollectAndCount(h.upcoming); got != 0 || asked != lost {
			t.Errorf("%s: %d kinds of problems are counted, after %d questions", name, got, asked)
		}
	}
}
