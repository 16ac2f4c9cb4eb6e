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
	managerRate       = 20
	managerBurst      = 30
	requestsForARaise = 2
	negligibleRaise   = 5 * time.Second
)

// rises are the HPAs that rise to a full floor at one instant, by entry.
type rises map[int64]map[string]int

func (r rises) add(o *Outlook) {
	before := o.State.MinReplicas
	for stretch := range o.Stretches() {
		if stretch.MinReplicas > before && stretch.Ramp == schedules.Steady {
			at := stretch.From.UnixNano()
			if r[at] == nil {
				r[at] = make(map[string]int)
			}
			r[at][stretch.Because]++
		}
		before = stretch.MinReplicas
	}
}

// problems returns, for each entry, the instant at which its leadTime falls shortest of what the controller manager needs.
func (r rises) problems(schedule *schedules.Schedule) []Finding {
	worst, missing := make(map[string]Finding), make(map[string]time.Duration)
	for _, at := range slices.Sorted(maps.Keys(r)) {
		total := 0
		for _, hpas := range r[at] {
			total += hpas
		}
		needs := time.Duration(requestsForARaise*total-managerBurst) * time.Second / managerRate
		if needs < negligibleRaise {
			continue
		}
		for name := range r[at] {
			entry := schedule.Entry(name)
			short := needs - entry.LeadTime
			if short <= missing[name] {
				continue
			}
			missing[name] = short
			worst[name] = Finding{Kind: ShortLeadTime, Entry: name, From: time.Unix(0, at).In(entry.Location), Message: fmt.Sprintf(
				"%d HorizontalPodAutoscalers rise together, for which the controller manager needs about %s at its default of %d "+
					"requests per second; give the entry a leadTime above that (now %s), or the controller manager a larger --kube-api-qps",
				total, schedules.FormatDuration(needs.Round(time.Second)), managerRate, schedules.FormatDuration(entry.LeadTime))}
		}
	}
	return slices.SortedFunc(maps.Values(worst), func(a, b Finding) int { return cmp.Compare(a.Entry, b.Entry) })
}
