package status

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const collectTimeout = 30 * time.Second // for all that is asked at once

type collector struct {
	*options
	client client.Client
	now    func() time.Time
	ahead  time.Duration // of this machine's clock before the leader's; 0 where they agree well enough
	dead   string        // the resource version of a Lease that was not renewed for as long as it lasts
}

// answers are those of the API server that a report does not hold as they are.
type answers struct {
	hpas      []autoscalingv2.HorizontalPodAutoscaler
	origins   []autoscalingv2.HorizontalPodAutoscaler // what those that were named may be copies of
	missing   []types.NamespacedName                  // of those that were named
	err       error                                   // without HPAs there is nothing to show
	lease     coordinationv1.Lease
	leaseErr  error
	reverts   []corev1.Event
	eventsErr error
}

func (c *collector) collect(ctx context.Context) (*statusReport, error) {
	ctx, cancel := context.WithTimeout(ctx, collectTimeout)
	defer cancel()
	got, r := &answers{}, &statusReport{APIVersion: autoscaler.Prefix + "v1", Kind: "Status", HPAs: []hpaReport{}}
	var group sync.WaitGroup
	group.Go(func() {
		got.hpas, got.missing, got.err = c.hpas(ctx)
		got.origins = c.origins(ctx, got.hpas)
	})
	group.Go(func() { got.reverts, got.eventsErr = c.reverts(ctx) })
	group.Wait()
	if got.err != nil {
		return nil, got.err
	}
	found, err := c.installation.Find(ctx, c.client, cli.MarkedBy(got.hpas))
	if err != nil {
		return nil, err
	}
	if found.Unknown == "" {
		c.installation = found
	}
	group.Go(func() { r.Leader = c.leader(ctx, &found, got) })
	group.Go(func() { r.Schedule = c.schedule(ctx, &found) })
	group.Go(func() { r.FloorGuard = c.floorGuard(ctx, &found) })
	group.Wait()
	r.At = c.now().Add(-c.ahead)
	r.Schedule.compare(r.Leader, got.lease.Labels)
	if got.eventsErr != nil {
		r.Unknown = append(r.Unknown, "Events, which show what is contested: "+cluster.ErrorLine(got.eventsErr))
	}
	r.location = c.zoneOf(&r.Schedule, got)
	c.judge(r, got, &found)
	if r.Leader.Unknown != "" && r.Leader.Limits == "" && r.has(autoscaler.TroublePending) {
		r.Unknown = append(r.Unknown, "limits of floors, which the Lease names; an HPA that is shown as pending may be at its limit")
	}
	return r, nil
}

// zoneOf returns the zone in which times are shown: the one asked for, else that of most entries of the schedule, also
// where the ConfigMap is invalid or gone.
func (c *collector) zoneOf(s *scheduleReport, got *answers) *time.Location {
	if c.location != nil {
		return c.location
	}
	if s.held != nil {
		return cli.CommonZone(s.held)
	}
	names := []string{got.lease.Annotations[cli.AnnotationZone]}
	for _, file := range s.files {
		if found := regexp.MustCompile(`(?m)^timeZone: *["']?([^"'\s#]+)`).FindSubmatch(file.Data); found != nil {
			names = append(names, string(found[1]))
		}
	}
	for _, name := range names {
		if zone, err := config.ParseZone(name); err == nil {
			return zone
		}
	}
	for i := range got.hpas { // its offset at least
		if until := instant(got.hpas[i].Annotations[autoscaler.AnnotationUntil]); until != nil {
			return until.Location()
		}
	}
	return time.UTC
}

func (c *collector) hpas(ctx context.Context) (hpas []autoscalingv2.HorizontalPodAutoscaler, missing []types.NamespacedName, err error) {
	for _, name := range c.names {
		hpa := autoscalingv2.HorizontalPodAutoscaler{}
		switch err := c.client.Get(ctx, name, &hpa); {
		case apierrors.IsNotFound(err):
			missing = append(missing, name)
		case err != nil:
			return nil, nil, fmt.Errorf("cannot read HorizontalPodAutoscaler %s: %w", name, cluster.Advised(err))
		default:
			hpas = append(hpas, hpa)
		}
	}
	if len(c.names) > 0 {
		return hpas, missing, nil
	}
	hpas, err = cluster.List[autoscalingv2.HorizontalPodAutoscaler](ctx, c.client, &autoscalingv2.HorizontalPodAutoscalerList{}, client.InNamespace(c.namespace))
	switch {
	case apierrors.IsForbidden(err) && c.allNamespaces:
		err = fmt.Errorf("cannot list the HorizontalPodAutoscalers of all namespaces; try --namespace: %w", cluster.Advised(err))
	case err != nil:
		err = fmt.Errorf("cannot list HorizontalPodAutoscalers: %w", cluster.Advised(err))
	}
	return hpas, nil, err
}

// origins returns the HPAs that those which were named may be copies of, as far as they can be read.
func (c *collector) origins(ctx context.Context, hpas []autoscalingv2.HorizontalPodAutoscaler) (origins []autoscalingv2.HorizontalPodAutoscaler) {
	for i := range hpas {
		if len(c.names) > 0 && autoscaler.CanBeCopy(&hpas[i]) {
			others, _ := cluster.List[autoscalingv2.HorizontalPodAutoscaler](ctx, c.client, &autoscalingv2.HorizontalPodAutoscalerList{}, client.InNamespace(hpas[i].Namespace))
			origins = append(origins, others...)
		}
	}
	return origins
}

func (c *collector) reverts(ctx context.Context) (reverts []corev1.Event, err error) {
	namespaces := []string{c.namespace}
	if len(c.names) > 0 {
		namespaces = nil
	}
	for _, name := range c.names {
		if !slices.Contains(namespaces, name.Namespace) {
			namespaces = append(namespaces, name.Namespace)
		}
	}
	for _, namespace := range namespaces {
		found, listErr := cluster.List[corev1.Event](ctx, c.client, &corev1.EventList{}, client.InNamespace(namespace),
			client.MatchingFields{"reason": autoscaler.ReasonFloorReverted})
		reverts, err = append(reverts, found...), errors.Join(err, listErr)
	}
	return reverts, err
}

// horizon is how far ahead the next change of an HPA is looked for.
const horizon = 366 * 24 * time.Hour

func (c *collector) judge(r *statusReport, got *answers, found *cli.Installation) {
	scope := autoscaler.Scope{ExcludeNamespaces: found.ExcludeNamespaces, Limit: cli.ParseLimits(r.Leader.Limits).Limit}
	if got.leaseErr == nil {
		scope.Installation = r.Leader.Lease
	}
	origins, notes := slices.Concat(got.origins, got.hpas), controller.NewNotes()
	notes.Load(got.lease.Annotations[cli.AnnotationNotes])
	for i := range got.hpas {
		verdict := scope.JudgeKnowing(r.Schedule.running, &got.hpas[i], r.At, notes.Known(&got.hpas[i], origins))
		hpa := describe(verdict, r.Schedule.running, got.reverts)
		if len(c.names) == 0 && !c.all && hpa.State == stateFree && len(hpa.Entries) == 0 && len(hpa.Problems) == 0 {
			r.Others++
			continue
		}
		r.HPAs = append(r.HPAs, hpa)
	}
	for _, name := range got.missing {
		r.HPAs = append(r.HPAs, hpaReport{Namespace: name.Namespace, Name: name.Name, State: stateNotFound})
	}
	slices.SortFunc(r.HPAs, func(a, b hpaReport) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

func (c *collector) floorGuard(ctx context.Context, found *cli.Installation) floorGuardReport {
	guarded, unguarded, err := controller.FloorGuard(ctx, c.client, controller.Policies{Prefix: found.PolicyPrefix, Namespace: found.Namespace})
	switch {
	case err != nil:
		return floorGuardReport{guardUnknown, cluster.ErrorLine(err)}
	case guarded:
		return floorGuardReport{State: guardInForce}
	case found.Unknown != "":
		return floorGuardReport{guardUnknown, "I do not know where floorkeeper is installed"}
	default:
		return floorGuardReport{guardNotInForce, unguarded}
	}
}

// schedule reads the schedule that the ConfigMap holds, as the controller reads the directory where it is mounted.
func (c *collector) schedule(ctx context.Context, found *cli.Installation) scheduleReport {
	r := scheduleReport{State: scheduleUnknown}
	if found.ConfigMap.Namespace == "" {
		r.Unknown = "it is not known which ConfigMap; give --configmap NAMESPACE/NAME"
		return r
	}
	r.ConfigMap = found.ConfigMap.String()
	var m corev1.ConfigMap
	if err := c.client.Get(ctx, found.ConfigMap, &m); err != nil {
		r.Unknown = cluster.ErrorLine(err)
		return r
	}
	r.files = cli.ScheduleFiles(&m)
	r.Revision = config.Hash(r.files)
	r.ChangedAt = changedAt(m.ObjectMeta)
	parsed, err := config.OpenMounted(r.files...)
	if len(r.files) == 0 {
		err = source.Problems{source.Place{File: r.ConfigMap}.Problem(source.SeverityError, config.RuleNoFile,
			"the ConfigMap holds no *.yaml file")}
	}
	if !errors.As(err, &r.Problems) {
		r.held, r.Windows, r.Events = parsed.Schedule, len(parsed.Windows()), len(parsed.Events())
		r.Suspended = suspended(parsed.Schedule)
	}
	return r
}

// suspended returns how many entries are.
func suspended(s *schedules.Schedule) (count int) {
	windows, events := s.Windows(), s.Events()
	for i := range windows {
		if windows[i].Suspend {
			count++
		}
	}
	for i := range events {
		if events[i].Suspend {
			count++
		}
	}
	return count
}

// compare compares what the leader runs, by the labels of the Lease, with what the ConfigMap holds. The latter counts as
// running unless the Lease shows that it does not.
func (r *scheduleReport) compare(leader leaderReport, labels map[string]string) {
	r.LeaderRevision = labels[cli.LabelSchedule]
	r.LeaderRefused = leader.Leading && labels[cli.LabelRefused] == "true"
	running := !leader.Leading || r.LeaderRevision == "" || r.LeaderRevision == cli.RevisionLabel(r.Revision)
	switch {
	case r.Unknown != "":
		return
	case r.held == nil:
		r.State = scheduleInvalid
	case !running:
		r.State = scheduleAhead
	case leader.Leading && r.LeaderRevision != "":
		r.State = scheduleInSync
	}
	if running {
		r.running = r.held
	}
}

// changedAt returns when an object was last written, as far as its metadata shows.
func changedAt(m metav1.ObjectMeta) *time.Time {
	latest := m.CreationTimestamp.Time
	for _, entry := range m.ManagedFields {
		if entry.Time != nil && entry.Time.After(latest) {
			latest = entry.Time.Time
		}
	}
	if latest.IsZero() {
		return nil
	}
	return &latest
}

func describe(v autoscaler.Verdict, schedule *schedules.Schedule, reverts []corev1.Event) hpaReport {
	hpa, state := v.HPA, v.State
	r := hpaReport{
		Namespace: hpa.Namespace, Name: hpa.Name, State: stateFree, MinReplicas: state.MinReplicas, MaxReplicas: state.MaxReplicas,
		Entries: v.Covering(schedule), DesiredReplicas: hpa.Status.DesiredReplicas, CurrentReplicas: hpa.Status.CurrentReplicas,
	}
	for _, trouble := range v.Troubles(schedule) {
		r.Problems = append(r.Problems, troubleReport{Trouble: trouble})
	}
	switch state.Condition {
	case autoscaler.Held:
		r.State, r.Ramp = stateHeld, string(v.Applies.Ramp)
		r.Floor, r.Because = state.Mark.Floor, state.Mark.Because
		r.Since, r.Until = instant(state.Mark.Since), instant(state.Mark.Until)
		r.Ends = ends(&v, schedule, r.Until)
	case autoscaler.Damaged:
		r.State = stateDamaged
	}
	if state.Condition != autoscaler.Damaged || state.Declared.Valid {
		baseline := state.Baseline()
		r.Baseline = &baseline
	}
	if next, found := forecast.Upcoming(&v, schedule, v.At.Add(horizon)); found {
		r.Next = &nextReport{next.From, next.MinReplicas, next.Because}
	}
	contested := slices.ContainsFunc(r.Problems, func(t troubleReport) bool { return t.Kind == autoscaler.TroubleContested })
	if revert, found := lastRevert(hpa, reverts, v.At); found && !contested {
		r.Problems = append(r.Problems, revert)
	}
	return r
}

// ends returns when the entry that holds an HPA ends, its ramp included, where that is after the first time at which the
// floor may fall.
func ends(v *autoscaler.Verdict, schedule *schedules.Schedule, until *time.Time) *time.Time {
	if schedule == nil || until == nil || v.Applies.Because == "" || v.Applies.Because != v.State.Mark.Because {
		return nil
	}
	if closes := schedule.Occurrence(v.Applies, v.At).Closes(); closes.After(*until) {
		return &closes
	}
	return nil
}

func instant(text string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return &t
}

// How long an HPA counts as contested after the last revert: one that happened once, and has been corrected, for less long.
const (
	contestedFor     = 10 * time.Minute
	contestedOnceFor = 2 * time.Minute
)

func lastSeen(event corev1.Event) time.Time {
	at := event.EventTime.Time
	if event.Series != nil && event.Series.LastObservedTime.After(at) {
		at = event.Series.LastObservedTime.Time
	}
	if event.LastTimestamp.After(at) {
		at = event.LastTimestamp.Time
	}
	return at
}

func lastRevert(hpa *autoscalingv2.HorizontalPodAutoscaler, reverts []corev1.Event, now time.Time) (troubleReport, bool) {
	var last time.Time
	var note string
	limit, count := contestedOnceFor, 0
	for _, event := range reverts {
		if event.InvolvedObject.UID != hpa.UID || event.ReportingController != autoscaler.FieldManager {
			continue
		}
		if count++; count > 1 || event.Series != nil || event.Count > 1 {
			limit = contestedFor
		}
		if at := lastSeen(event); at.After(last) {
			last, note = at, event.Message
		}
	}
	if last.IsZero() || now.Sub(last) > limit {
		return troubleReport{}, false
	}
	return troubleReport{autoscaler.Trouble{Kind: autoscaler.TroubleContested, Message: note}, &last}, true
}
