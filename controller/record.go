package controller

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// After a conflict we reconcile again: whatever was written in between may have changed nothing that wakes us. The delay
// doubles while the conflicts last.
const (
	conflictDelay  = 50 * time.Millisecond
	conflictDouble = 6 // times at most
)

// record is what the reconciler remembers about an HPA between two reconciles. Losing it loses no state.
type record struct {
	seen      bool            // the HPA was reconciled before
	boundary  time.Time       // the next edge at the previous reconcile
	written   time.Time       // when we last changed it
	wrote     string          // the resource version that our last patch created
	uid       types.UID       // of the HPA
	mark      autoscaler.Mark // after the previous reconcile
	reported  string          // the persistent problem that was reported last
	refused   string          // the error with which the API server refused our last change
	reverts   reverts
	progress  autoscaler.Progress
	conflicts int              // in a row
	would     autoscaler.State // what a dry run has logged
}

func (r *reconciler) recall(key types.NamespacedName) record {
	value, _ := r.records.Load(key)
	remembered, _ := value.(record)
	return remembered
}

// conflict counts a conflict and returns when to reconcile again; the HPA is then read from the API server.
func (m *record) conflict() ctrl.Result {
	delay := conflictDelay << min(m.conflicts, conflictDouble)
	m.conflicts++
	return ctrl.Result{RequeueAfter: delay, Priority: new(0)}
}

// stale reports whether the HPA is older than our last patch. What the API server itself returns is not.
func (m *record) stale(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	order, err := resourceversion.CompareResourceVersion(hpa.ResourceVersion, m.wrote)
	return m.conflicts == 0 && err == nil && order < 0
}

// settle remembers the result of a reconcile.
func (m *record) settle(verdict autoscaler.Verdict) {
	m.boundary, m.mark = verdict.Asked.Next, verdict.Desired.Mark
}

// stripped reports whether somebody removed our annotations and lowered minReplicas below the floor that we wrote, as a
// PUT of the whole object does.
func (m *record) stripped(verdict autoscaler.Verdict) bool {
	return verdict.State.Condition == autoscaler.Free && verdict.State.MinReplicas < m.mark.Floor &&
		m.mark.Because == verdict.Desired.Mark.Because && m.mark.Since == verdict.Desired.Mark.Since
}
