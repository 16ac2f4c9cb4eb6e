// Package sums adds up the Pods and resources that floors ask for.
//
// It may import controller/forecast and cluster. It has no clock and does no I/O.
package sums

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Sums are what floors add over the baselines: Pods that would not be there if no entry were open and nothing asked for
// more than the baselines.
type Sums struct {
	Total      *Load
	Namespaces []*Load  // those with any, in the order of their names
	Raised     int      // how many HPAs are ever above their baseline
	Unknown    []string // those of them whose Pods are not known
	Quotas     []cluster.QuotaProblem
	Notes      []string
}

// Amounts are Pods, what they request, and their limits.
type Amounts [5]int64

// The indexes of Amounts. CPU is in thousandths, memory in bytes.
const (
	Pods = iota
	CPU
	Memory
	limitCPU
	limitMemory
)

func (a *Amounts) add(n int64, each *Amounts) {
	for i := range a {
		a[i] += n * each[i]
	}
}

func (a Amounts) demand() cluster.Demand {
	resources := func(cpu, memory int64) cluster.Resources {
		return cluster.Resources{CPU: *resource.NewMilliQuantity(cpu, resource.DecimalSI), Memory: *resource.NewQuantity(memory, resource.BinarySI)}
	}
	return cluster.Demand{Pods: a[Pods], Resources: resources(a[CPU], a[Memory]), Limits: resources(a[limitCPU], a[limitMemory])}
}

// Load is what is added in a namespace, or in all of them.
type Load struct {
	Namespace string                    // "" for all
	Peak      Amounts                   // the most at any instant
	At        [len(Amounts{})]time.Time // the first instant of each peak

	changes map[int64]*Amounts // by instant, in nanoseconds since 1970
	running Amounts            // what runs in the cluster when the forecast begins
}

func (l *Load) change(at, n int64, each *Amounts) {
	if l.changes[at] == nil {
		l.changes[at] = new(Amounts)
	}
	l.changes[at].add(n, each)
}

// peak computes the peaks. All changes of an instant count at once.
func (l *Load) peak() {
	var now Amounts
	for _, at := range slices.Sorted(maps.Keys(l.changes)) {
		now.add(1, l.changes[at])
		for i, sum := range now {
			if sum > l.Peak[i] {
				l.Peak[i], l.At[i] = sum, time.Unix(0, at)
			}
		}
	}
}

// Requests returns how much CPU and memory the Pods request at most, and "" where neither is known.
func (l *Load) Requests() string {
	if l.Peak[CPU] == 0 && l.Peak[Memory] == 0 {
		return ""
	}
	return Cores(l.Peak[CPU]) + " CPU, " + Bytes(l.Peak[Memory]) + " of memory"
}

// Bytes returns an amount of memory such as 28Gi.
func Bytes(n int64) string { return resource.NewQuantity(n, resource.BinarySI).String() }

// Cores returns thousandths of a CPU as 100.68, and as 8 rather than 8.00.
func Cores(milli int64) string { return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64) }

// runningAbove returns how many of an HPA's Pods in the cluster are above its baseline because of a floor: those up to
// minReplicas, if they run.
func runningAbove(minReplicas, baseline int32, pod cluster.Pod) int64 {
	if pod.Running != nil {
		minReplicas = min(minReplicas, *pod.Running)
	}
	return int64(max(0, minReplicas-baseline))
}

// follow counts the Pods that floors add to an HPA, and reports whether there are any.
func (l *Load) follow(o *forecast.Outlook, baseline int32, each *Amounts) (raised bool) {
	before := int32(0)
	for stretch := range o.Stretches() {
		added := max(0, stretch.MinReplicas-baseline)
		if added != before {
			l.change(stretch.From.UnixNano(), int64(added-before), each)
		}
		before, raised = added, raised || added > 0
	}
	return raised
}

// Of adds up what the floors of a forecast ask for.
func Of(f *forecast.Forecast, snapshot *cluster.Snapshot) *Sums {
	s := &Sums{Total: &Load{changes: make(map[int64]*Amounts)}, Notes: snapshot.Notes}
	var all []*Load
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		if last := len(all) - 1; last < 0 || all[last].Namespace != o.HPA.Namespace { // HPAs of a namespace follow each other
			all = append(all, &Load{Namespace: o.HPA.Namespace, changes: make(map[int64]*Amounts)})
		}
		load, baseline := all[len(all)-1], min(o.State.Baseline(), o.State.MaxReplicas)
		pod, known := snapshot.PodOf(o.HPA)
		each := Amounts{1, pod.CPU.MilliValue(), pod.Memory.Value(), pod.Limits.CPU.MilliValue(), pod.Limits.Memory.Value()}
		load.running.add(runningAbove(o.State.MinReplicas, baseline, pod), &each)
		if !load.follow(o, baseline, &each) {
			continue
		}
		s.Raised++
		if !known {
			s.Unknown = append(s.Unknown, o.Name())
		}
	}
	added, running := make(map[string]cluster.Demand), make(map[string]cluster.Demand)
	for _, l := range all {
		l.peak()
		for at, amounts := range l.changes {
			s.Total.change(at, 1, amounts)
		}
		l.changes = nil
		if l.Peak[Pods] > 0 {
			s.Namespaces = append(s.Namespaces, l)
			added[l.Namespace], running[l.Namespace] = l.Peak.demand(), l.running.demand()
		}
	}
	s.Total.peak()
	s.Quotas = snapshot.Exceeded(added, running)
	return s
}
