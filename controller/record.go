package controller

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// After a conflict we look again: whatever was written in between may have changed nothing that wakes us. The delay
// doubles while the conflicts last.
const (
	conflictDelay  = 50 * time.Millisecond
	conflictDouble = 6 // times at most
)

// record is what the reconciler remembers of an HPA between two looks. Losing it loses no state.
type record struct {
	looked    bool            // before
	boundary  time.Time       // the next edge that the previous look knew of
	written   time.Time       // when we last changed it
	wrote     string          // the resource version that our last patch made
	uid       types.UID       // of the HPA that all of this is about
	mark      autoscaler.Mark // what stood after the previous look
	told      string          // the standing problem that was told last
	refused   string          // what the API server said when it refused our last change
	reverts   reverts
	progress  autoscaler.Progress
	conflicts int              // in a row
	would     autoscaler.State // what a dry run said that it would do
}

func (r *reconciler) recall(key types.NamespacedName) record {
	value, _ := r.records.Load(key)
	remembered, _ := value.(record)
	return remembered
}

// conflict counts one and returns when to look again. What is read then comes from the API server.
func (m *record) conflict() ctrl.Result {
	delay := conflictDelay << min(m.conflicts, conflictDouble)
	m.conflicts++
	return ctrl.Result{RequeueAfter: delay, Priority: new(0)}
}

// stale says whether the HPA is from before our last patch. What the API server itself returns is not.
func (m *record) stale(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	order, err := resourceversion.CompareResourceVersion(hpa.ResourceVersion, m.wrote)
	return m.conflicts == 0 && err == nil && order < 0
}

// settle remembers what stands after a look.
func (m *record) settle(look autoscaler.Verdict) {
	m.boundary, m.mark = look.Asked.Next, look.Desired.Mark
}

// stripped says whether somebody took our annotations off and lowered minReplicas below the floor that we wrote, as a PUT
// of the whole object does.
func (m *record) stripped(look autoscaler.Verdict) bool {
	return look.State.Condition == autoscaler.Free && look.State.MinReplicas < m.mark.Floor &&
		m.mark.Because == look.Desired.Mark.Because && m.mark.Since == look.Desired.Mark.Since
}
