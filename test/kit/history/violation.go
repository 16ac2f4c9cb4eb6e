package history

import (
	"fmt"
	"time"
)

// Incomplete is what a Violation names in place of an invariant where the log cannot be a whole history.
const Incomplete = "LOG"

// Violation is a request that broke an invariant. For what is wrong at the end of the history, or lasts too long, the
// request is the one that left the HPA as it is.
type Violation struct {
	Invariant string // I1 to I10, or Incomplete
	Request   Request
	Why       string
}

// String returns the violation with all that is needed to find its request in the log.
func (v Violation) String() string {
	return fmt.Sprintf("%s violated by %s: %s", v.Invariant, v.Request, v.Why)
}

// Request is a line of the audit log.
type Request struct {
	Line                                          int // in the log, from 1
	AuditID, User, Verb                           string
	Group, Resource, Subresource, Namespace, Name string
	FieldManager                                  string
	Code                                          int
	Received, Answered                            time.Time
}

// String returns what identifies the request.
func (r Request) String() string {
	what := r.Resource
	if r.Subresource != "" {
		what += "/" + r.Subresource
	}
	return fmt.Sprintf("line %d (%s %s %s %s/%s by %s, auditID %s)", r.Line,
		r.Received.UTC().Format("2006-01-02T15:04:05.000Z"), r.Verb, what, r.Namespace, r.Name, r.User, r.AuditID)
}
