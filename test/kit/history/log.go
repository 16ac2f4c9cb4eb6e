package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// Log is the history: all writes of HPAs that were stored, in the order in which they were, and the requests that
// ServiceAccounts made.
type Log struct {
	Writes   []Write
	Requests []Request // of any resource, in the order of the log
	Lost     []Write   // requests that failed in such a way that they may have been stored all the same
	End      time.Time // when the last request was answered
}

// Write is a request that changed one HPA, or found nothing to change.
type Write struct {
	Request
	UID     string
	Version uint64                                 // metadata.resourceVersion as stored; of a deletion, the last before it
	HPA     *autoscalingv2.HorizontalPodAutoscaler // as stored; nil of a deletion
	Deleted bool
	Idle    bool           // it found nothing to change
	said    map[string]any // the object of the request
	steps   []any          // the JSON patch of the request
	stored  map[string]any // the object of the response, as autoscaling/v2
	guessed bool           // nobody has seen what was stored: the request failed
	noZero  bool           // the API server takes no minReplicas of 0
	coarse  bool           // the response did not tell all: spec.metrics, spec.behavior and status are guesses
}

// observed returns the state that was stored.
func (w *Write) observed() autoscaler.State {
	state := autoscaler.Observe(w.HPA)
	state.ZeroLegal = state.ZeroLegal && !w.noZero
	return state
}

// Has reports whether the history has come to a version of an HPA, or past it. The last write of an HPA may be one whose answer
// was lost, as that of a process that was stopped: nothing in the log shows its version then.
func (l Log) Has(namespace, name, resourceVersion string) bool {
	version, err := parseVersion(resourceVersion)
	if err != nil {
		return false
	}
	var newest time.Time
	for _, w := range l.Writes {
		if w.Namespace != namespace || w.Name != name {
			continue
		}
		if w.Version >= version {
			return true
		}
		if w.Received.After(newest) {
			newest = w.Received
		}
	}
	return slices.ContainsFunc(l.Lost, func(w Write) bool {
		return w.Namespace == namespace && w.Name == name && w.Received.After(newest)
	})
}

// arrange brings the writes into the order in which etcd stored them, and completes them from one another.
func (l *Log) arrange() error {
	l.placeDeletions()
	slices.SortStableFunc(l.Writes, func(a, b Write) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(rank(a), rank(b)), a.Received.Compare(b.Received))
	})
	latest := map[string]*Write{}
	for i := range l.Writes {
		w := &l.Writes[i]
		before := latest[w.UID]
		if w.Deleted {
			continue
		}
		w.Idle = before != nil && before.Version == w.Version
		if err := w.complete(before); err != nil {
			return fmt.Errorf("cannot use %s: %w", w.Request, err)
		}
		latest[w.UID] = w
	}
	return nil
}

// placeDeletions gives each deletion the last version of its HPA: the response holds the UID only.
func (l *Log) placeDeletions() {
	last := map[string]Write{}
	for _, w := range l.Writes {
		if w.Version >= last[w.UID].Version {
			last[w.UID] = w
		}
	}
	for i := range l.Writes {
		if w := &l.Writes[i]; w.Deleted {
			w.Version = max(w.Version, last[w.UID].Version)
		}
	}
}

// rank orders the requests that were answered with the same version. One of them stored it and the others found nothing
// to change; of a request that names the version which it expects, it is plain which it is. A deletion comes last.
func rank(w Write) int {
	expected, err := parseVersion(w.expects())
	switch {
	case w.Deleted:
		return 3
	case w.Verb == "create" || err == nil && expected < w.Version:
		return 0
	case err == nil:
		return 2
	default:
		return 1
	}
}

// complete makes the stored object whole, given the write before it.
func (w *Write) complete(before *Write) error {
	var earlier map[string]any
	if before != nil {
		earlier = before.stored
	}
	switch kind, version := text(w.stored, "kind"), text(w.stored, "apiVersion"); {
	case kind == "PartialObjectMetadata" && earlier != nil:
		metadata := w.stored["metadata"]
		w.stored, w.coarse = runtime.DeepCopyJSON(earlier), before.coarse
		w.stored["metadata"] = metadata
	case kind == "HorizontalPodAutoscaler" && version == "autoscaling/v1":
		w.stored, w.coarse = fromV1(w.stored, earlier), true
	case kind != "HorizontalPodAutoscaler" || version != "autoscaling/v2":
		return fmt.Errorf("the response is a %s of %s", kind, version)
	}
	w.HPA = &autoscalingv2.HorizontalPodAutoscaler{}
	return runtime.DefaultUnstructuredConverter.FromUnstructured(w.stored, w.HPA)
}
