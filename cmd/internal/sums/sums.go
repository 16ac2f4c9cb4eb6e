package sums

import (
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// Sums are what floors add over the baselines: Pods that would not be there if no entry were open and nothing asked for
// more than the baselines.
type Sums struct {
	Total      Load
	Namespaces []Load // those with any, in the order of their names
	Unknown    []string
	Raised     int // how many HPAs are ever above their baseline; Unknown are those of them whose Pods are not known
	Quotas     []cluster.QuotaProblem
	Notes      []string
}

// Load is the most that is added at any instant, each sum at the first instant at which it is largest. CPU is in
// thousandths, memory in bytes: what Pods request, and their limits.
type Load struct {
	Namespace             string // "" for all
	Pods, CPU, Memory     Peak
	LimitCPU, LimitMemory Peak
}

// Peak is the largest of a sum.
type Peak struct {
	Sum int64
	At  time.Time
}

func (p *Peak) see(sum, at int64) {
	if sum > p.Sum {
		p.Sum, p.At = sum, time.Unix(0, at)
	}
}

// amounts are what Pods ask for, in the units of Load.
type amounts struct{ pods, cpu, memory, limitCPU, limitMemory int64 }

// add counts n Pods more.
func (a *amounts) add(n int64, each *amounts) {
	a.pods += n
	a.cpu += n * each.cpu
	a.memory += n * each.memory
	a.limitCPU += n * each.limitCPU
	a.limitMemory += n * each.limitMemory
}

// running is a load as it is at the instant that the walk has reached, and what of it runs in the cluster.
type running struct {
	amounts
	standing amounts
	Load
}

func (r *running) see(at int64) {
	r.Pods.see(r.pods, at)
	r.CPU.see(r.cpu, at)
	r.Memory.see(r.memory, at)
	r.LimitCPU.see(r.limitCPU, at)
	r.LimitMemory.see(r.limitMemory, at)
}

// pod is what one Pod of an HPA asks for, and where it counts.
type pod struct {
	each      amounts
	namespace *running
	baseline  int32
	added     int32
	raised    bool
}

func eachOf(p cluster.Pod) amounts {
	return amounts{1, p.CPU.MilliValue(), p.Memory.Value(), p.Limits.CPU.MilliValue(), p.Limits.Memory.Value()}
}

// runningAbove returns how many of an HPA's Pods a floor adds in the cluster: those up to minReplicas, as far as they are
// there, that are more than the baseline.
func runningAbove(minReplicas, baseline int32, known cluster.Pod) int64 {
	if known.Running != nil {
		minReplicas = min(minReplicas, *known.Running)
	}
	return int64(max(0, minReplicas-baseline))
}

// Of adds up what the floors of a forecast ask for. steps are those of its HPAs, see [EachStep].
func Of(f *forecast.Forecast, steps Timetable, snapshot *cluster.Snapshot) *Sums {
	total, namespaces, pods := &running{}, []*running{}, make([]pod, len(f.Outlooks))
	known := make([]bool, len(pods))
	for i := range pods {
		o := &f.Outlooks[i]
		if last := len(namespaces) - 1; last < 0 || namespaces[last].Namespace != o.HPA.Namespace {
			namespaces = append(namespaces, &running{Load: Load{Namespace: o.HPA.Namespace}})
		}
		space := namespaces[len(namespaces)-1]
		one, ok := snapshot.PodOf(o.HPA)
		known[i] = ok
		pods[i] = pod{each: eachOf(one), namespace: space, baseline: min(o.State.Baseline(), o.State.MaxReplicas)}
		space.standing.add(runningAbove(o.State.MinReplicas, pods[i].baseline, one), &pods[i].each)
		pods[i].become(total, o.Stretch(0).MinReplicas)
	}
	for _, space := range namespaces {
		space.see(f.From.UnixNano())
	}
	total.see(f.From.UnixNano())
	walk(f, steps, pods, total)
	return summary(f, snapshot, total, namespaces, pods, known)
}

// walk takes the sums from instant to instant. All changes of an instant count at once.
func walk(f *forecast.Forecast, steps Timetable, pods []pod, total *running) {
	for i, at := range steps.Instants {
		var space *running // HPAs of a namespace follow each other
		for _, change := range steps.At(i) {
			pod := &pods[change.HPA]
			if space != nil && space != pod.namespace {
				space.see(at)
			}
			space = pod.namespace
			pod.become(total, f.Outlooks[change.HPA].Stretch(int(change.Index)).MinReplicas)
		}
		space.see(at)
		total.see(at)
	}
}

// become counts the Pods that an HPA adds from now on.
func (p *pod) become(total *running, minReplicas int32) {
	added := max(0, minReplicas-p.baseline)
	more := int64(added - p.added)
	p.added, p.raised = added, p.raised || added > 0
	for _, sum := range []*running{total, p.namespace} {
		sum.add(more, &p.each)
	}
}

func summary(f *forecast.Forecast, snapshot *cluster.Snapshot, total *running, namespaces []*running, pods []pod, known []bool) *Sums {
	sums := &Sums{Total: total.Load, Notes: snapshot.Notes}
	added, standing := make(map[string]cluster.Demand), make(map[string]cluster.Demand)
	for _, space := range namespaces {
		if space.Pods.Sum > 0 {
			sums.Namespaces = append(sums.Namespaces, space.Load)
			added[space.Namespace], standing[space.Namespace] = space.peak().demand(), space.standing.demand()
		}
	}
	for i := range pods {
		if pods[i].raised {
			sums.Raised++
			if !known[i] {
				hpa := f.Outlooks[i].HPA
				sums.Unknown = append(sums.Unknown, text.Visible(hpa.Namespace)+"/"+text.Visible(hpa.Name))
			}
		}
	}
	sums.Quotas = snapshot.Exceeded(added, standing)
	return sums
}

// peak returns the largest sums.
func (l Load) peak() amounts {
	return amounts{l.Pods.Sum, l.CPU.Sum, l.Memory.Sum, l.LimitCPU.Sum, l.LimitMemory.Sum}
}

// demand returns the amounts as a ResourceQuota counts them.
func (a amounts) demand() cluster.Demand {
	resources := func(cpu, memory int64) cluster.Resources {
		return cluster.Resources{CPU: *resource.NewMilliQuantity(cpu, resource.DecimalSI), Memory: *resource.NewQuantity(memory, resource.BinarySI)}
	}
	return cluster.Demand{Pods: a.pods, Resources: resources(a.cpu, a.memory), Limits: resources(a.limitCPU, a.limitMemory)}
}

// Requests returns how much CPU and memory the Pods of a load request at most, and "" where neither is known.
func (l Load) Requests() string {
	if l.CPU.Sum == 0 && l.Memory.Sum == 0 {
		return ""
	}
	return Cores(l.CPU.Sum) + " CPU, " + Bytes(l.Memory.Sum) + " of memory"
}

// Bytes writes an amount of memory as a person would: 28Gi.
func Bytes(n int64) string { return resource.NewQuantity(n, resource.BinarySI).String() }

// Cores writes thousandths of a CPU as a person would: 100.68, and 8 rather than 8.00.
func Cores(milli int64) string { return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64) }
