package controller

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// notesLimit is the size of the notes in bytes. They are part of each renewal of the Lease.
const notesLimit = 16 << 10

// Notes are what a leader leaves to its successor: the baseline and the floor of the HPAs that it holds. Who takes the
// annotations off an HPA does not reach them. They are one text, which is stored on the Lease; where it would be too long,
// HPAs without their annotations come first. Its methods may be called from any goroutine.
type Notes struct {
	mu    sync.Mutex
	notes map[types.NamespacedName]note
	text  string
	stale bool // the text is
}

type note struct {
	uid             string // of the HPA, as much as distinguishes it from one that is created again
	baseline, floor int32
	takenOff        int // 1 if its annotations were taken off, whose loss would cost most
}

// NewNotes returns notes without content.
func NewNotes() *Notes { return &Notes{notes: map[types.NamespacedName]note{}} }

// Load replaces the notes by a text of another process. What it cannot read it leaves out.
func (n *Notes) Load(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if text == n.text && !n.stale {
		return
	}
	n.notes, n.text, n.stale = map[types.NamespacedName]note{}, text, false
	for line := range strings.SplitSeq(text, ";") {
		name, rest, _ := strings.Cut(line, "=")
		var key types.NamespacedName
		var m note
		key.Namespace, key.Name, _ = strings.Cut(name, "/")
		if _, err := fmt.Sscanf(rest, "%d,%d,%d,%s", &m.baseline, &m.floor, &m.takenOff, &m.uid); err == nil {
			n.notes[key] = m
		}
	}
}

// String returns the text.
func (n *Notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.stale {
		return n.text
	}
	keys := slices.SortedFunc(maps.Keys(n.notes), func(a, b types.NamespacedName) int {
		return cmp.Or(cmp.Compare(n.notes[b].takenOff, n.notes[a].takenOff), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	var b strings.Builder
	for _, key := range keys {
		m := n.notes[key]
		line := fmt.Sprintf("%s=%d,%d,%d,%s;", key, m.baseline, m.floor, m.takenOff, m.uid)
		if b.Len()+len(line) > notesLimit {
			break
		}
		b.WriteString(line)
	}
	n.text, n.stale = b.String(), false
	return n.text
}

// keep notes the mark of an HPA, or forgets it where there is no floor above the baseline.
func (n *Notes) keep(key types.NamespacedName, uid types.UID, mark autoscaler.Mark, takenOff bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	before, noted := n.notes[key]
	after := note{uid: short(uid), baseline: mark.Baseline, floor: mark.Floor}
	if takenOff {
		after.takenOff = 1
	}
	switch {
	case mark.Floor == mark.Baseline:
		delete(n.notes, key)
		n.stale = n.stale || noted
	case after != before:
		n.notes[key] = after
		n.stale = true
	}
}

// keys returns the HPAs that have a note.
func (n *Notes) keys() sets.Set[types.NamespacedName] {
	n.mu.Lock()
	defer n.mu.Unlock()
	return sets.KeySet(n.notes)
}

// Known returns what is noted of an HPA, and which of others it is a copy of.
func (n *Notes) Known(hpa *autoscalingv2.HorizontalPodAutoscaler, others []autoscalingv2.HorizontalPodAutoscaler) autoscaler.Known {
	known := autoscaler.Known{Copy: autoscaler.CopyIn(others, hpa)}
	n.mu.Lock()
	defer n.mu.Unlock()
	if m, noted := n.notes[client.ObjectKeyFromObject(hpa)]; noted && m.uid == short(hpa.UID) {
		known.Mark, known.LeftAlone = autoscaler.Mark{Baseline: m.baseline, Floor: m.floor}, m.takenOff == 1
	}
	return known
}

func short(uid types.UID) string { return string(uid[:min(8, len(uid))]) }
