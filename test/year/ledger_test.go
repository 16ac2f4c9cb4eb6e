package year

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const prefix = "floorkeeper.dev/"

// keys are the annotations that floorkeeper writes.
func keys() []string {
	return []string{prefix + "baseline", prefix + "floor", prefix + "because", prefix + "since", prefix + "until", prefix + "managed-by"}
}

// page is what is known of one HPA: what its owner wants, and its state.
type page struct {
	namespace, name string
	tier            string
	maxReplicas     int32
	ignore          bool
	declared        string // the annotation declared-baseline, "" without
	external        bool   // it has an External metric, so that 0 is legal
	note            string // an annotation of the owner's
	maxFloor        string // the annotation max-floor, "" without

	word          int32 // the minReplicas that its owner wrote last
	live          int32 // the one it has
	held, damaged bool
	baseline      int32 // what the annotations say while it is held
	floor         int32
	excluded      bool  // no entry may cover it
	keda          bool  // a ScaledObject owns it
	noZero        bool  // the API server takes no minReplicas of 0
	other         *mark // of another installation, which holds it
	known         mark  // what floorkeeper remembers of an HPA whose annotations are damaged or taken off
}

// mark is a baseline and a floor above it.
type mark struct{ baseline, floor int32 }

// takenOff reports whether somebody took the annotations off and kept the floor, which floorkeeper remembers and leaves alone.
func (p *page) takenOff() bool {
	_, declared := p.declaration()
	free := !p.held && !p.damaged && !declared && p.covered()
	return free && p.live == p.known.floor && p.known.floor != p.known.baseline
}

// covered reports whether an entry may cover the HPA.
func (p *page) covered() bool { return !p.ignore && !p.excluded && !p.keda }

func (p *page) key() string { return p.namespace + "/" + p.name }

func (p *page) String() string {
	return fmt.Sprintf("%s word=%d live=%d max=%d tier=%q ignore=%t declared=%q external=%t keda=%t known=%v held=%t(%d,%d) damaged=%t",
		p.key(), p.word, p.live, p.maxReplicas, p.tier, p.ignore, p.declared, p.external, p.keda, p.known, p.held, p.baseline, p.floor, p.damaged)
}

// declaration is the declared baseline, if it is valid.
func (p *page) declaration() (int32, bool) {
	n, err := strconv.Atoi(p.declared)
	return int32(n), err == nil && n >= 0 && n <= 999_999 && strconv.Itoa(n) == p.declared
}

// wanted is the baseline.
func (p *page) wanted() int32 {
	if n, ok := p.declaration(); ok {
		return p.legal(n)
	}
	return p.word
}

// raised reports whether minReplicas is a floor, not a number that somebody else wrote.
func (p *page) raised() bool {
	return p.damaged || p.held && p.live == p.floor && p.baseline != p.floor
}

// above is the minReplicas that somebody wrote, which no floor lowers, and 0 if it is a floor.
func (p *page) above() int32 {
	if p.raised() {
		return 0
	}
	return p.live
}

// The limits of floorkeeper: a floor, and how many times the baseline it may be, if that is more than mostAlways.
const (
	mostReplicas = 60
	mostTimes    = 4
	mostAlways   = 50
)

// most is the largest floor over a baseline.
func (p *page) most(baseline int32) int32 {
	most := min(p.maxReplicas, mostReplicas, max(mostAlways, mostTimes*baseline))
	if n, err := strconv.Atoi(p.maxFloor); err == nil {
		most = min(most, int32(n))
	}
	return most
}

// legal is the nearest value that the API server accepts.
func (p *page) legal(n int32) int32 {
	if n == 0 && (!p.external || p.noZero) {
		return 1
	}
	return min(n, p.maxReplicas)
}

// standing is the state that an HPA should have, as far as anybody may see it.
type standing struct {
	Min, Max    int32
	Labels      map[string]string
	Annotations map[string]string
	Metric      autoscalingv2.MetricSourceType
	Target      string
}

// scaleTarget is what every HPA scales.
const scaleTarget = "apps/v1 Deployment web"

// expected returns the page once floorkeeper has done its work at the instant, the state of the HPA then, and whether a
// ramp is under way.
func (p *page) expected(o *oracle, t time.Time) (next page, s standing, ramp bool) {
	next = *p
	s.Annotations = p.owners()
	if p.other != nil {
		maps.Copy(s.Annotations, p.otherMarks())
		s.Min, s.Max, s.Labels, s.Target, s.Metric = p.live, p.maxReplicas, p.labels(), scaleTarget, p.metric().Type
		return next, s, true
	}
	_, declared := p.declaration()
	if p.damaged && !declared || p.takenOff() {
		if p.damaged {
			maps.Copy(s.Annotations, damage())
		}
		s.Min, s.Max, s.Labels, s.Target, s.Metric = p.live, p.maxReplicas, p.labels(), scaleTarget, p.metric().Type
		return next, s, true
	}
	a := answer{}
	if p.covered() {
		a = o.at(subject{p.namespace, p.name, p.tier, int64(p.wanted())}, t)
	}
	switch {
	case a.floor > 0:
		next.held, next.damaged = true, false
		next.baseline = p.wanted()
		next.floor = max(next.baseline, min(int32(a.floor), p.most(next.baseline)))
		next.live, next.word = next.floor, next.baseline
		if above := p.above(); above > next.floor {
			next.live, next.word = above, above
		}
		maps.Copy(s.Annotations, map[string]string{
			prefix + "baseline": strconv.Itoa(int(next.baseline)), prefix + "floor": strconv.Itoa(int(next.floor)),
			prefix + "because": a.because, prefix + "since": a.since.Format(time.RFC3339Nano), prefix + "until": a.until.Format(time.RFC3339Nano),
			prefix + "managed-by": installation,
		})
	case p.held || p.damaged:
		next.live = p.legal(p.wanted())
		next.word, next.held, next.damaged, next.baseline, next.floor = next.live, false, false, 0, 0
	}
	next.known = mark{next.baseline, next.floor}
	s.Min, s.Max, s.Labels, s.Target = next.live, p.maxReplicas, p.labels(), scaleTarget
	s.Metric = p.metric().Type
	return next, s, a.ramp
}

// owners are the annotations that the owner has set.
func (p *page) owners() map[string]string {
	all := map[string]string{"example.com/note": p.note}
	if p.ignore {
		all[prefix+"ignore"] = "true"
	}
	if p.declared != "" {
		all[prefix+"declared-baseline"] = p.declared
	}
	if p.maxFloor != "" {
		all[prefix+"max-floor"] = p.maxFloor
	}
	return all
}

func (p *page) labels() map[string]string {
	all := map[string]string{"app": p.name}
	if p.tier != "" {
		all["tier"] = p.tier
	}
	return all
}

// metric is what the HPA scales by: the one that the API server would choose, or an External one.
func (p *page) metric() autoscalingv2.MetricSpec {
	if !p.external {
		return autoscalingv2.MetricSpec{
			Type: autoscalingv2.ResourceMetricSourceType,
			Resource: &autoscalingv2.ResourceMetricSource{
				Name:   corev1.ResourceCPU,
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(80))},
			},
		}
	}
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ExternalMetricSourceType,
		External: &autoscalingv2.ExternalMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: "queue"},
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: resource.NewQuantity(100, resource.DecimalSI)},
		},
	}
}

// manifest is the HPA as its owner keeps it in Git, with a minReplicas.
func (p *page) manifest(minReplicas int32) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.namespace, Name: p.name, Labels: p.labels(), Annotations: p.owners(), OwnerReferences: p.ownerReferences(),
		},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    &minReplicas,
			MaxReplicas:    p.maxReplicas,
			Metrics:        []autoscalingv2.MetricSpec{p.metric()},
		},
	}
}

// ownerReferences are those of an HPA that KEDA makes.
func (p *page) ownerReferences() []metav1.OwnerReference {
	if !p.keda {
		return nil
	}
	return []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: p.name, UID: types.UID("scaledobject-" + p.name)}}
}

// damage is what somebody makes of floorkeeper's annotations who damages them.
func damage() map[string]string {
	return map[string]string{
		prefix + "baseline": "x", prefix + "floor": "7", prefix + "because": "me", prefix + "since": "-", prefix + "until": "-",
		prefix + "managed-by": installation,
	}
}

// stands returns the state of the HPA.
func stands(hpa *autoscalingv2.HorizontalPodAutoscaler) standing {
	ref := hpa.Spec.ScaleTargetRef
	s := standing{
		Min: 1, Max: hpa.Spec.MaxReplicas, Labels: hpa.Labels, Annotations: hpa.Annotations,
		Target: ref.APIVersion + " " + ref.Kind + " " + ref.Name,
	}
	if hpa.Spec.MinReplicas != nil {
		s.Min = *hpa.Spec.MinReplicas
	}
	if len(hpa.Spec.Metrics) == 1 {
		s.Metric = hpa.Spec.Metrics[0].Type
	}
	return s
}

// owned reports whether floorkeeper owns a field of the HPA.
func owned(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	return slices.ContainsFunc(hpa.ManagedFields, func(m metav1.ManagedFieldsEntry) bool { return m.Manager == "floorkeeper" })
}
