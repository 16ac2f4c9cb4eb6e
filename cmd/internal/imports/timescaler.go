package imports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// scaler is what a CronJob of hpa-time-scaler is set to. Each run sets minReplicas to the number of that moment, and it
// stays until the next run.
type scaler struct {
	job            *batchv1.CronJobSpec
	namespace, hpa string
	timeZone       string // of up and down
	up, down       time.Time
	upTo, downTo   int64 // replicas
	line           *cronLine
	daily          bool    // it runs on every date
	hours          stretch // of the larger number, from the midnight before
}

// HPATimeScaler turns the CronJobs of reecetech/hpa-time-scaler, with the ConfigMaps of their environments, into a
// schedule.
func HPATimeScaler(objects []manifests.Object, options Options) *Draft {
	d := newDraft("hpa-time-scaler", objects, options)
	baselines := map[[2]string]int64{}
	for o, spec := range specs[autoscalingv2.HorizontalPodAutoscalerSpec](d, "autoscaling", "HorizontalPodAutoscaler") {
		baselines[[2]string{d.namespace(o.GetNamespace()), o.GetName()}] = int64(valueOr(spec.MinReplicas, 1))
	}
	days := calendar()
	for o, job := range specs[batchv1.CronJobSpec](d, "batch", "CronJob") {
		for _, c := range d.containers(o, job.JobTemplate.Spec.Template) {
			_, timed, _ := c.variable("SCALE_UP_TIME")
			declared := slices.ContainsFunc(c.Env, func(v corev1.EnvVar) bool { return v.Name == "SCALE_UP_TIME" })
			if !timed && !declared && !c.runs("hpa-time-scaler") || d.duplicate(o) {
				continue
			}
			d.Found++
			s := &scaler{job: job}
			if err := s.read(c); err != nil {
				d.omit(origin(o), "%v", err)
				continue
			}
			d.addScaler(s, origin(o), days, baselines)
		}
	}
	return d
}

func (s *scaler) read(c container) error {
	env, err := c.environment("NAMESPACE", "HPA_NAME", "TIMEZONE", "SCALE_UP_TIME", "SCALE_DOWN_TIME", "SCALE_UP_REPLICAS", "SCALE_DOWN_REPLICAS")
	if err != nil {
		return err
	}
	given := false
	s.namespace, given = env["NAMESPACE"]
	s.hpa, s.timeZone = env["HPA_NAME"], cmp.Or(env["TIMEZONE"], "UTC")
	switch {
	case !given || s.hpa == "":
		return errors.New("it has no HPA_NAME or no NAMESPACE, without which the program does not start")
	case s.job.TimeZone != nil && !legalZone(*s.job.TimeZone):
		return fmt.Errorf("its timeZone is %s, not an IANA name, so that it does not run", quote(*s.job.TimeZone))
	}
	return s.readNumbers(env)
}

func (s *scaler) readNumbers(env map[string]string) error {
	const such = "a time such as "
	var errs [4]error
	s.up, errs[0] = parseTime("SCALE_UP_TIME", "15:04", cmp.Or(env["SCALE_UP_TIME"], "05:00"), such+"08:00")
	s.down, errs[1] = parseTime("SCALE_DOWN_TIME", "15:04", cmp.Or(env["SCALE_DOWN_TIME"], "18:00"), such+"18:00")
	s.upTo, errs[2] = parseReplicas("SCALE_UP_REPLICAS", cmp.Or(env["SCALE_UP_REPLICAS"], "2"), 32, 1)
	s.downTo, errs[3] = parseReplicas("SCALE_DOWN_REPLICAS", cmp.Or(env["SCALE_DOWN_REPLICAS"], "1"), 32, 0)
	if err := cmp.Or(errs[:]...); err != nil {
		return err
	}
	if s.up.Equal(s.down) {
		return fmt.Errorf("SCALE_UP_TIME and SCALE_DOWN_TIME are both %s, so that it never scaled up", s.up.Format("15:04"))
	}
	return nil
}

func (d *Draft) addScaler(s *scaler, from string, days []calendarDay, baselines map[[2]string]int64) {
	notes, err := s.readSchedule(days)
	if err != nil {
		d.omit(from, "%v", err)
		return
	}
	if s.upTo < s.downTo && !s.daily {
		d.omit(from, "SCALE_UP_REPLICAS %d is less than SCALE_DOWN_REPLICAS %d, and it does not run every day", s.upTo, s.downTo)
		return
	}
	var larger []stretch
	for i, day := range days {
		if s.line.on(day) {
			larger = append(larger, stretch{i*dayLength + s.hours.from, i*dayLength + s.hours.to})
		}
	}
	windows, err := windowsOf(days, larger)
	if err != nil {
		d.omit(from, "%v", err)
		return
	}
	for i, e := range windows {
		e.Name, e.Origin = strings.TrimPrefix(s.namespace+"-"+s.hpa, "-"), from
		e.Targets = []Target{d.target(s.namespace, s.hpa, max(s.upTo, s.downTo))}
		e.setZone(s.timeZone, "UTC", "with a zone that it could not load, the program did nothing")
		if e.Suspend = valueOr(s.job.Suspend, false); e.Suspend {
			e.note(onSuspend, "the CronJob is suspended")
		}
		if i == 0 {
			e.noteAll(onDays, notes)
			replicas, known := baselines[[2]string{d.namespace(s.namespace), s.hpa}]
			e.noteBaseline(s, replicas, known)
		}
		d.addWindow(e)
	}
}

// readSchedule reads on which days the CronJob runs and in which hours the larger number applies, and returns comments.
// Kubernetes runs CronJobs with a time zone in their schedule, though it accepts no new ones.
func (s *scaler) readSchedule(days []calendarDay) (notes []string, err error) {
	line := strings.TrimSpace(s.job.Schedule)
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			zone, fields, _ := strings.Cut(rest, " ")
			if !legalZone(zone) {
				return nil, fmt.Errorf("the CronJob's schedule %s has the time zone %s, which is no IANA name", quote(s.job.Schedule), quote(zone))
			}
			line, s.job.TimeZone = fields, &zone
		}
	}
	if s.line, err = parseCron(line, cronFields|cron.Descriptor); err != nil {
		return nil, fmt.Errorf("the CronJob's schedule %s cannot be read: %w", quote(s.job.Schedule), err)
	}
	if len(s.line.minutes) == 0 {
		return nil, fmt.Errorf("the CronJob's schedule %s never comes due", quote(s.job.Schedule))
	}
	s.daily = !slices.ContainsFunc(days, func(d calendarDay) bool { return !s.line.on(d) })
	s.hours = stretch{minuteOf(s.up), minuteOf(s.down)}
	if s.upTo < s.downTo {
		s.hours.from, s.hours.to = s.hours.to, s.hours.from
	}
	if s.hours.to < s.hours.from {
		s.hours.to += dayLength
	}
	return s.runNotes(), nil
}

// runNotes returns a comment where a run may come more than an hour after the hours change, or on another day.
func (s *scaler) runNotes() []string {
	zone := "UTC, which is assumed as the CronJob names no time zone and runs by the clock of kube-controller-manager"
	if s.job.TimeZone != nil {
		zone = clean(*s.job.TimeZone)
	}
	sameClock := s.job.TimeZone != nil && *s.job.TimeZone == s.timeZone
	inTime := s.line.hourly() || sameClock && s.line.follows(s.hours.from) && s.line.follows(s.hours.to)
	sameDays := s.daily || sameClock && s.hours.to <= dayLength-60 // the last run may be an hour late
	if inTime && sameDays {
		return nil
	}
	return []string{fmt.Sprintf("the CronJob changed minReplicas only when it ran, at %s in the time zone %s: see that these "+
		"days and hours in %s are what is meant", quote(s.job.Schedule), zone, clean(s.timeZone))}
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// noteBaseline names the smaller number, which no schedule holds, unless the HPA has it already.
func (e *Entry) noteBaseline(s *scaler, replicas int64, known bool) {
	name, own := "SCALE_DOWN_REPLICAS", min(s.upTo, s.downTo)
	if s.upTo < s.downTo {
		name = "SCALE_UP_REPLICAS"
		e.note(onStart, "SCALE_UP_REPLICAS %d is less than SCALE_DOWN_REPLICAS %d: the window holds the larger number, "+
			"over the hours that have it", s.upTo, s.downTo)
	}
	switch {
	case !known:
		e.note(onTargets, "%s is %d: no schedule holds that, it is the minReplicas of the HPA's own manifest; make sure of it there", name, own)
	case replicas != own:
		e.note(onTargets, "%s is %d, and the HPA has minReplicas %d: outside of the window set it to %d in the HPA's manifest, "+
			"as no schedule holds that", name, own, replicas, own)
	}
}
