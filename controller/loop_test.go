package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// loop plays the reconciler on video/front against an API server that stores and conflicts as the real one does, on a clock
// that jumps from one wake to the next. It does what controller-runtime does between two reconciles: it wakes at the
// instant that was asked for, with the watch event of a change, and after a back-off that doubles where a reconcile failed.
type loop struct {
	*reconciler
	*testing.T
	api      client.WithWatch
	key      types.NamespacedName
	registry *prometheus.Registry
	now      time.Time
	wake     time.Time // zero to sleep until a watch event
	failed   int       // reconciles in a row
	story    []string
	answer   func(send func() error) error // of the API server to our patches, if it is peculiar
	webhook  func(int32) int32             // changes minReplicas in our patches
	policy   bool                          // floor-hand-back is in force
	takes    time.Duration                 // to answer a patch
	cached   *autoscalingv2.HorizontalPodAutoscaler
	idle     bool // no HPA controller runs
	leads    bool
	reverts  int // that were passed on
}

// watched is how soon the HPA controller has acted on a change, and we are woken by that.
const watched = 20 * time.Millisecond

// begin returns a loop with a new leader at an instant.
func begin(t *testing.T, schedule *schedules.Schedule, hpa *autoscalingv2.HorizontalPodAutoscaler, at string) *loop {
	t.Helper()
	now := evening.Clock(t, at)
	l := &loop{T: t, key: client.ObjectKeyFromObject(hpa), now: now, wake: now, leads: true}
	scheme := runtime.NewScheme()
	if err := autoscalingv2.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	l.api = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(hpa).WithReturnManagedFields().Build()
	l.create(hpa)
	l.restart()
	l.loads(schedule)
	return l
}

// create stores an HPA that its owner has written.
func (l *loop) create(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	l.Helper()
	hpa.ResourceVersion = ""
	if err := l.api.Create(l.Context(), hpa, client.FieldOwner("kubectl")); err != nil {
		l.Fatal(err)
	}
	hpa.Status.DesiredReplicas = *hpa.Spec.MinReplicas
	hpa.Status.CurrentReplicas = *hpa.Spec.MinReplicas
	if err := l.api.Status().Update(l.Context(), hpa); err != nil {
		l.Fatal(err)
	}
	l.wake = l.now
}

// restart replaces the process by another one that leads.
func (l *loop) restart() {
	feed, notes := NewFeed(), NewNotes()
	if l.reconciler != nil {
		feed.Publish(Outcome{Revision: l.feed.Current()})
		notes.Load(l.notes.String()) // from the Lease
	}
	intercepted := interceptor.NewClient(l.api, interceptor.Funcs{Get: l.get, Patch: l.patched})
	l.registry = prometheus.NewRegistry()
	l.reconciler = &reconciler{
		client: intercepted, recorder: l, feed: feed, now: func() time.Time { return l.now },
		live:     interceptor.NewClient(l.api, interceptor.Funcs{Get: l.getLive}),
		settling: &settling{}, notes: notes, alarms: newAlarms(nil), shares: newShares(1), gate: newGate(),
		handBacks: newHandBacks(func() bool { return true }), metrics: newMetrics(l.registry, "v1", func() bool { return true }),
		leading: func() bool { return l.leads }, deadline: 5 * time.Minute,
		changed: func() {}, reverted: func() { l.reverts++ },
	}
	l.wake = l.now
}

// loads puts another schedule in force.
func (l *loop) loads(schedule *schedules.Schedule) {
	l.feed.Publish(Outcome{Revision: &Revision{Schedule: schedule, LoadedAt: l.now}})
	<-l.feed.pokes
	l.wake = l.now
}

// tell adds a line to the story.
func (l *loop) tell(format string, args ...any) {
	l.story = append(l.story, l.now.Format("15:04:05.999")+" "+fmt.Sprintf(format, args...))
}

// Eventf is that of a recorder of Events.
func (l *loop) Eventf(_, _ runtime.Object, kind, reason, _, note string, args ...any) {
	if kind == "Warning" {
		reason = "Warning " + reason
	}
	l.tell("%s %s", reason, fmt.Sprintf(note, args...))
}

func (l *loop) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	if l.cached != nil {
		l.cached.DeepCopyInto(o.(*autoscalingv2.HorizontalPodAutoscaler))
		return nil
	}
	return c.Get(ctx, key, o, options...)
}

func (l *loop) getLive(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	l.tell("asks the API server")
	return c.Get(ctx, key, o, options...)
}

func (l *loop) patched(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
	data, err := patch.Data(o)
	if err != nil {
		return err
	}
	what := "hands back"
	if patch.Type() == types.MergePatchType {
		what = written(l.T, data)
		if l.webhook != nil {
			patch = client.RawPatch(types.MergePatchType, rewritten(l.T, data, l.webhook))
		}
	}
	before := l.stored()
	send := func() error {
		err := c.Patch(ctx, o, patch, options...)
		if l.policy && err == nil {
			l.disowns(o)
		}
		return err
	}
	l.now = l.now.Add(l.takes)
	if l.answer != nil {
		err = l.answer(send)
	} else {
		err = send()
	}
	if err != nil {
		what += ": " + shortly(err)
	}
	l.tell("%s", what)
	l.notice(before, err == nil)
	return err
}

// disowns does what the policy floor-hand-back does, in the same write.
func (l *loop) disowns(o client.Object) {
	entries := slices.DeleteFunc(o.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == autoscaler.FieldManager })
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"managedFields": entries}})
	if err != nil {
		l.Fatal(err)
	}
	if err := l.api.Patch(l.Context(), o, client.RawPatch(types.MergePatchType, data)); err != nil {
		l.Fatal(err)
	}
}

// rewritten is our patch as a webhook changes it.
func rewritten(t *testing.T, data []byte, webhook func(int32) int32) []byte {
	var patch map[string]any
	if err := json.Unmarshal(data, &patch); err != nil {
		t.Error(err)
	}
	spec := patch["spec"].(map[string]any)
	spec["minReplicas"] = webhook(int32(spec["minReplicas"].(float64)))
	data, err := json.Marshal(patch)
	if err != nil {
		t.Error(err)
	}
	return data
}

// written describes our patch.
func written(t *testing.T, data []byte) string {
	var patch struct {
		Metadata struct{ Annotations map[string]*string }
		Spec     struct{ MinReplicas int32 }
	}
	if err := json.Unmarshal(data, &patch); err != nil {
		t.Error(err)
	}
	if baseline := patch.Metadata.Annotations[autoscaler.AnnotationBaseline]; baseline != nil {
		return fmt.Sprintf("sets %d over %s", patch.Spec.MinReplicas, *baseline)
	}
	return fmt.Sprintf("sets %d", patch.Spec.MinReplicas)
}

// shortly returns the reason of an error, or what it means to us.
func shortly(err error) string {
	if reason := apierrors.ReasonForError(err); reason != metav1.StatusReasonUnknown {
		return string(reason)
	}
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}

func (l *loop) stored() *autoscalingv2.HorizontalPodAutoscaler {
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := l.api.Get(l.Context(), l.key, hpa); client.IgnoreNotFound(err) != nil {
		l.Fatal(err)
	}
	return hpa
}

// notice is what a change causes: the HPA controller acts on it, and the watch wakes us if it concerns us. Of our own change we
// have the answer, unless the floor is reached with it.
func (l *loop) notice(before *autoscalingv2.HorizontalPodAutoscaler, own bool) {
	after := l.stored()
	if after.Name == "" || before.ResourceVersion == after.ResourceVersion {
		return
	}
	if own && !autoscaler.AtFloor(after) {
		before = after.DeepCopy()
	}
	if after.Spec.MinReplicas != nil && after.Status.DesiredReplicas < *after.Spec.MinReplicas && !l.idle {
		after.Status.CurrentReplicas, after.Status.DesiredReplicas = *after.Spec.MinReplicas, *after.Spec.MinReplicas
		if err := l.api.Status().Update(l.Context(), after); err != nil {
			l.Fatal(err)
		}
	}
	if concerns(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		l.wakeBy(l.now.Add(watched))
	}
}

func (l *loop) wakeBy(instant time.Time) { l.wake = schedules.Earlier(l.wake, instant) }

// writes changes the HPA under the name of another field manager.
func (l *loop) writes(manager string, change func(*autoscalingv2.HorizontalPodAutoscaler)) {
	l.Helper()
	before := l.stored()
	after := before.DeepCopy()
	change(after)
	if err := l.api.Update(l.Context(), after, client.FieldOwner(manager)); err != nil {
		l.Fatal(err)
	}
	l.notice(before, false)
}

// setsMin writes minReplicas.
func (l *loop) setsMin(manager string, replicas int32) {
	l.Helper()
	l.writes(manager, func(hpa *autoscalingv2.HorizontalPodAutoscaler) { hpa.Spec.MinReplicas = &replicas })
}

// play reconciles whenever it is time, up to an instant.
func (l *loop) play(at string) {
	l.Helper()
	end := evening.Clock(l.T, at)
	for looks := 0; !l.wake.IsZero() && !l.wake.After(end); looks++ {
		if looks > 500 {
			l.Fatalf("it does not come to rest:\n%s", strings.Join(l.story, "\n"))
		}
		l.now = l.wake
		l.look()
	}
	l.now = end
}

// until plays up to an instant, and compares what happened with the story: when, what was written and how that was
// answered, which Events were sent, and last when the loop wakes next. A line of the story may end with three dots.
func (l *loop) until(at, want string) {
	l.Helper()
	l.play(at)
	next := "sleeps"
	if !l.wake.IsZero() {
		next = l.wake.Format("15:04:05.999 ") + "wakes"
	}
	l.story = append(l.story, next)
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	for i := range min(len(lines), len(l.story)) {
		if begun, cut := strings.CutSuffix(lines[i], " ..."); cut && strings.HasPrefix(l.story[i], begun) {
			lines[i] = l.story[i]
		}
	}
	if diff := cmp.Diff(lines, l.story); diff != "" {
		l.Errorf("until %s (-want +got):\n%s\nit is:\n%s", at, diff, strings.Join(l.story, "\n"))
	}
	l.story = nil
}

// look reconciles once.
func (l *loop) look() {
	ctx := log.IntoContext(l.Context(), funcr.New(func(_, args string) {
		if _, message, found := strings.Cut(args, `"msg"="`); found && !strings.Contains(message, "floor changed") {
			message, _, _ = strings.Cut(message, `"`)
			l.tell("logs %s", message)
		}
	}, funcr.Options{}))
	l.wake = time.Time{}
	l.alarms.take(l.now)
	l.handBacks.next(l.now, true)
	result, err := l.Reconcile(ctx, reconcile.Request{NamespacedName: l.key})
	if failed := result.Priority != nil && *result.Priority == priorityFailed; err != nil {
		if !failed {
			l.Error("what fails should wait behind what is due")
		}
		l.wakeBy(l.now.Add(min(minBackoff<<min(l.failed, 10), maxBackoff)))
		l.failed++
		return
	} else if result.RequeueAfter > 0 && !failed && *result.Priority != priorityChanged {
		l.Errorf("a wake with priority %d", *result.Priority)
	}
	l.failed = 0
	l.wakes(result)
}

func (l *loop) wakes(result ctrl.Result) {
	if result.RequeueAfter > 0 {
		l.wakeBy(l.now.Add(result.RequeueAfter))
	}
	l.wakeBy(l.handBacks.waiting[l.key])
	if i, set := l.alarms.heap.index[l.key]; set {
		l.wakeBy(l.alarms.heap.alarms[i].at)
	}
}

// four is an HPA of the baseline 4.
func four() *autoscalingv2.HorizontalPodAutoscaler {
	return evening.HPA(autoscaler.State{MinReplicas: 4, MaxReplicas: 100})
}

func TestAnEvening(t *testing.T) {
	l := begin(t, evening.Schedule(t, 0), four(), "18:00:00")
	l.until("24:45:00", `
		19:20:00 sets 24 over 4
		19:20:00 FloorRaised minReplicas 4 -> 24 until 23:30 CET (window prime-time); baseline 4
		19:20:00.02 FloorReached the HPA asks for 24 replicas, 20ms after the raise to 24 ...
		19:20:01 hands back
		20:00:00 sets 72 over 4
		20:00:00 FloorRaised minReplicas 24 -> 72 until Sat 00:30 CET (event cup-final); baseline 4
		20:00:00.02 FloorReached the HPA asks for 72 replicas, 20ms after the raise to 72 ...
		20:00:01 hands back
		00:30:00 sets 4
		00:30:00 FloorReleased minReplicas 72 -> 4, the baseline: event cup-final is over
		00:30:01 hands back
		19:20:00 wakes`)
	if hpa := l.stored(); autoscaler.Leftovers(hpa) || *hpa.Spec.MinReplicas != 4 {
		t.Errorf("something of ours is left: %v, %v", hpa.Annotations, hpa.ManagedFields)
	}
}
