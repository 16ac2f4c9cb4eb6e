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

// demand returns the amounts as a ResourceQuota counts them.
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

	now     Amounts // at the instant that the walk has reached
	running Amounts // what runs in the cluster when it begins
}

func (l *Load) reach(at int64) {
	for i, sum := range l.now {
		if sum > l.Peak[i] {
			l.Peak[i], l.At[i] = sum, time.Unix(0, at)
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

// hpa is what a floor adds to an HPA.
type hpa struct {
	each      Amounts // of one Pod
	known     bool
	namespace *Load
	baseline  int32
	added     int32
	raised    bool // added was ever more than 0
}

// runningAbove returns how many of an HPA's Pods in the cluster are above its baseline because of a floor: those up to
// minReplicas, if they run.
func runningAbove(minReplicas, baseline int32, pod cluster.Pod) int64 {
	if pod.Running != nil {
		minReplicas = min(minReplicas, *pod.Running)
	}
	return int64(max(0, minReplicas-baseline))
}

// follow counts the Pods that are added from now on.
func (h *hpa) follow(minReplicas int32, total *Load) {
	added := max(0, minReplicas-h.baseline)
	more := int64(added - h.added)
	h.added, h.raised = added, h.raised || added > 0
	h.namespace.now.add(more, &h.each)
	total.now.add(more, &h.each)
}

// Of adds up what the floors of a forecast ask for at its steps.
func Of(f *forecast.Forecast, steps Timetable, snapshot *cluster.Snapshot) *Sums {
	s := &Sums{Total: &Load{}, Notes: snapshot.Notes}
	var namespaces []*Load
	hpas := make([]hpa, len(f.Outlooks))
	for i := range hpas {
		o, h := &f.Outlooks[i], &hpas[i]
		if last := len(namespaces) - 1; last < 0 || namespaces[last].Namespace != o.HPA.Namespace {
			namespaces = append(namespaces, &Load{Namespace: o.HPA.Namespace})
		}
		pod, known := snapshot.PodOf(o.HPA)
		h.known, h.namespace, h.baseline = known, namespaces[len(namespaces)-1], min(o.State.Baseline(), o.State.MaxReplicas)
		h.each = Amounts{1, pod.CPU.MilliValue(), pod.Memory.Value(), pod.Limits.CPU.MilliValue(), pod.Limits.Memory.Value()}
		h.namespace.running.add(runningAbove(o.State.MinReplicas, h.baseline, pod), &h.each)
		h.follow(o.Stretch(0).MinReplicas, s.Total)
	}
	for _, load := range append(namespaces, s.Total) {
		load.reach(f.From.UnixNano())
	}
	for _, at := range steps.Instants {
		s.reach(f, at, steps.At[at], hpas)
	}
	s.compare(snapshot, namespaces)
	for i := range hpas {
		if !hpas[i].raised {
			continue
		}
		s.Raised++
		if name := f.Outlooks[i].HPA; !hpas[i].known {
			s.Unknown = append(s.Unknown, text.Visible(name.Namespace)+"/"+text.Visible(name.Name))
		}
	}
	return s
}

// reach walks to an instant. All of its changes count at once.
func (s *Sums) reach(f *forecast.Forecast, at int64, changes []Place, hpas []hpa) {
	var namespace *Load // HPAs of a namespace follow each other
	for _, change := range changes {
		h := &hpas[change.HPA]
		if namespace != nil && namespace != h.namespace {
			namespace.reach(at)
		}
		namespace = h.namespace
		h.follow(f.Outlooks[change.HPA].Stretch(int(change.Index)).MinReplicas, s.Total)
	}
	namespace.reach(at)
	s.Total.reach(at)
}

// compare compares the peaks with the limits of ResourceQuotas.
func (s *Sums) compare(snapshot *cluster.Snapshot, namespaces []*Load) {
	added, running := make(map[string]cluster.Demand), make(map[string]cluster.Demand)
	for _, l := range namespaces {
		if l.Peak[Pods] > 0 {
			s.Namespaces = append(s.Namespaces, l)
			added[l.Namespace], running[l.Namespace] = l.Peak.demand(), l.running.demand()
		}
	}
	s.Quotas = snapshot.Exceeded(added, running)
}
