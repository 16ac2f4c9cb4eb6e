package history

import (
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// DefaultSlack is the Slack of a Model that gives none.
const DefaultSlack = 5 * time.Second

// InForce is a schedule and the instant, by the API server's clock, from which on it may be in force: that at which its
// file was put in place, taken before. A nil Schedule means that none was valid yet. A file that was refused is not
// listed: the last good schedule stays in force.
type InForce struct {
	From     time.Time
	Schedule *schedules.Schedule
}

// Interval is a stretch of time by the API server's clock.
type Interval struct{ From, To time.Time }

// Model is what a history is checked against. All of its instants are of the API server's clock.
type Model struct {
	// Schedules are in ascending order. Before the first of them none is valid.
	Schedules []InForce
	// Clock leads from an instant of the API server to the same instant by floorkeeper's clock, which may stand or go
	// as fast as the API server's, and be set; nil if the two agree.
	Clock func(time.Time) time.Time
	// Skew is how far the clock of any replica may be ahead of or behind Clock.
	Skew time.Duration
	// NoZero means that the API server takes no minReplicas of 0, whatever the metrics.
	NoZero bool
	// Scope is that of the controller, with its limit. What another installation holds may not be touched.
	Scope autoscaler.Scope
	// Namespaces are those that floorkeeper manages; none means all. HPAs and requests elsewhere are not
	// judged.
	Namespaces []string
	// Users are the names under which floorkeeper writes, such as system:serviceaccount:floorkeeper:floorkeeper. Writes
	// with the field manager floorkeeper by anybody else are those of `floorkeeper release`, run by a person: they must
	// satisfy I1, I3 and I4, and need no schedule to explain them.
	Users []string
	// Slack is how late a write may be stored after it was decided, and how long a schedule that was replaced may still
	// be acted on; zero means DefaultSlack.
	Slack time.Duration
	// Grace is how long an HPA may be below min(floor, maxReplicas, limits) before it counts as a violation of I2. Zero means
	// that only the end is judged.
	Grace time.Duration
	// Quiet are the intervals of steady state: nobody else writes, no boundary passes, and all that had to be done
	// before is done. I5 and I6 are judged in them.
	Quiet []Interval
	// Gaps are the intervals in which the API server ended: it may have stored what it did not live to note. A version
	// that the log misses because of one is believed.
	Gaps []Interval
	// End is the instant at which the history ends, with everything done; zero means that of the last request.
	End time.Time
	// Partial means that the history may begin and end in the middle. What an HPA is when it is first seen is then
	// believed, and at the end only what should have been done a Grace before. Otherwise a write of an HPA whose
	// creation is not in the log is a violation of its own, called LOG.
	Partial bool
}
