package status

import (
	"cmp"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// horizon is how far ahead the next change of an HPA is looked for.
const horizon = 366 * 24 * time.Hour

func (a *collector) report(got *answers) *statusReport {
	r := &statusReport{
		APIVersion: autoscaler.Prefix + "v1", Kind: "Status", At: got.at, HPAs: []hpaReport{},
		Leader:     a.leader(got),
		FloorGuard: floorGuard(got),
	}
	r.Schedule = a.schedule(got, r.Leader)
	if got.eventsErr != nil {
		r.Unknown = append(r.Unknown, "Events, which tell what is contested: "+errorLine(got.eventsErr))
	}
	if r.location = a.location; r.location == nil {
		r.location = r.Schedule.zone()
	}
	scope := autoscaler.Scope{ExcludeNamespaces: a.excludeNamespaces}
	for i := range got.hpas {
		look := scope.Judge(r.Schedule.running, &got.hpas[i], got.at)
		hpa := describe(look, r.Schedule.running, got.reverts)
		if len(a.names) == 0 && !a.all && hpa.State == stateFree && len(hpa.Entries) == 0 && len(hpa.Problems) == 0 {
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
	return r
}

// leader describes who leads. A leader that has not renewed the Lease for as long as that lasts is gone, by the clock of this
// machine.
func (a *collector) leader(got *answers) leaderReport {
	r := leaderReport{Lease: types.NamespacedName{Namespace: a.electionNamespace, Name: cli.LeaseName}.String()}
	if got.leaseErr != nil {
		r.Unknown = errorLine(got.leaseErr)
		return r
	}
	r.Identity = cli.Holder(&got.lease)
	if renewed := got.lease.Spec.RenewTime; renewed != nil {
		r.RenewedAt = &renewed.Time
		r.Leading = r.Identity != "" && got.at.Sub(renewed.Time) <= cli.LeaseDuration(&got.lease)
	}
	return r
}

func floorGuard(got *answers) floorGuardReport {
	switch {
	case apierrors.IsForbidden(got.guardErr):
		return floorGuardReport{guardUnknown, "you may not read its policy"}
	case got.guardErr != nil:
		return floorGuardReport{guardUnknown, errorLine(got.guardErr)}
	case got.guarded:
		return floorGuardReport{State: guardInForce}
	default:
		return floorGuardReport{guardNotInForce, got.unguarded}
	}
}

// schedule compares what the leader runs with what the ConfigMap holds. The latter counts as running where nothing says
// that it does not.
func (a *collector) schedule(got *answers, leader leaderReport) scheduleReport {
	r := scheduleReport{State: scheduleUnknown, ConfigMap: a.configMap.String()}
	r.LeaderRevision = got.lease.Labels[cli.LabelSchedule]
	r.LeaderRefused = leader.Leading && got.lease.Labels[cli.LabelRefused] == "true"
	if got.configErr != nil {
		r.Unknown = errorLine(got.configErr)
		return r
	}
	held := r.read(&got.configMap)
	r.held = held
	running := !leader.Leading || r.LeaderRevision == "" || r.LeaderRevision == cli.RevisionLabel(r.Revision)
	switch {
	case held == nil:
		r.State = scheduleInvalid
	case !running:
		r.State = scheduleAhead
	case leader.Leading && r.LeaderRevision != "":
		r.State = scheduleInSync
	}
	if running {
		r.running = held
	}
	return r
}

// read reads the schedule that a ConfigMap holds, as the controller reads the directory where it is mounted, and returns
// nil if it is invalid.
func (r *scheduleReport) read(m *corev1.ConfigMap) *schedules.Schedule {
	r.files = cli.ScheduleFiles(m)
	r.Revision = config.Hash(r.files)
	r.ChangedAt = changedAt(m.ObjectMeta)
	schedule, err := config.Parse(r.files...)
	if len(r.files) == 0 {
		err = config.Problems{{File: r.ConfigMap, Rule: config.RuleNoFile, Message: "the ConfigMap holds no *.yaml file"}}
	}
	if errors.As(err, &r.problems) {
		for _, p := range r.problems {
			r.Problems = append(r.Problems, problemReport{p.File, p.Line, p.Column, p.Message, p.Rule})
		}
		return nil
	}
	r.Windows, r.Events = len(schedule.Windows()), len(schedule.Events())
	return schedule
}

func (r *scheduleReport) zone() *time.Location {
	if r.held == nil {
		return cli.CommonZone()
	}
	return cli.CommonZone(r.held)
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

func describe(look autoscaler.Verdict, schedule *schedules.Schedule, reverts []corev1.Event) hpaReport {
	hpa, state := look.HPA, look.State
	r := hpaReport{
		Namespace: hpa.Namespace, Name: hpa.Name, State: stateFree, MinReplicas: state.MinReplicas, MaxReplicas: state.MaxReplicas,
		Entries: look.Covering(schedule), DesiredReplicas: hpa.Status.DesiredReplicas, CurrentReplicas: hpa.Status.CurrentReplicas,
	}
	for _, trouble := range look.Troubles(schedule) {
		r.Problems = append(r.Problems, troubleReport{Trouble: trouble})
	}
	switch state.Condition {
	case autoscaler.Held:
		r.State, r.Ramp = stateHeld, string(look.Applies.Ramp)
		r.Floor, r.Because = state.Mark.Floor, state.Mark.Because
		r.Since, r.Until = instant(state.Mark.Since), instant(state.Mark.Until)
	case autoscaler.Damaged:
		r.State = stateDamaged
	}
	if state.Condition != autoscaler.Damaged || state.Declared.Valid {
		baseline := state.Baseline()
		r.Baseline = &baseline
	}
	if next, found := forecast.Upcoming(&look, schedule, look.At.Add(horizon)); found {
		r.Next = &nextReport{next.From, next.MinReplicas, next.Because}
	}
	contested := slices.ContainsFunc(r.Problems, func(t troubleReport) bool { return t.Kind == autoscaler.TroubleContested })
	if revert, found := lastRevert(hpa, reverts, look.At); found && !contested {
		r.Problems = append(r.Problems, revert)
	}
	return r
}

// instant reads the time of an annotation.
func instant(text string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return &t
}
