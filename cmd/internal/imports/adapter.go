package imports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	zalandoGroup    = "zalando.org"
	scalingSchedule = "ScalingSchedule"
	clusterSchedule = "ClusterScalingSchedule"
)

// adapter is an import from kube-metrics-adapter.
type adapter struct {
	*Draft
	users    map[reference][]scheduleUser // by a ScalingSchedule or, without a namespace, a ClusterScalingSchedule
	window   time.Duration                // of ramps, where a schedule has none
	steps    string                       // of ramps
	timeZone string                       // where a schedule has none that is known
	guessed  bool                         // these three are the adapter's defaults, because its Deployment is not among the objects
}

// scheduleUser is an HPA that uses a schedule.
type scheduleUser struct {
	hpa          *manifests.Object
	averageMilli float64 // what of the schedule's value one Pod is for, in thousandths; 0 if that is not fixed
}

// KubeMetricsAdapter turns the ScalingSchedules and ClusterScalingSchedules of zalando-incubator/kube-metrics-adapter,
// with the HPAs that use them, into a schedule.
func KubeMetricsAdapter(objects []manifests.Object, options Options) *Draft {
	a := &adapter{Draft: newDraft("kube-metrics-adapter", objects, options), users: map[reference][]scheduleUser{}}
	a.readFlags()
	a.readUsers()
	for o, spec := range specs[scalingScheduleSpec](a.Draft, zalandoGroup, scalingSchedule, clusterSchedule) {
		if !a.duplicate(o) {
			a.scalingSchedule(o, spec, a.users[a.scheduleReference(o, o.GetKind(), o.GetName())])
		}
	}
	return a.Draft
}

// readFlags reads the flags of the adapter's Deployment, or takes its defaults.
func (a *adapter) readFlags() {
	a.window, a.steps, a.timeZone, a.guessed = 10*time.Minute, "10", "Europe/Berlin", true
	for _, c := range a.deployed("kube-metrics-adapter") {
		a.guessed = false
		a.window, _ = time.ParseDuration(c.argument("scaling-schedule-default-scaling-window", a.window.String()))
		a.steps = c.argument("scaling-schedule-ramp-steps", a.steps)
		a.timeZone = c.argument("scaling-schedule-default-time-zone", a.timeZone)
	}
	if a.timeZone = cmp.Or(a.options.TimeZone, a.timeZone); !legalZone(a.timeZone) {
		a.timeZone = "UTC"
	}
}

// scheduleReference names a schedule that an object has or uses.
func (a *adapter) scheduleReference(o *manifests.Object, kind, name string) reference {
	if kind == clusterSchedule {
		return reference{kind, "", name}
	}
	return reference{kind, a.namespace(o.GetNamespace()), name}
}

// readUsers reads which schedules the HPAs use.
func (a *adapter) readUsers() {
	known := sets.New[reference]()
	for o := range a.ofKind(zalandoGroup, scalingSchedule, clusterSchedule) {
		known.Insert(a.scheduleReference(o, o.GetKind(), o.GetName()))
	}
	for o, spec := range specs[autoscalingv2.HorizontalPodAutoscalerSpec](a.Draft, "autoscaling", "HorizontalPodAutoscaler") {
		for _, metric := range spec.Metrics {
			if metric.Object == nil {
				continue
			}
			used := metric.Object.DescribedObject
			if used.Kind != scalingSchedule && used.Kind != clusterSchedule || a.duplicate(o) {
				continue
			}
			user, average := scheduleUser{hpa: o}, valueOr(metric.Object.Target.AverageValue, resource.Quantity{})
			ref := a.scheduleReference(o, used.Kind, used.Name)
			switch milli := average.MilliValue(); {
			case !known.Has(ref):
				a.Found++
				a.omit(origin(o), "it uses the %s %s, which is not among the objects; give it too", ref.kind, quote(ref.name))
			case milli <= 0:
				a.omit(origin(o), "it uses the %s %s without an averageValue, so that the replicas it led to depended on "+
					"how many there were", ref.kind, quote(ref.name))
			default:
				user.averageMilli = float64(milli)
			}
			a.users[ref] = append(a.users[ref], user)
		}
	}
}

// scalingSchedule adds the windows and events of one object.
func (a *adapter) scalingSchedule(o *manifests.Object, spec *scalingScheduleSpec, users []scheduleUser) {
	from := origin(o)
	a.Found++
	if users == nil {
		a.omit(from, "no HPA among the objects uses it; give the HPAs too")
		return
	}
	ramp, notes, err := a.ramp(spec)
	if err != nil {
		a.omit(from, "%v", err)
		return
	}
	for i, p := range spec.Schedules {
		e := &Entry{
			Name: o.GetName(), Origin: fmt.Sprintf("%s, schedule %d", from, i+1), TimeZone: a.timeZone, RampUp: ramp, RampDown: ramp,
		}
		for _, user := range users {
			if user.averageMilli > 0 {
				e.Targets = append(e.Targets, a.target(user.hpa.GetNamespace(), user.hpa.GetName(), replicas(p.Value, user.averageMilli)))
			}
		}
		if len(e.Targets) == 0 {
			return
		}
		e.noteAll(onRampUp, notes)
		add := a.addWindow
		if p.Type == "OneTime" {
			add = a.addEvent
		}
		if err := p.fill(e, a.timeZone); err != nil {
			a.omit(e.Origin, "%v", err)
			continue
		}
		add(e)
	}
}

// replicas returns what the HPA controller makes of a metric with an averageValue.
func replicas(value int64, averageMilli float64) int64 {
	return int64(min(math.Ceil(float64(value)*1000/averageMilli), math.MaxInt32))
}

// ramp returns the ramp of a ScalingSchedule, and comments on it.
func (a *adapter) ramp(spec *scalingScheduleSpec) (time.Duration, []string, error) {
	ramp, notes := a.window, []string(nil)
	switch minutes := spec.ScalingWindowDurationMinutes; {
	case minutes != nil && *minutes < 0:
		return 0, nil, errors.New("scalingWindowDurationMinutes is negative, and the adapter gave no metric at all")
	case minutes != nil:
		ramp = inMinutes(*minutes)
	case a.guessed:
		notes = append(notes, "10 minutes are the adapter's default, unless its --scaling-schedule-default-scaling-window says otherwise")
	}
	if ramp > maxRamp {
		notes = append(notes, fmt.Sprintf("a ramp of %s there; a schedule has at most 24h", schedules.FormatDuration(ramp)))
		ramp = maxRamp
	}
	if ramp > 0 {
		notes = append(notes, fmt.Sprintf("ramps climb in 10 steps from the baseline; there in %s steps from 0", clean(a.steps)))
	}
	return ramp.Truncate(time.Second), notes, nil
}
