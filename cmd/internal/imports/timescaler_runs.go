package imports

import (
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/util/sets"
)

// scalerRuns is when a CronJob runs, and between which times of day the larger number applies. Each run sets minReplicas
// to the number of that moment, and it stays until the next run.
type scalerRuns struct {
	*cronLine
	daily, hourly bool
	start, end    int  // in minutes; the end is after the start, and may be on the next day
	ahead         int  // by how many minutes the clock of start and end is ahead of the CronJob's
	steady        bool // the two clocks are known, and no clock change shifts one against the other
}

// runs reads when the CronJob runs. It adds a comment if that cannot be read.
func (s *scaler) runs(days []calendarDay) (*scalerRuns, []string) {
	var notes []string
	line, err := parseCron(s.job.Schedule, cronFields|cron.Descriptor)
	if err != nil || len(line.minutes) == 0 {
		line, _ = parseCron("* * * * *", cronFields)
		notes = append(notes, fmt.Sprintf("the CronJob's schedule %s cannot be read; every day is assumed", quote(s.job.Schedule)))
	}
	r := &scalerRuns{cronLine: line, daily: line.daily(days), hourly: line.hourly(), start: minuteOf(s.up), end: minuteOf(s.down)}
	if s.upTo < s.downTo {
		r.start, r.end = r.end, r.start
	}
	if r.end < r.start {
		r.end += dayLength
	}
	r.ahead, r.steady = ahead(s.timeZone, valueOr(s.job.TimeZone, "UTC"))
	r.steady = r.steady && s.job.TimeZone != nil
	return r, notes
}

// notes returns a comment where a run may come too late, or on another day, for the windows to be what the CronJob did.
func (r *scalerRuns) notes(s *scaler) []string {
	inTime := r.hourly || r.steady && r.follows(r.start) && r.follows(r.end)
	sameDays := r.daily || r.steady && r.ahead == 0 && r.end <= dayLength-60 // the last run may be an hour late
	if inTime && sameDays {
		return nil
	}
	zone := "UTC, which is assumed as the CronJob names no time zone and runs by the clock of kube-controller-manager"
	if s.job.TimeZone != nil {
		zone = clean(*s.job.TimeZone)
	}
	return []string{fmt.Sprintf("the CronJob changed minReplicas only when it ran, at %s in the time zone %s: see that these "+
		"days and hours in %s are what is meant", quote(s.job.Schedule), zone, clean(s.timeZone))}
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// ahead returns by how many minutes the clock of a zone is ahead of that of another one in July 2026, and whether it is
// in January too.
func ahead(zone, other string) (minutes int, steady bool) {
	a, err := time.LoadLocation(zone)
	b, otherErr := time.LoadLocation(other)
	if err != nil || otherErr != nil || zone == "Local" {
		return 0, true // setZone adds a note
	}
	difference := func(month time.Month) int {
		t := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
		_, seconds := t.In(a).Zone()
		_, otherSeconds := t.In(b).Zone()
		return (seconds - otherSeconds) / 60
	}
	return difference(time.July), difference(time.July) == difference(time.January)
}

// follows reports whether a run follows a time of day within an hour.
func (r *scalerRuns) follows(moment int) bool {
	return slices.ContainsFunc(r.minutes, func(minute int) bool { return minutesOfDay(minute+r.ahead-moment) <= 60 })
}

// minutesOfDay returns minutes as a time of day, whatever the day.
func minutesOfDay(minutes int) int { return (minutes%dayLength + dayLength) % dayLength }

// windows returns the stretches of the larger number. A CronJob that runs at all hours of its days means these days, by any
// clock. Any other one means the days of the windows in which it runs or, if it runs in none, those on which it runs.
func (r *scalerRuns) windows(days []calendarDay) []stretch {
	ran, open := sets.New[int](), sets.New[int]()
	for i, day := range days {
		if !r.on(day) {
			continue
		}
		if r.ahead == 0 || r.hourly {
			open.Insert(i)
			continue
		}
		for _, minute := range r.minutes {
			now := i*dayLength + minute + r.ahead
			ran.Insert(now / dayLength)
			sinceStart := minutesOfDay(now - r.start)
			if sinceStart < r.end-r.start {
				open.Insert((now - sinceStart) / dayLength)
			}
		}
	}
	if len(open) == 0 {
		open = ran
	}
	var windows []stretch
	for _, day := range sets.List(open) {
		if 0 <= day && day < len(days) {
			windows = append(windows, stretch{day*dayLength + r.start, day*dayLength + r.end})
		}
	}
	return windows
}
