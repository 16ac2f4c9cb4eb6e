// Package forecast computes what will become of many HorizontalPodAutoscalers while a schedule stays as it is, and what
// people should know of that before it happens.
//
// It walks [schedules.Schedule.Timeline] and takes the controller's own step, [autoscaler.State.Under], so that no preview
// can disagree with the controller. It imports autoscaler and schedules, does no I/O and reads no clock.
package forecast

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Forecast is what will become of HPAs over [From, To) if the schedule and the HPAs stay as they are.
type Forecast struct {
	Schedule *schedules.Schedule
	From, To time.Time
	Outlooks []Outlook // sorted by namespace and name
	entries  []string
	index    map[string]uint32 // of the entries
	used     map[about]bool    // what the owners of entries have accepted
	limits   *limits           // nil if nothing bounds the work

	Context // set by the caller, if its findings are to be known
}

// Outlook is the forecast of one HPA. Its verdict is that at the beginning. One that was not asked for has no stretches.
type Outlook struct {
	autoscaler.Verdict
	forecast  *Forecast
	stretches []stretch
}

// Name returns the HPA as NAMESPACE/NAME, safe for a terminal.
func (o *Outlook) Name() string { return nameOf(o.HPA) }

func nameOf(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return text.Visible(hpa.Namespace) + "/" + text.Visible(hpa.Name)
}

// Stretch is a part of a forecast over which nothing changes for the HPA.
type Stretch struct {
	From, To    time.Time
	Because     string // the entry that asks for the floor
	Floor       int32  // what the schedule asks for; 0 if no entry is open
	Full        int32  // the floor of that entry outside its ramps
	Ramp        schedules.Ramp
	MinReplicas int32 // what spec.minReplicas will be
}

// stretch is a Stretch in 24 bytes without a pointer: a year of 1,000 HPAs can have millions.
type stretch struct {
	from                     int64 // in nanoseconds since 1970
	floor, full, minReplicas int32
	entry                    uint32 // 4 times the index of the name, and the index in ramps
}

// New forecasts HPAs over [from, to). The HPAs are kept and must not be changed. One whose baseline is lost stays as it is,
// and counts as refused.
func New(schedule *schedules.Schedule, scope autoscaler.Scope, hpas []autoscalingv2.HorizontalPodAutoscaler, from, to time.Time) *Forecast {
	f := &Forecast{Schedule: schedule, From: from, To: to}
	f.compute(scope, hpas, runtime.GOMAXPROCS(0), func(*autoscalingv2.HorizontalPodAutoscaler) bool { return true })
	return f
}

// Within is New for somebody who waits for an answer beside more important work: it computes the stretches of the HPAs that
// are selected, one by one, until the context ends or they need more than the given number of steps. [Forecast.Err] must be
// asked when everything was read.
func Within(ctx context.Context, steps int64, selects func(*autoscalingv2.HorizontalPodAutoscaler) bool,
	schedule *schedules.Schedule, scope autoscaler.Scope, hpas []autoscalingv2.HorizontalPodAutoscaler, from, to time.Time,
) *Forecast {
	f := &Forecast{Schedule: schedule, From: from, To: to, limits: &limits{ctx: ctx}}
	f.limits.left.Store(steps)
	f.compute(scope, hpas, 1, selects)
	return f
}

func (f *Forecast) compute(scope autoscaler.Scope, hpas []autoscalingv2.HorizontalPodAutoscaler, workers int,
	selects func(*autoscalingv2.HorizontalPodAutoscaler) bool,
) {
	f.Outlooks, f.entries, f.index = make([]Outlook, len(hpas)), f.Schedule.Names(), make(map[string]uint32)
	f.used = make(map[about]bool)
	for i, name := range f.entries {
		f.index[name] = uint32(i)
	}
	shared := &timelineCache{Forecast: f, relative: relative(f.Schedule), known: make(map[cacheKey]func() []stretch)}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(hpas)); i = next.Add(1) - 1 {
				verdict := scope.Judge(f.Schedule, &hpas[i], f.From)
				verdict.Refusal = refusal(&verdict)
				f.Outlooks[i] = Outlook{Verdict: verdict, forecast: f}
				if selects(&hpas[i]) && f.limits.spend(1) {
					f.Outlooks[i].stretches = shared.stretches(verdict)
				}
			}
		})
	}
	group.Wait()
	slices.SortFunc(f.Outlooks, func(a, b Outlook) int {
		return cmp.Or(cmp.Compare(a.HPA.Namespace, b.HPA.Namespace), cmp.Compare(a.HPA.Name, b.HPA.Name))
	})
}

// refusal returns why no entry may cover the HPA, and "" if one may. An HPA whose baseline is lost counts as refused.
func refusal(v *autoscaler.Verdict) string {
	if v.Refusal == "" && v.State.Lost() {
		return "its annotations are damaged and nobody knows its baseline"
	}
	return v.Refusal
}

// under takes the controller's own step. A refused HPA keeps its baseline whatever the schedule asks for.
func under(v *autoscaler.Verdict, state autoscaler.State, floor int32) autoscaler.State {
	if v.Refusal != "" {
		floor = 0
	}
	return state.Under(floor)
}

// asked yields what the schedule asks of an HPA over [from, to), as far as the limits allow. Neighbours differ. The stretches
// lack their minReplicas.
func asked(l *limits, schedule *schedules.Schedule, hpa schedules.HPA, from, to time.Time) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		last, begun := Stretch{}, false
		for s := range schedule.Edges(hpa, from, to) {
			if !l.spend(1) {
				return
			}
			next := Stretch{From: s.From, To: s.To, Because: s.Because, Floor: s.Floor, Full: s.Full, Ramp: s.Ramp}
			if begun && last.same(next) {
				last.To = next.To
				continue
			}
			if begun && !yield(last) {
				return
			}
			last, begun = next, true
		}
		if begun {
			yield(last)
		}
	}
}

// same reports whether two stretches differ in nothing but their time.
func (s Stretch) same(other Stretch) bool {
	s.From, s.To = other.From, other.To
	return s == other
}

func ramps() [4]schedules.Ramp {
	return [...]schedules.Ramp{schedules.Steady, schedules.Climbing, schedules.Descending, schedules.Steady}
}

// Stretches yields the stretches of the HPA, in order and without gaps. Neighbours differ.
func (o *Outlook) Stretches() iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		for i := range o.stretches {
			if !yield(o.Stretch(i)) {
				return
			}
		}
	}
}

// Len returns how many stretches there are.
func (o *Outlook) Len() int { return len(o.stretches) }

// Stretch returns the i-th stretch.
func (o *Outlook) Stretch(i int) Stretch {
	s := o.stretches[i]
	expanded := Stretch{
		From: time.Unix(0, s.from), To: o.forecast.To,
		Floor: s.floor, Full: s.full, Ramp: ramps()[s.entry%4], MinReplicas: s.minReplicas,
	}
	if i+1 < len(o.stretches) {
		expanded.To = time.Unix(0, o.stretches[i+1].from)
	}
	if s.floor > 0 {
		expanded.Because = o.forecast.entries[s.entry/4]
	}
	return expanded
}

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

// relative reports whether a floor can depend on the baseline: where it is rated, or a ramp climbs from it.
func relative(schedule *schedules.Schedule) bool {
	return rated(schedule) || slices.ContainsFunc(schedule.Names(), func(name string) bool {
		entry := schedule.Entry(name)
		return entry.RampUp > 0 || entry.RampDown > 0
	})
}

// rated reports whether a full floor can depend on the baseline: where an amount is a ratio, or a multiplier finds no window
// to multiply.
func rated(schedule *schedules.Schedule) bool {
	for _, name := range schedule.Names() {
		if slices.ContainsFunc(schedule.Entry(name).Targets, func(t schedules.Target) bool { return t.Amount.Ratio > 0 }) {
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
		state, all := v.State, walked()
		if !c.limits.spend(len(all)) {
			return nil
		}
		all = slices.Clone(all)
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
	for s := range asked(c.limits, c.Schedule, hpa, c.From, c.To) {
		all = append(all, stretch{
			from: s.From.UnixNano(), floor: s.Floor, full: s.Full, entry: 4*c.index[s.Because] + uint32(slices.Index(ramps[:], s.Ramp)),
		})
	}
	return all
}
