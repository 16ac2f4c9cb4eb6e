package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// The rate at which the controller manager's client sends requests by the defaults of --kube-api-qps and --kube-api-burst,
// and how many an HPA takes that raises its target (the target's scale, its own status). A boundary that needs less than a
// few seconds is not reported.
const (
	DefaultControllerRate = 20
	managerBurst          = 30
	requestsForARaise     = 2
	negligibleRaise       = 5 * time.Second
)

// The same of the scheduler: the defaults of clientConnection in KubeSchedulerConfiguration, whose client binds each Pod with
// a request. Pods need time to start in any case. See docs/scaling.md for who may be slower.
const (
	DefaultSchedulerRate = 50
	schedulerBurst       = 100
	negligibleScheduling = 15 * time.Second
)

// rises are the floors that rise at each instant, by entry.
type rises map[int64]map[string]rise

// rise is how many HPAs rise, and how many Pods that adds where there are none above the baseline.
type rise struct{ hpas, pods int }

func (r rise) plus(other rise) rise { return rise{r.hpas + other.hpas, r.pods + other.pods} }

func (r rises) add(o *Outlook) {
	before := o.State.MinReplicas
	for stretch := range o.Stretches() {
		if stretch.MinReplicas > before && stretch.Ramp == schedules.Steady {
			at := stretch.From.UnixNano()
			if r[at] == nil {
				r[at] = make(map[string]rise)
			}
			r[at][stretch.Because] = r[at][stretch.Because].plus(rise{1, int(stretch.MinReplicas - before)})
		}
		before = stretch.MinReplicas
	}
}

// bottleneck is what the HPAs or Pods of one instant pass at a limited rate.
type bottleneck struct {
	rule       Rule
	rate       int // per second; less than 0 for no limit
	burst      int // that passes at once
	negligible time.Duration
	passes     func(rise) int
	message    string // of a format, with the number of HPAs or Pods, the time, the rate and the leadTime
	counts     func(rise) int
}

// bottlenecks returns the HPA controller and the scheduler.
func (f *Forecast) bottlenecks() []bottleneck {
	return []bottleneck{{
		rule: ShortLeadTime, rate: cmp.Or(f.ControllerRate, DefaultControllerRate), burst: managerBurst, negligible: negligibleRaise,
		passes: func(r rise) int { return requestsForARaise * r.hpas }, counts: func(r rise) int { return r.hpas },
		message: "%d HorizontalPodAutoscalers rise together, for which the controller manager needs about %s at %d requests per second " +
			"(--hpa-controller-rate); give the entry a leadTime above that (now %s), or the controller manager a larger --kube-api-qps",
	}, {
		rule: SlowScheduling, rate: cmp.Or(f.SchedulerRate, DefaultSchedulerRate), burst: schedulerBurst, negligible: negligibleScheduling,
		passes: func(r rise) int { return r.pods }, counts: func(r rise) int { return r.pods },
		message: "up to %d Pods are added together, for which the scheduler needs at least %s at %d Pods per second (--scheduler-rate); " +
			"give the entry a leadTime above that (now %s) or a rampUp, or the scheduler a larger qps in its clientConnection",
	}}
}

// needs returns how long the bottleneck takes for a rise.
func (b bottleneck) needs(r rise) time.Duration {
	return time.Duration(b.passes(r)-b.burst) * time.Second / time.Duration(b.rate)
}

// problems reports, for each entry, the instant at which its leadTime falls shortest of what a bottleneck needs.
func (r rises) problems(schedule *schedules.Schedule, b bottleneck, report func(Finding)) {
	if b.rate < 0 {
		return
	}
	worst, missing := make(map[string]Finding), make(map[string]time.Duration)
	for _, at := range slices.Sorted(maps.Keys(r)) {
		var total rise
		for _, entry := range r[at] {
			total = total.plus(entry)
		}
		needs := b.needs(total)
		if needs < b.negligible {
			continue
		}
		for name := range r[at] {
			entry := schedule.Entry(name)
			short := needs - entry.LeadTime
			if short <= missing[name] {
				continue
			}
			missing[name] = short
			worst[name] = Finding{Rule: b.rule, Entry: name, From: time.Unix(0, at).In(entry.Location), Message: fmt.Sprintf(b.message,
				b.counts(total), schedules.FormatDuration(needs.Round(time.Second)), b.rate, schedules.FormatDuration(entry.LeadTime))}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(worst)) {
		report(worst[name])
	}
}
