package forecast

import (
	"slices"
	"strings"
	"sync"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// timelineCache shares one timeline among HPAs that the schedule treats alike; walking timelines dominates the cost of a
// forecast. HPAs in the same state share their stretches as well.
type timelineCache struct {
	*Forecast
	relative bool // a floor can depend on the baseline
	mu       sync.Mutex
	known    map[cacheKey]func() []stretch
}

// cacheKey holds all that stretches depend on. A timeline depends on the targets, and on the baseline at most.
type cacheKey struct {
	selected string // a byte for each target of each entry: whether it selects the HPA
	baseline int32
	state    autoscaler.State
	refused  bool
	outlook  bool // the stretches have their minReplicas, and depend on the state
}

// relative reports whether a floor can depend on the baseline: where an amount is a ratio, a multiplier finds no window to
// multiply, or a ramp climbs from it.
func relative(schedule *schedules.Schedule) bool {
	for _, name := range schedule.Names() {
		entry := schedule.Entry(name)
		if entry.RampUp > 0 || entry.RampDown > 0 ||
			slices.ContainsFunc(entry.Targets, func(t schedules.Target) bool { return t.Amount.Ratio > 0 }) {
			return true
		}
	}
	return slices.ContainsFunc(schedule.Events(), func(e schedules.Event) bool { return e.Multiplier > 0 })
}

func (c *timelineCache) stretches(v autoscaler.Verdict) []stretch {
	subject := v.Subject()
	timeline := cacheKey{selected: c.selected(subject)}
	if c.relative {
		timeline.baseline = subject.Baseline
	}
	outlook := timeline
	outlook.state, outlook.refused, outlook.outlook = v.State, v.Refusal != "", true
	walked := c.once(timeline, func() []stretch { return c.walk(subject) })
	return c.once(outlook, func() []stretch {
		state, all := v.State, slices.Clone(walked())
		for i := range all {
			state = under(&v, state, all[i].floor)
			all[i].minReplicas = state.MinReplicas
		}
		return all
	})()
}

// once returns a function that computes stretches at its first call, the same function for the same key.
func (c *timelineCache) once(key cacheKey, compute func() []stretch) func() []stretch {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[key] == nil {
		c.known[key] = sync.OnceValue(compute)
	}
	return c.known[key]
}

func (c *timelineCache) selected(hpa schedules.HPA) string {
	var b strings.Builder
	for _, name := range c.Schedule.Names() {
		targets := c.Schedule.Entry(name).Targets
		for i := range targets {
			if targets[i].Selects(&hpa) {
				b.WriteByte('1')
			} else {
				b.WriteByte('0')
			}
		}
	}
	return b.String()
}

func (c *timelineCache) walk(hpa schedules.HPA) []stretch {
	var all []stretch
	ramps := ramps()
	for s := range asked(c.Schedule, hpa, c.From, c.To) {
		index := max(0, slices.Index(c.entries, s.Because))
		all = append(all, stretch{
			from: s.From.UnixNano(), floor: s.Floor, full: s.Full, entry: uint32(4*index + slices.Index(ramps[:], s.Ramp)),
		})
	}
	return all
}
