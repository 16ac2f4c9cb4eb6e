package forecast

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// timelineCache shares one timeline among HPAs that the schedule treats alike; walking timelines dominates the cost of a
// forecast. HPAs in the same state share their stretches as well.
type timelineCache struct {
	schedule  *schedules.Schedule
	from, to  time.Time
	relative  bool
	entries   map[string]uint32 // the indexes of their names
	mu        sync.Mutex
	timelines map[cacheKey]func() []stretch
	outlooks  map[cacheKey]func() []stretch
}

// cacheKey holds all that stretches depend on. A timeline depends on the targets, and on the baseline at most.
type cacheKey struct {
	selected string // a byte for each target of each entry: whether it selects the HPA
	baseline int32
	state    autoscaler.State
	refused  bool
}

func newTimelineCache(schedule *schedules.Schedule, from, to time.Time) *timelineCache {
	s := &timelineCache{
		schedule: schedule, from: from, to: to, relative: relative(schedule), entries: make(map[string]uint32),
		timelines: make(map[cacheKey]func() []stretch), outlooks: make(map[cacheKey]func() []stretch),
	}
	for i, name := range schedule.Names() {
		s.entries[name] = uint32(i)
	}
	return s
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

func (s *timelineCache) stretches(v autoscaler.Verdict) []stretch {
	subject := v.Subject()
	timeline := cacheKey{selected: s.selected(subject)}
	if s.relative {
		timeline.baseline = subject.Baseline
	}
	outlook := timeline
	outlook.state, outlook.refused = v.State, v.Refusal != ""
	s.mu.Lock()
	asked := once(s.timelines, timeline, func() []stretch { return s.asked(subject) })
	outcome := once(s.outlooks, outlook, func() []stretch { return stretches(&v, asked()) })
	s.mu.Unlock()
	return outcome()
}

// once returns a function that computes a value at its first call, the same function for the same key.
func once(known map[cacheKey]func() []stretch, key cacheKey, compute func() []stretch) func() []stretch {
	if known[key] == nil {
		known[key] = sync.OnceValue(compute)
	}
	return known[key]
}

func (s *timelineCache) selected(hpa schedules.HPA) string {
	var b strings.Builder
	for _, name := range s.schedule.Names() {
		targets := s.schedule.Entry(name).Targets
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

// asked walks a timeline. The stretches lack their minReplicas.
func (s *timelineCache) asked(hpa schedules.HPA) []stretch {
	var all []stretch
	ramps := ramps()
	for segment := range s.schedule.Timeline(hpa, s.from, s.to) {
		all = append(all, stretch{
			from: segment.From.UnixNano(), floor: segment.Floor, full: segment.Full,
			entry: 4*s.entries[segment.Because] + uint32(slices.Index(ramps[:], segment.Ramp)),
		})
	}
	return all
}
