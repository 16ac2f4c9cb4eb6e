package controller

import (
	"maps"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/apimachinery/pkg/util/sets"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// After a conflict we reconcile again: whatever was written in between may have changed nothing that wakes us. The delay
// doubles while the conflicts last.
const (
	conflictDelay = 50 * time.Millisecond
	conflictLimit = 3200 * time.Millisecond

	conflictPatience = 10 // conflicts in a row that somebody who writes may cause
)

// record is what the reconciler remembers about an HPA between two reconciles. Losing it loses no state.
type record struct {
	term       int64           // in which it was written
	seen       bool            // the HPA was reconciled before
	boundary   time.Time       // the next edge at the previous reconcile
	written    time.Time       // when we last changed it
	wrote      string          // the resource version that our last patch created
	owns       bool            // it left an entry of ours in managedFields
	uid        types.UID       // of the HPA
	mark       autoscaler.Mark // after the previous reconcile
	leftAlone  bool            // an earlier leader left the HPA at its floor, without annotations
	reported   string          // the persistent problem that was reported last
	refused    string          // the error that was reported of our last change, which failed
	failing    time.Time       // since when our changes fail
	disowning  int             // hand-backs that failed in a row
	reverts    reverts
	progress   autoscaler.Progress
	noZero     bool // the API server has refused a minReplicas of 0
	altered    alteration
	copied     autoscaler.Copy     // the floor of another HPA that minReplicas was last a copy of
	unanswered *autoscaler.Verdict // on the last change that failed without an answer, so that it may have been stored
	labels     map[string]string   // at the previous reconcile
	relabelled bool                // the labels have changed since the first reconcile, which is no stale schedule's doing
	conflicts  int                 // in a row
	would      autoscaler.State    // what a dry run has logged
}

func (r *reconciler) recall(key types.NamespacedName) record {
	value, _ := r.records.Load(key)
	if remembered, ok := value.(record); ok && remembered.term == r.term.Load() {
		return remembered
	}
	return record{term: r.term.Load()}
}

// remembered returns the HPAs that have a record or a note.
func (r *reconciler) remembered() sets.Set[types.NamespacedName] {
	keys := r.notes.keys()
	r.records.Range(func(key, _ any) bool { keys.Insert(key.(types.NamespacedName)); return true })
	return keys
}

// known returns what the HPA itself does not show.
func (m *record) known() autoscaler.Known {
	return autoscaler.Known{
		NoZero: m.noZero, Seen: m.seen, Mark: m.mark, LeftAlone: m.leftAlone, Copy: m.copied, Asked: m.altered.asked, Stored: m.altered.stored,
	}
}

// conflict counts a conflict and returns when to reconcile again; the HPA is then read from the API server.
func (m *record) conflict() ctrl.Result {
	delay := doubling(conflictDelay, m.conflicts, conflictLimit)
	m.conflicts++
	return ctrl.Result{RequeueAfter: delay, Priority: new(priorityChanged)}
}

// label notes the labels of the HPA.
func (m *record) label(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	m.relabelled = m.relabelled || m.labels != nil && !maps.Equal(m.labels, hpa.Labels)
	if m.labels = hpa.Labels; m.labels == nil {
		m.labels = map[string]string{}
	}
}

// answered reports whether the change whose answer is missing was stored.
func (m *record) answered(now autoscaler.State) bool {
	if m.unanswered == nil {
		return false
	}
	then := m.unanswered.Desired
	return now.Condition == then.Condition && now.Mark == then.Mark && now.MinReplicas == then.MinReplicas
}

// stale reports whether the HPA is older than our last patch. What the API server itself returns is not: then etcd was
// restored from a backup.
func (m *record) stale(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	order, err := resourceversion.CompareResourceVersion(hpa.ResourceVersion, m.wrote)
	older := err == nil && order < 0
	if older && m.conflicts > 0 {
		m.wrote = ""
	}
	return older && m.conflicts == 0
}

func (m *record) settle(verdict autoscaler.Verdict) {
	mark := verdict.Desired.Mark
	if s := verdict.State; s.Lost() || s.Condition == autoscaler.Free && verdict.Desired == s && s.MinReplicas == m.mark.Floor {
		mark = m.mark // it sits at a floor of ours without valid annotations
	}
	if mark.Because != m.mark.Because || mark.Since != m.mark.Since || verdict.State.MinReplicas == m.altered.asked {
		m.altered = alteration{}
	}
	m.boundary, m.mark = verdict.Asked.Next, mark
	m.refused, m.failing = "", time.Time{}
}

// alteration is what a webhook or policy of the API server makes of the minReplicas that we write.
type alteration struct {
	asked, stored int32
	writer        // which changes one of these each time
}

// add counts that another minReplicas was stored than we wrote, which may be one that was stored instead before.
func (a *alteration) add(wrote, stored int32, now time.Time) {
	if wrote != a.asked && wrote != a.stored {
		*a = alteration{asked: wrote}
	}
	a.stored = stored
	a.count(revertFree, now)
}

const (
	revertWindow  = time.Minute // without a revert, after which counting starts anew; a writer is reported once in that time
	revertFree    = 3           // reverts by one writer after which the floor is re-raised at once
	revertAllFree = 20          // the same for all writers
	revertBackoff = time.Second // the first delay after that; it doubles
	revertLimit   = 30 * time.Second
)

// reverts remembers the writers that lower the minReplicas of one held HPA. The floor is re-raised at once, but more and
// more slowly against the same writer, so that two controllers do not overwrite each other as fast as they can.
type reverts struct {
	writers map[string]writer // by field manager
	all     writer            // counts the reverts of all: names may differ each time
	last    string            // whose revert was the last one
	due     time.Time         // when to re-raise after the revert that is pending
	pending bool
}

type writer struct {
	reverts  int       // with less than revertWindow in between
	due      time.Time // of the next re-raise, or of the last one
	reported time.Time
}

// reverted records that a writer reverted the floor, and reports whether that revert is new. The same revert is seen again
// until the floor is re-raised.
func (c *reverts) reverted(manager string, now time.Time) (isNew bool) {
	if c.pending && c.last == manager {
		return false
	}
	if c.writers == nil {
		c.writers = make(map[string]writer)
	}
	maps.DeleteFunc(c.writers, func(_ string, r writer) bool { return r.stale(now) })
	if c.all.stale(now) {
		c.all = writer{}
	}
	r := c.writers[manager]
	due := now.Add(max(r.count(revertFree, now), c.all.count(revertAllFree, now)))
	c.writers[manager] = r
	if c.pending { // the floor waits already
		due = schedules.Earlier(due, c.due)
	}
	c.last, c.due, c.pending = manager, due, true
	return true
}

// stale reports whether counting starts anew.
func (w *writer) stale(now time.Time) bool { return now.Sub(w.due).Abs() >= revertWindow }

// count counts a revert and returns how long the floor waits for its re-raise; the first ones are free.
func (w *writer) count(free int, now time.Time) time.Duration {
	w.reverts++
	var delay time.Duration
	if w.reverts > free {
		delay = doubling(revertBackoff, w.reverts-free-1, revertLimit)
	}
	w.due = now.Add(delay)
	return delay
}

// doubling returns a delay that has doubled so many times, up to a limit of days at most.
func doubling(first time.Duration, times int, limit time.Duration) time.Duration {
	return min(first<<min(times, 20), limit)
}

// isDue reports whether the floor may be re-raised. A clock that was stepped back does not delay it.
func (c *reverts) isDue(now time.Time) bool {
	return !now.Before(c.due) || c.due.Sub(now) > revertLimit
}

// reraised records that the floor was re-raised, if it was reverted, and returns the writer to report, if any: each once in
// revertWindow.
func (c *reverts) reraised(l autoscaler.Verdict) (manager string) {
	if !l.Opposed() {
		return ""
	}
	c.pending = false
	r := c.writers[c.last]
	if !r.reported.IsZero() && l.At.Sub(r.reported).Abs() < revertWindow {
		return ""
	}
	r.reported = l.At
	c.writers[c.last] = r
	return c.last
}
