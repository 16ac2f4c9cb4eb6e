package year

// change is what another writer does to an HPA; nil leaves a thing as it is.
type change struct {
	minReplicas, maxReplicas *int32
	tier, declared           *string
	ignore, external, keda   *bool
	marks                    marks
}

// marks is what becomes of floorkeeper's annotations.
type marks int

const (
	kept marks = iota
	dropped
	damaged
)

// after returns the page after the change, before floorkeeper does anything about it, and false if the API server has to
// refuse the change. It is section 2 of the design once more, from the point of view of somebody who writes.
func (p page) after(c change, guard bool) (next page, accepted bool) {
	next = p
	set(&next.maxReplicas, c.maxReplicas)
	set(&next.live, c.minReplicas)
	set(&next.tier, c.tier)
	set(&next.declared, c.declared)
	set(&next.ignore, c.ignore)
	set(&next.external, c.external)
	set(&next.keda, c.keda)
	if guard && p.guarded(next, c) {
		return p.afterGuard(next)
	}
	if next.live > next.maxReplicas || next.live == 0 && next.legal(0) != 0 {
		return p, false
	}
	switch {
	case c.marks == dropped:
		next.held, next.damaged, next.baseline, next.floor, next.word = false, false, 0, 0, next.live
	case c.marks == damaged:
		next.held, next.damaged, next.baseline, next.floor = false, true, 0, 0
	case next.held && next.live == next.floor: // not seen as a new baseline
		next.word = next.baseline
	case !next.damaged:
		next.word = next.live
	}
	return next, true
}

// guarded reports whether the guard has to act.
func (p page) guarded(next page, c change) bool {
	return p.held && p.live == p.floor && !next.ignore &&
		(next.live != p.live || next.maxReplicas < p.live || c.marks != kept)
}

// afterGuard is what the guard makes of the change: the writer's value becomes the baseline, and the floor stays.
func (p page) afterGuard(next page) (page, bool) {
	if next.live != p.floor {
		next.baseline = next.live
	}
	if next.baseline > next.maxReplicas || next.live == 0 && next.legal(0) != 0 {
		return p, false
	}
	next.live = max(next.baseline, min(p.floor, next.maxReplicas))
	next.floor, next.word = next.live, next.baseline
	return next, true
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}
