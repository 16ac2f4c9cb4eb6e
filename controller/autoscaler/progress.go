package autoscaler

import (
	"fmt"
	"time"
)

// Progress is the state of the wait until the HPA controller asks for a floor. It follows from the HPA's status alone, and
// does not cover Pods.
type Progress struct {
	pending bool
	late    bool      // it was reported that the deadline has passed
	quiet   bool      // reported only once the deadline has been: floors that are restored, and lost ones
	from    time.Time // of the raise, or when the floor was found not to be reached
	seen    bool      // the raise, by this process
	since   bool      // from is when the entry opened, and the raise may have come later
}

// Follow returns the next Progress, the Events to write, and when to reconcile again at the latest. If the first reconcile
// of a process finds a floor that is not reached, the wait counts from when its entry opened.
func (r Progress) Follow(v Verdict, first bool, deadline time.Duration) (next Progress, notes []EventNote, wake time.Time) {
	switch {
	case v.Desired.Condition != Held:
		return Progress{}, nil, time.Time{}
	case v.Desired == v.State && AtFloor(v.HPA):
		return r.arrived(v)
	case !r.pending || v.raises():
		r = awaited(v, first)
	}
	due := r.from.Add(deadline)
	switch {
	case !r.pending || r.late:
		return r, nil, time.Time{}
	case v.At.Before(due):
		return r, nil, due
	case !v.Unreached():
		return r, nil, time.Time{}
	}
	r.late = true
	return r, []EventNote{floorNotReached(v, r)}, time.Time{}
}

// awaited begins the wait, if there is anything to wait for.
func awaited(v Verdict, first bool) Progress {
	switch since, known := v.State.Mark.since(); {
	case v.Desired.MinReplicas > v.State.MinReplicas:
		return Progress{pending: true, quiet: v.Reverted(), from: v.At, seen: true}
	case !v.Unreached():
		return Progress{}
	case first && known && since.Before(v.At):
		return Progress{pending: true, from: since, since: true}
	default:
		return Progress{pending: true, quiet: !first, from: v.At}
	}
}

// arrived ends the wait. The steps of a ramp that still climbs are not reported.
func (r Progress) arrived(v Verdict) (Progress, []EventNote, time.Time) {
	if !r.pending || r.quiet && !r.late || v.withinRamp() && !r.late {
		return Progress{}, nil, time.Time{}
	}
	return Progress{}, []EventNote{floorReached(v, r)}, time.Time{}
}

func floorReached(v Verdict, r Progress) EventNote {
	took := ""
	if r.seen {
		took = fmt.Sprintf(", %s after the raise to %d", taken(v, r), v.State.MinReplicas)
	}
	return normal(ReasonFloorReached, r.action("reach", v), "the HPA asks for %d replicas%s; their Pods come as fast as the cluster starts them",
		asks(v.HPA), took)
}

func floorNotReached(v Verdict, r Progress) EventNote {
	when := fmt.Sprintf("for %s now", taken(v, r))
	switch {
	case r.seen:
		when = fmt.Sprintf("%s after the raise to %d", taken(v, r), v.State.MinReplicas)
	case r.since:
		when = fmt.Sprintf("with a floor of %d", v.State.MinReplicas)
	}
	return warning(ReasonFloorNotReached, r.action("miss", v), "%s the HPA asks for %d replicas: %s", when, asks(v.HPA), obstacle(v.HPA))
}

func (r Progress) action(verb string, v Verdict) string {
	return fmt.Sprintf("%s %d since %s", verb, v.State.MinReplicas, r.from.UTC().Format(time.RFC3339))
}

// taken returns the time since the raise, rounded for display.
func taken(v Verdict, r Progress) time.Duration {
	took := v.At.Sub(r.from)
	if took < 10*time.Second {
		return took.Round(10 * time.Millisecond)
	}
	return took.Round(time.Second)
}
