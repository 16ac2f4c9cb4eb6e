package history

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// isOwn reports whether an entry of managedFields is ours.
func isOwn(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == manager }

// isQuiet reports whether the request came in the steady state.
func (c *checker) isQuiet(r Request) bool {
	return slices.ContainsFunc(c.Quiet, func(i Interval) bool { return !r.Received.Before(i.From) && r.Received.Before(i.To) })
}

// checkSteadyState checks I6: in the steady state we send nothing but watches and what keeps the Lease. What changed an HPA is
// I5's.
func (c *checker) checkSteadyState() {
	for _, r := range c.log.Requests {
		if !slices.Contains(c.Users, r.User) || !c.concerns(r.Namespace) || !c.isQuiet(r) {
			continue
		}
		stored := r.writesHPA() && r.Code < 400
		if r.Verb != "watch" && r.Resource != "leases" && !stored {
			c.violated("I6", r, "in the steady state there are only watches and renewals of the Lease")
		}
	}
}
