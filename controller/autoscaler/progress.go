package autoscaler

import (
	"fmt"
	"time"
)

// Progress is what is remembered of the wait for the HPA controller to take up a floor. It follows from the HPA's status
// alone, and says nothing about Pods.
type Progress struct {
	pending bool
	late    bool      // that the deadline has passed was told
	quiet   bool      // to be told of only after the deadline has been: floors that are put back, and lost ones
	from    time.Time // of the raise, or when the floor was found not to be reached
	seen    bool      // the raise, by this process
	since   bool      // from is when the entry opened, and the raise may have come later
}

// Follow returns what to remember after a look, what to tell, and when to look again at the latest. The first look of a
// process at a floor that is not reached counts from when its entry opened.
func (r Progress) Follow(l Verdict, first bool, deadline time.Duration) (next Progress, told []EventNote, wake time.Time) {
	switch {
	case l.Desired.Condition != Held:
		return Progress{}, nil, time.Time{}
	case l.Desired == l.State && AtFloor(l.HPA):
		return r.arrived(l)
	case !r.pending || l.raises():
		r = awaited(l, first)
	}
	due := r.from.Add(deadline)
	switch {
	case !r.pending || r.late:
		return r, nil, time.Time{}
	case l.At.Before(due):
		return r, nil, due
	case !l.Unreached():
		return r, nil, time.Time{}
	}
	r.late = true
	return r, []EventNote{floorNotReached(l, r)}, time.Time{}
}

// awaited begins the wait, if there is anything to wait for.
func awaited(l Verdict, first bool) Progress {
	switch since, err := time.Parse(time.RFC3339Nano, l.State.Mark.Since); {
	case l.Desired.MinReplicas > l.State.MinReplicas:
		return Progress{pending: true, quiet: l.Reverted(), from: l.At, seen: true}
	case !l.Unreached():
		return Progress{}
	case first && err == nil && since.Before(l.At):
		return Progress{pending: true, from: since, since: true}
	default:
		return Progress{pending: true, quiet: !first, from: l.At}
	}
}

// arrived ends the wait. The steps of a ramp that still climbs are not told.
func (r Progress) arrived(l Verdict) (Progress, []EventNote, time.Time) {
	if !r.pending || r.quiet && !r.late || l.withinRamp() && !r.late {
		return Progress{}, nil, time.Time{}
	}
	return Progress{}, []EventNote{floorReached(l, r)}, time.Time{}
}

func floorReached(l Verdict, r Progress) EventNote {
	took := ""
	if r.seen {
		took = fmt.Sprintf(", %s after the raise to %d", taken(l, r), l.State.MinReplicas)
	}
	return normal(ReasonFloorReached, r.action("reach", l), "the HPA asks for %d replicas%s; their Pods come as fast as the cluster starts them",
		l.HPA.Status.DesiredReplicas, took)
}

func floorNotReached(l Verdict, r Progress) EventNote {
	when := fmt.Sprintf("for %s now", taken(l, r))
	switch {
	case r.seen:
		when = fmt.Sprintf("%s after the raise to %d", taken(l, r), l.State.MinReplicas)
	case r.since:
		when = fmt.Sprintf("with a floor of %d", l.State.MinReplicas)
	}
	return warning(ReasonFloorNotReached, r.action("miss", l), "%s the HPA asks for %d replicas: %s", when, l.HPA.Status.DesiredReplicas,
		obstacle(l.HPA))
}

func (r Progress) action(verb string, l Verdict) string {
	return fmt.Sprintf("%s %d since %s", verb, l.State.MinReplicas, r.from.UTC().Format(time.RFC3339))
}

// taken is the time since the raise, as exactly as a person wants to know it.
func taken(l Verdict, r Progress) time.Duration {
	took := l.At.Sub(r.from)
	if took < 10*time.Second {
		return took.Round(10 * time.Millisecond)
	}
	return took.Round(time.Second)
}
