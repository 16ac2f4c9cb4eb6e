package history

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
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
	Version uint64                                 // metadata.resourceVersion as stored; of a deletion, the one that was deleted
	HPA     *autoscalingv2.HorizontalPodAutoscaler // as stored; of a deletion, nil
	Deleted bool
	Idle    bool           // the object was stored as it was: nothing was written
	said    map[string]any // the request's object
	patch   []any          // the request's JSON patch
	stored  map[string]any // the response's object
}

// Has says whether the history has come to a version of an HPA, or past it.
func (l Log) Has(namespace, name, resourceVersion string) bool {
	return false
}

// Read returns the history that the audit log at path holds. A log that cannot be judged is an error: one that misses
// what was stored, or that was not made with [AuditPolicy].
func Read(path string) (Log, error) {
	return Log{}, nil
}
