package history

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// checkFloor checks I2 over the whole life of an HPA, if the model has a Grace.
func (c *checker) checkFloor(h *life) {
	if c.Grace == 0 {
		return
	}
	var low time.Time // since when the HPA has been too low; zero while it is not
	for i, v := range h.versions {
		end := c.endOf(h, i)
		for t := v.Answered; t.Before(end); {
			need := c.need(v, t)
			next := c.next(v, t, end)
			switch {
			case v.state.MinReplicas >= need:
				low = time.Time{}
			case low.IsZero():
				low = t
			}
			if !low.IsZero() && next.Sub(low) > c.Grace {
				c.violated("I2", h.cause(i), "it leaves the HPA below its floor %d from %s for longer than %s: %s", need,
					low.UTC().Format(time.RFC3339), c.Grace, v)
				h.late = true
				return
			}
			t = next
		}
	}
}

// cause returns the request that made an HPA what it is at a version, rather than one that only wrote its status.
func (h *life) cause(i int) Request {
	for i > 0 && h.versions[i].Subresource == "status" {
		i--
	}
	return h.versions[i].Request
}

// endOf returns when a version was replaced.
func (c *checker) endOf(h *life, i int) time.Time {
	switch {
	case i+1 < len(h.versions):
		return h.versions[i+1].Answered
	case !h.ended.IsZero():
		return h.ended
	default:
		return c.End
	}
}

// next returns the next instant at which another floor may apply.
func (c *checker) next(v *version, t, end time.Time) time.Time {
	next := end
	sooner := func(other time.Time) {
		if other.After(t) && other.Before(next) {
			next = other
		}
	}
	for _, f := range c.Schedules {
		sooner(f.From)
	}
	if c.Clock != nil {
		sooner(t.Add(max(c.Grace/4, time.Millisecond)))
	} else if f := c.inForce(t); f.Schedule != nil {
		sooner(c.asked(f.Schedule, v, v.baseline().replicas, t, false).Next)
	}
	return next
}

// inForce returns the schedule in force.
func (c *checker) inForce(t time.Time) InForce {
	for _, f := range slices.Backward(c.Schedules) {
		if !f.From.After(t) {
			return f
		}
	}
	return InForce{}
}

// need returns the minReplicas that an HPA must have at least: 0 where no entry covers it or nothing may be promised.
func (c *checker) need(v *version, t time.Time) int32 {
	f, baseline := c.inForce(t), v.baseline()
	if f.Schedule == nil || !baseline.known || v.HPA.DeletionTimestamp != nil {
		return 0
	}
	legal := v.legal(baseline.replicas)
	return min(c.asked(f.Schedule, v, legal, c.clock(t), c.refused(v)).Floor, v.most(legal, c.Scope.Limit))
}

// unsettled reports whether something happened within a Grace before the end that may have to be answered yet.
func (c *checker) unsettled(v *version, left Request) bool {
	recent := c.End.Add(-c.Grace)
	decisions := c.decisions(v, v.baseline().replicas, recent, c.End)
	return left.Answered.After(recent) || slices.ContainsFunc(decisions, func(d decision) bool { return d.Floor != decisions[0].Floor })
}

// checkEnd checks I1 and I2 at the end of the history.
func (c *checker) checkEnd(h *life) {
	v, left := h.last(), h.cause(len(h.versions)-1)
	if c.isOpen(h, v, left) {
		return
	}
	need := c.need(v, c.End)
	switch {
	case need > v.state.MinReplicas && !h.late:
		c.violated("I2", left, "at the end the HPA is below its floor %d: %s", need, v)
	case need == 0 && v.baseline().known:
		c.checkFree(v, left)
	}
}

// checkFree checks that an HPA which no entry covers is as its owner wants it.
func (c *checker) checkFree(v *version, left Request) {
	switch {
	case v.state.Condition != autoscaler.Free:
		c.violated("I1", left, "at the end no entry covers the HPA, and annotations of ours are left: %s", v)
	case slices.ContainsFunc(v.HPA.ManagedFields, isOwn):
		c.violated("I1", left, "at the end no entry covers the HPA, and ownership of ours is left in managedFields")
	case v.state.MinReplicas != v.legal(v.wish.replicas):
		c.violated("I1", left, "at the end no entry covers the HPA, and its owner wants %d: %s", v.wish.replicas, v)
	}
}

// isOpen reports whether nothing can be said about the state that an HPA should have at the end.
func (c *checker) isOpen(h *life, v *version, left Request) bool {
	gone := c.holder(v) != "" || !h.ended.IsZero() || v.HPA.DeletionTimestamp != nil || c.lostWith("delete", v.Write)
	return gone || c.inForce(c.End).Schedule == nil || c.Partial && c.unsettled(v, left)
}
