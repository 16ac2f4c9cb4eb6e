package imports

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// late is how late, in minutes, a CronJob may change a floor before that is worth a comment.
const late = 60

// scaler is what a CronJob of hpa-time-scaler is set to.
type scaler struct {
	from         string
	job          object
	namespace    string
	hpa          string
	timeZone     string
	up, down     time.Time
	upTo, downTo int64 // replicas
}

// HPATimeScaler turns the CronJobs of reecetech/hpa-time-scaler, with the ConfigMaps of their environments, into a
// schedule.
func HPATimeScaler(objects []manifests.Object, options Options) *Draft {
	d := begin("hpa-time-scaler", options)
	known := d.configMapsOf(objects)
	baselines := d.baselines(objects)
	days := calendar()
	for i := range objects {
		o := object{&objects[i]}
		if !o.is("batch", "CronJob") {
			continue
		}
		for _, c := range d.containers(o, known, "jobTemplate", "spec", "template") {
			env := c.environment("NAMESPACE", "HPA_NAME", "TIMEZONE", "SCALE_UP_TIME", "SCALE_DOWN_TIME", "SCALE_UP_REPLICAS", "SCALE_DOWN_REPLICAS")
			if _, times := env.values["SCALE_UP_TIME"]; !times && !c.declares("SCALE_UP_TIME") && !c.runs("hpa-time-scaler") || !d.once(o) {
				continue
			}
			d.Found++
			if s, err := readScaler(o, env); err != nil {
				d.leave(origin(o.Object), "%v", err)
			} else {
				d.scaled(s, days, baselines)
			}
		}
	}
	return d
}

// baselines returns the minReplicas of the HPAs among the objects, by namespace and name.
func (d *Draft) baselines(objects []manifests.Object) map[[2]string]int64 {
	all := map[[2]string]int64{}
	for i := range objects {
		if o := (object{&objects[i]}); o.is("autoscaling", "HorizontalPodAutoscaler") {
			replicas, ok := whole(o.spec("minReplicas"))
			if !ok {
				replicas = 1
			}
			all[[2]string{d.namespace(o.namespace()), o.name()}] = replicas
		}
	}
	return all
}

// readScaler reads the environment of the program, with its defaults.
func readScaler(o object, from environment) (*scaler, error) {
	env, given := from.values, false
	s := &scaler{
		from: origin(o.Object), job: o, hpa: env["HPA_NAME"], timeZone: cmp.Or(env["TIMEZONE"], "UTC"),
	}
	if len(from.unknown) > 0 {
		return nil, errors.New(from.unknowns())
	}
	if s.namespace, given = env["NAMESPACE"]; !given || s.hpa == "" {
		return nil, errors.New("it has no HPA_NAME or no NAMESPACE, without which the program does not start")
	}
	if zone := o.spec("timeZone"); zone != nil && !LegalZone(text(zone)) {
		return nil, fmt.Errorf("its timeZone is %s, not an IANA name, so that it does not run", quote(written(zone)))
	}
	return s, s.read(env)
}

// read reads the times and the numbers.
func (s *scaler) read(env map[string]string) (err error) {
	if s.up, err = time.Parse("15:04", cmp.Or(env["SCALE_UP_TIME"], "05:00")); err != nil {
		return fmt.Errorf("SCALE_UP_TIME is %s, not a time such as 08:00", quote(env["SCALE_UP_TIME"]))
	}
	if s.down, err = time.Parse("15:04", cmp.Or(env["SCALE_DOWN_TIME"], "18:00")); err != nil {
		return fmt.Errorf("SCALE_DOWN_TIME is %s, not a time such as 18:00", quote(env["SCALE_DOWN_TIME"]))
	}
	if s.upTo, err = strconv.ParseInt(cmp.Or(env["SCALE_UP_REPLICAS"], "2"), 10, 32); err != nil || s.upTo < 1 {
		return fmt.Errorf("SCALE_UP_REPLICAS is %s, not a number from 1 on", quote(env["SCALE_UP_REPLICAS"]))
	}
	if s.downTo, err = strconv.ParseInt(cmp.Or(env["SCALE_DOWN_REPLICAS"], "1"), 10, 32); err != nil || s.downTo < 0 {
		return fmt.Errorf("SCALE_DOWN_REPLICAS is %s, not a number from 0 on", quote(env["SCALE_DOWN_REPLICAS"]))
	}
	if s.up.Equal(s.down) {
		return fmt.Errorf("SCALE_UP_TIME and SCALE_DOWN_TIME are both %s, so that it never scaled up", s.up.Format("15:04"))
	}
	return nil
}

// scaled adds the windows of one CronJob.
func (d *Draft) scaled(s *scaler, days []calendarDay, baselines map[[2]string]int64) {
	runs, comments := s.runs()
	if s.upTo < s.downTo && (!runs.weekly() || !runs.everyDay()) {
		d.leave(s.from, "SCALE_UP_REPLICAS %d is less than SCALE_DOWN_REPLICAS %d, and it does not run every day", s.upTo, s.downTo)
		return
	}
	shifts := s.shifts()
	meant := s.meant(days, runs, shifts[0])
	windows, err := windowsOf(days, meant)
	if err != nil {
		d.leave(s.from, "%v", err)
		return
	}
	comments = append(comments, s.zoneComments(days, runs, shifts)...)
	comments = append(comments, s.behaved(days, runs, shifts, meant)...)
	for i, e := range windows {
		e.Name, e.Origin = strings.TrimPrefix(s.namespace+"-"+s.hpa, "-"), s.from
		replicas, note, _ := most(max(s.upTo, s.downTo))
		t := d.target(s.namespace, s.hpa, replicas)
		if note != "" {
			t.Notes = append(t.Notes, note)
		}
		e.Targets = []Target{t}
		e.zone(s.timeZone, "UTC", "with a zone that it could not load, the program did nothing")
		if e.Suspend = s.job.spec("suspend") == true; e.Suspend {
			e.note(onSuspend, "the CronJob is suspended")
		}
		if i == 0 {
			e.noteAll(onDays, comments)
			replicas, known := baselines[[2]string{d.namespace(s.namespace), s.hpa}]
			e.noteBaseline(s, replicas, known)
		}
		d.addWindow(e)
	}
}

// noteBaseline says what becomes of SCALE_DOWN_REPLICAS, which no schedule holds: it is the HPA's own minReplicas.
func (e *Entry) noteBaseline(s *scaler, replicas int64, known bool) {
	own := min(s.upTo, s.downTo)
	name := "SCALE_DOWN_REPLICAS"
	if s.upTo < s.downTo {
		name = "SCALE_UP_REPLICAS"
		e.note(onStart, "SCALE_UP_REPLICAS %d is less than SCALE_DOWN_REPLICAS %d: the window holds the larger number, "+
			"over the hours that have it", s.upTo, s.downTo)
	}
	raised := ""
	if replicas == max(s.upTo, s.downTo) {
		raised = ", which is the CronJob's own number of the window"
	}
	switch {
	case !known:
		e.note(onTargets, "%s is %d: no schedule says that, it is the minReplicas of the HPA's own manifest; make sure of it there", name, own)
	case replicas != own:
		e.note(onTargets, "%s is %d, and the HPA has minReplicas %d%s: outside of the window set it to %d in the HPA's manifest, "+
			"as no schedule says that", name, own, replicas, raised, own)
	}
}
