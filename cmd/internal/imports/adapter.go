package imports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
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

type adapter struct {
	*Draft
	users    map[reference][]scheduleUser // by a ScalingSchedule or, without a namespace, a ClusterScalingSchedule
	window   time.Duration                // of ramps, where a schedule has none
	steps    string                       // of ramps
	timeZone string                       // where a schedule has none that is known
	guessed  bool                         // these three are the adapter's defaults, because its Deployment is not among the objects
}

type scheduleUser struct {
	hpa          *manifests.Object
	averageMilli float64 // what of the schedule's value one Pod is for, in thousandths; not above 0 if that is not fixed
}

// KubeMetricsAdapter turns the ScalingSchedules and ClusterScalingSchedules of zalando-incubator/kube-metrics-adapter,
// with the HPAs that use them, into a schedule.
func KubeMetricsAdapter(objects []manifests.Object, options Options) *Draft {
	a := &adapter{Draft: newDraft("kube-metrics-adapter", objects, options), users: map[reference][]scheduleUser{}}
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
	a.readUsers()
	for o, spec := range specs[scalingScheduleSpec](a.Draft, zalandoGroup, scalingSchedule, clusterSchedule) {
		if !a.duplicate(o) {
			a.scalingSchedule(o, spec, a.users[a.scheduleReference(o, o.GetKind(), o.GetName())])
		}
	}
	return a.Draft
}

func (a *adapter) scheduleReference(o *manifests.Object, kind, name string) reference {
	if kind == clusterSchedule {
		return reference{kind, "", name}
	}
	return reference{kind, a.namespace(o.GetNamespace()), name}
}

func (a *adapter) readUsers() {
	for o := range a.ofKind(zalandoGroup, scalingSchedule, clusterSchedule) {
		a.users[a.scheduleReference(o, o.GetKind(), o.GetName())] = nil
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
			average := valueOr(metric.Object.Target.AverageValue, resource.Quantity{})
			ref := a.scheduleReference(o, used.Kind, used.Name)
			users, known := a.users[ref]
			switch {
			case !known:
				a.Found++
				a.omit(origin(o), "it uses the %s %s, which is not among the objects; give it too", ref.kind, quote(ref.name))
				continue
			case average.MilliValue() <= 0:
				a.omit(origin(o), "it uses the %s %s without an averageValue, so that the replicas it led to depended on "+
					"how many there were", ref.kind, quote(ref.name))
			}
			a.users[ref] = append(users, scheduleUser{o, float64(average.MilliValue())})
		}
	}
}

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
			if user.averageMilli > 0 { // as the HPA controller rounds it
				replicas := min(math.Ceil(float64(p.Value)*1000/user.averageMilli), math.MaxInt32)
				e.Targets = append(e.Targets, a.target(user.hpa.GetNamespace(), user.hpa.GetName(), int64(replicas)))
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

func (a *adapter) ramp(spec *scalingScheduleSpec) (time.Duration, []string, error) {
	ramp, notes := a.window, []string(nil)
	switch minutes := spec.ScalingWindowDurationMinutes; {
	case minutes != nil && *minutes < 0:
		return 0, nil, errors.New("scalingWindowDurationMinutes is negative, and the adapter gave no metric at all")
	case minutes != nil:
		ramp = inMinutes(*minutes)
	case a.guessed:
		notes = append(notes, "10 minutes are the adapter's default, unless its --scaling-schedule-default-scaling-window sets another")
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

const (
	maxRamp     = 24 * time.Hour     // that a schedule can have
	maxDuration = 7 * 24 * time.Hour // likewise
)

type scalingScheduleSpec struct {
	ScalingWindowDurationMinutes *int64   `json:"scalingWindowDurationMinutes"`
	Schedules                    []period `json:"schedules"`
}

type period struct {
	Type            string `json:"type"`
	Value           int64  `json:"value"`
	DurationMinutes int64  `json:"durationMinutes"`
	Date            string `json:"date"`
	EndDate         string `json:"endDate"`
	Period          struct {
		Days      []string `json:"days"`
		StartTime string   `json:"startTime"`
		EndTime   string   `json:"endTime"`
		TimeZone  string   `json:"timezone"`
	} `json:"period"`
}

// inMinutes returns a number of minutes, limited to what a Duration can hold by far.
func inMinutes(n int64) time.Duration {
	return time.Duration(min(max(n, 0), 100_000_000)) * time.Minute
}

func (p *period) fill(e *Entry, defaultZone string) error {
	switch {
	case p.Value < 1:
		return fmt.Errorf("its value is %d, not a number from 1 on", p.Value)
	case p.Type == "OneTime":
		return p.oneTime(e)
	case p.Type == "Repeating":
		return p.repeating(e, defaultZone)
	}
	return fmt.Errorf("its type is %s, not OneTime or Repeating", quote(p.Type))
}

// oneTime reads when a one-off schedule starts and ends: at its endDate or after its duration, whichever is later.
func (p *period) oneTime(e *Entry) error {
	start, err := parseTime("its date", time.RFC3339, p.Date, "one such as 2026-12-18T20:00:00+01:00")
	end, endErr := parseTime("its endDate", time.RFC3339, cmp.Or(p.EndDate, p.Date), "one such as 2026-12-18T23:00:00+01:00")
	if err = cmp.Or(err, endErr); err != nil {
		return err
	}
	if after := start.Add(inMinutes(p.DurationMinutes)); after.After(end) {
		end = after
	}
	if !end.Truncate(time.Second).After(start.Truncate(time.Second)) {
		return errors.New("it has no duration: nothing of it but its ramps was ever active")
	}
	if start.Nanosecond()+end.Nanosecond() > 0 {
		e.note(onStart, "fractions of a second are left out")
	}
	e.Start, e.End = start.Format(time.RFC3339), end.Format(time.RFC3339)
	return nil
}

func (p *period) repeating(e *Entry, defaultZone string) error {
	days, week := sets.New[int](), []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
	for _, name := range p.Period.Days {
		if day := slices.Index(week, name); day >= 0 {
			days.Insert(day)
		} else {
			e.note(onDays, "%s is not a day, and the adapter ignored it", quote(name))
		}
	}
	e.Dates.Days = sets.List(days)
	switch len(e.Dates.Days) {
	case 0:
		return errors.New("it has no days, so that it was never active")
	case 7:
		e.Dates.Days = nil
	}
	e.setZone(p.Period.TimeZone, defaultZone, "the adapter did so too, by its --scaling-schedule-default-time-zone")
	return p.hours(e)
}

// hours sets the start of a window and its end or, if it is longer, its duration.
func (p *period) hours(e *Entry) error {
	const such = "a time such as 15:45; the adapter gave no metric at all"
	start, err := parseTime("its startTime", "15:04", p.Period.StartTime, such)
	end, endErr := parseTime("its endTime", "15:04", cmp.Or(p.Period.EndTime, p.Period.StartTime), such)
	if err = cmp.Or(err, endErr); err != nil {
		return err
	}
	backwards := end.Before(start)
	if backwards {
		end = end.AddDate(0, 0, 1)
	}
	length := inMinutes(p.DurationMinutes)
	if length > maxDuration {
		e.note(onEnd, "%d minutes there; a schedule has at most 7d", p.DurationMinutes)
		length = maxDuration
	}
	e.Start, e.End = timeOfDay(start), endOfDay(end)
	if length > end.Sub(start) {
		e.End, e.Duration, end = "", length, start.Add(length)
	}
	if end.Equal(start) {
		return errors.New("it has no duration: nothing of it but its ramps was ever active")
	}
	midnight := start.Truncate(24 * time.Hour)
	if backwards || start.Add(-e.RampUp).Before(midnight) || end.Add(e.RampDown).After(midnight.AddDate(0, 0, 1)) {
		e.note(onEnd, "it crosses midnight or its ramps do, as its text means; the adapter began and ended everything at 00:00, and "+
			"ignored an end before the start")
	}
	return nil
}
