package imports

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

const (
	zalandoGroup    = "zalando.org"
	scalingSchedule = "ScalingSchedule"
	clusterSchedule = "ClusterScalingSchedule"
)

// adapter is an import from kube-metrics-adapter.
type adapter struct {
	*Draft
	hpas     []object             // that use schedules
	users    map[reference][]user // by a ScalingSchedule or, without a namespace, a ClusterScalingSchedule
	window   time.Duration        // of ramps, where a schedule says nothing
	steps    string               // of ramps
	timeZone string               // where a schedule has none that is known
	guessed  bool                 // these three are the adapter's defaults, because its Deployment is not among the objects
}

// user is an HPA that uses a schedule, and what of its value one Pod is for, in thousandths.
type user struct {
	namespace, name string
	milli           int64
}

// KubeMetricsAdapter turns the ScalingSchedules and ClusterScalingSchedules of zalando-incubator/kube-metrics-adapter,
// with the HPAs that use them, into a schedule.
func KubeMetricsAdapter(objects []manifests.Object, options Options) *Draft {
	a := &adapter{Draft: begin("kube-metrics-adapter", options), users: map[reference][]user{}}
	a.settings(objects)
	known := map[reference]bool{}
	for i := range objects {
		if o := (object{&objects[i]}); o.is("autoscaling", "HorizontalPodAutoscaler") {
			a.readUser(o)
		}
	}
	for i := range objects {
		o := object{&objects[i]}
		if !o.is(zalandoGroup, scalingSchedule) && !o.is(zalandoGroup, clusterSchedule) || !a.once(o) {
			continue
		}
		ref := reference{o.kind(), "", o.name()}
		if o.kind() == scalingSchedule {
			ref.namespace = a.namespace(o.namespace())
		}
		known[ref] = true
		a.scalingSchedule(o, a.users[ref])
	}
	for _, o := range a.hpas {
		a.missing(o, known)
	}
	return a.Draft
}

// settings finds the flags of the adapter's Deployment, or takes its defaults.
func (a *adapter) settings(objects []manifests.Object) {
	a.window, a.steps, a.timeZone, a.guessed = 10*time.Minute, "10", "Europe/Berlin", true
	for i := range objects {
		o := object{&objects[i]}
		if !o.is("apps", "Deployment") {
			continue
		}
		for _, c := range a.containers(o, nil, "template") {
			if !c.runs("kube-metrics-adapter") {
				continue
			}
			a.guessed = false
			if value, given := c.argument("scaling-schedule-default-scaling-window"); given {
				a.window, _ = time.ParseDuration(value)
			}
			if value, given := c.argument("scaling-schedule-ramp-steps"); given {
				a.steps = value
			}
			if value, given := c.argument("scaling-schedule-default-time-zone"); given {
				a.timeZone = value
			}
		}
	}
	if a.Draft.settings.TimeZone != "" {
		a.timeZone = a.Draft.settings.TimeZone
	}
}

// use is a metric of an HPA that refers to a schedule.
type use struct {
	reference
	target any
}

// uses returns the metrics of an HPA that refer to schedules.
func (a *adapter) uses(o object) []use {
	var all []use
	for _, metric := range list(o.spec("metrics")) {
		described := at(metric, "object", "describedObject")
		ref := reference{text(at(described, "kind")), "", text(at(described, "name"))}
		switch {
		case text(at(metric, "type")) != "Object" || ref.kind != scalingSchedule && ref.kind != clusterSchedule:
			continue
		case ref.kind == scalingSchedule:
			ref.namespace = a.namespace(o.namespace())
		}
		all = append(all, use{ref, at(metric, "object", "target")})
	}
	return all
}

// readUser notes which schedules an HPA uses. One that is used, but not in a way that can be imported, has no users.
func (a *adapter) readUser(o object) {
	uses := a.uses(o)
	if len(uses) == 0 || !a.once(o) {
		return
	}
	a.hpas = append(a.hpas, o)
	for _, u := range uses {
		if a.users[u.reference] == nil {
			a.users[u.reference] = []user{}
		}
		quantity, err := resource.ParseQuantity(written(at(u.target, "averageValue")))
		if err != nil || quantity.Sign() <= 0 || quantity.MilliValue() <= 0 {
			a.leave(origin(o.Object), "it uses the %s %s without an averageValue, so that the replicas it led to depended on "+
				"how many there were", u.kind, quote(u.name))
			continue
		}
		a.users[u.reference] = append(a.users[u.reference], user{o.namespace(), o.name(), quantity.MilliValue()})
	}
}

// missing says which schedules an HPA uses that are not among the objects.
func (a *adapter) missing(o object, known map[reference]bool) {
	for _, u := range a.uses(o) {
		if !known[u.reference] {
			a.Found++
			a.leave(origin(o.Object), "it uses the %s %s, which is not among the objects; give it too", u.kind, quote(u.name))
		}
	}
}

// scalingSchedule adds the windows and events of one object.
func (a *adapter) scalingSchedule(o object, users []user) {
	from := origin(o.Object)
	items := list(o.spec("schedules"))
	a.Found++
	if users == nil {
		a.leave(from, "no HPA among the objects uses it; give the HPAs too")
	}
	if len(users) == 0 {
		return
	}
	ramp, comments, err := a.ramp(o)
	if err != nil {
		a.leave(from, "%v", err)
		return
	}
	for i, fields := range items {
		s := &period{adapter: a, fields: fields, from: fmt.Sprintf("%s, schedule %d", from, i+1)}
		e, err := s.entry(ramp)
		if err != nil {
			a.leave(s.from, "%v", err)
			continue
		}
		e.Name = o.name()
		for _, comment := range comments {
			e.note(onRampUp, "%s", comment)
		}
		for _, u := range users {
			e.Targets = append(e.Targets, a.weighted(u, s.value))
		}
		if text(at(fields, "type")) == "OneTime" {
			a.addEvent(e)
		} else {
			a.addWindow(e)
		}
	}
}

// weighted returns an HPA with the replicas that a value leads to.
func (a *adapter) weighted(u user, value int64) Target {
	milli := new(big.Int).Mul(big.NewInt(value), big.NewInt(1000))
	milli.Add(milli, big.NewInt(u.milli-1)).Quo(milli, big.NewInt(u.milli))
	if milli.Cmp(big.NewInt(math.MaxInt64)) > 0 {
		milli.SetInt64(math.MaxInt64)
	}
	replicas, note, _ := most(milli.Int64())
	t := a.target(u.namespace, u.name, replicas)
	if note != "" {
		t.Notes = append(t.Notes, note)
	}
	return t
}
