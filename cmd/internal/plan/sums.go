package plan

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
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
// thousandths, memory in bytes.
type Load struct {
	Namespace         string // "" for all
	Pods, CPU, Memory Peak
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

// running is a load as it is at the instant that the walk has reached.
type running struct {
	pods, cpu, memory int64
	Load
}

func (r *running) see(at int64) {
	r.Pods.see(r.pods, at)
	r.CPU.see(r.cpu, at)
	r.Memory.see(r.memory, at)
}

// pod is what one Pod of an HPA requests, and where it counts.
type pod struct {
	cpu, memory int64
	namespace   *running
	baseline    int32
	added       int32
	raised      bool
}

// sum walks the changes.
func (p *Plan) sum(snapshot *cluster.Snapshot) *Sums {
	total, namespaces, pods := &running{}, []*running{}, make([]pod, len(p.Forecast.Outlooks))
	known := make([]bool, len(pods))
	for i := range pods {
		o := &p.Forecast.Outlooks[i]
		if last := len(namespaces) - 1; last < 0 || namespaces[last].Namespace != o.HPA.Namespace {
			namespaces = append(namespaces, &running{Load: Load{Namespace: o.HPA.Namespace}})
		}
		var requests cluster.Resources
		requests, known[i] = snapshot.PodOf(o.HPA)
		pods[i] = pod{
			cpu: requests.CPU.MilliValue(), memory: requests.Memory.Value(), namespace: namespaces[len(namespaces)-1],
			baseline: min(o.State.Baseline(), o.State.MaxReplicas),
		}
		pods[i].become(total, o.Stretch(0).MinReplicas)
	}
	for _, space := range namespaces {
		space.see(p.Forecast.From.UnixNano())
	}
	total.see(p.Forecast.From.UnixNano())
	p.walk(pods, total)
	return p.summary(snapshot, total, namespaces, pods, known)
}

// walk takes the sums from instant to instant. All changes of an instant count at once.
func (p *Plan) walk(pods []pod, total *running) {
	for i, at := range p.instants {
		var space *running // HPAs of a namespace follow each other
		for _, change := range p.at(i) {
			pod := &pods[change.hpa]
			if space != nil && space != pod.namespace {
				space.see(at)
			}
			space = pod.namespace
			pod.become(total, p.Forecast.Outlooks[change.hpa].Stretch(int(change.stretch)).MinReplicas)
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
		sum.pods += more
		sum.cpu += more * p.cpu
		sum.memory += more * p.memory
	}
}

func (p *Plan) summary(snapshot *cluster.Snapshot, total *running, namespaces []*running, pods []pod, known []bool) *Sums {
	sums := &Sums{Total: total.Load, Notes: snapshot.Notes}
	added := make(map[string]cluster.Demand)
	for _, space := range namespaces {
		if space.Pods.Sum > 0 {
			sums.Namespaces = append(sums.Namespaces, space.Load)
			added[space.Namespace] = space.demand()
		}
	}
	for i := range pods {
		if pods[i].raised {
			sums.Raised++
			if !known[i] {
				sums.Unknown = append(sums.Unknown, p.names[i])
			}
		}
	}
	sums.Quotas = snapshot.Exceeded(added)
	return sums
}

// demand returns the load as a ResourceQuota counts it.
func (l Load) demand() cluster.Demand {
	return cluster.Demand{Pods: l.Pods.Sum, Resources: cluster.Resources{CPU: *l.cpu(), Memory: *l.memory()}}
}

func (l Load) cpu() *resource.Quantity {
	return resource.NewMilliQuantity(l.CPU.Sum, resource.DecimalSI)
}

func (l Load) memory() *resource.Quantity {
	return resource.NewQuantity(l.Memory.Sum, resource.BinarySI)
}
