package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/util/sets"
)

// scalerRuns is when a CronJob runs, and between which times of day the larger number applies. Each run sets minReplicas
// to the number of that moment, and it stays until the next run.
type scalerRuns struct {
	*cronLine
	daily      bool
	start, end int   // in minutes; the end is after the start, and may be on the next day
	ahead      []int // by how many minutes the clock of start and end is ahead of the CronJob's; several where the clocks change
}

// runs reads when the CronJob runs. Comments say what cannot be read, and where its effect may have been another than
// the windows have.
func (s *scaler) runs(days []calendarDay) (*scalerRuns, []string) {
	var notes []string
	line, err := parseCron(s.job.Schedule, cronFields|cron.Descriptor)
	if err != nil || len(line.minutes) == 0 {
		line, _ = parseCron("* * * * *", cronFields)
		notes = append(notes, fmt.Sprintf("the CronJob's schedule %s cannot be read; every day is assumed", quote(s.job.Schedule)))
	}
	r := &scalerRuns{cronLine: line, daily: line.daily(days), start: minuteOf(s.up), end: minuteOf(s.down)}
	if s.upTo < s.downTo {
		r.start, r.end = r.end, r.start
	}
	if r.end < r.start {
		r.end += dayLength
	}
	zone := "UTC, which is assumed as the CronJob names no time zone and runs by the clock of kube-controller-manager"
	if s.job.TimeZone != nil {
		zone = clean(*s.job.TimeZone)
	}
	r.ahead = s.ahead()
	if s.job.TimeZone == nil && !(r.daily && r.hourly()) || !r.exact() {
		notes = append(notes, fmt.Sprintf("the CronJob changed minReplicas only when it ran, at %s in the time zone %s: see that these "+
			"days and hours in %s are what is meant", quote(s.job.Schedule), zone, clean(s.timeZone)))
	}
	return r, notes
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// ahead compares the clock of the times with that of the CronJob on the days of four years, the most frequent difference
// first.
func (s *scaler) ahead() []int {
	there := "UTC"
	if s.job.TimeZone != nil {
		there = *s.job.TimeZone
	}
	jobZone, err := time.LoadLocation(there)
	timesZone, errTimes := time.LoadLocation(s.timeZone)
	if err != nil || errTimes != nil || s.timeZone == "Local" {
		return []int{0}
	}
	count := map[int]int{}
	for t := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() < 2030; t = t.AddDate(0, 0, 1) {
		_, times := t.In(timesZone).Zone()
		_, job := t.In(jobZone).Zone()
		count[(times-job)/60]++
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b int) int { return cmp.Or(count[b]-count[a], a-b) })
}

// exact reports whether the CronJob had the effect of the windows: it ran within an hour of each start and each end.
func (r *scalerRuns) exact() bool {
	for _, ahead := range r.ahead {
		sameDay := !r.daily
		if sameDay && (ahead != 0 || len(r.ahead) > 1) || !r.follows(r.start, ahead, sameDay) || !r.follows(r.end, ahead, sameDay) {
			return false
		}
	}
	return true
}

// follows reports whether a run follows a moment within an hour, on the same day if that matters.
func (r *scalerRuns) follows(moment, ahead int, sameDay bool) bool {
	return slices.ContainsFunc(r.minutes, func(minute int) bool {
		delay := minute + ahead - moment
		if !sameDay {
			delay = (delay%dayLength + dayLength) % dayLength
		}
		return 0 <= delay && delay <= 60
	})
}

// windows returns the windows that are meant. A CronJob that runs at all hours of its days means these days, by whatever
// clock. Any other one means the days of the windows in which it runs or, if it runs in none, those on which it runs.
func (r *scalerRuns) windows(days []calendarDay) []stretch {
	ran, open := sets.New[int](), sets.New[int]()
	for i, day := range days {
		if !r.on(day) {
			continue
		}
		if r.ahead[0] == 0 || r.hourly() {
			open.Insert(i)
			continue
		}
		for _, minute := range r.minutes {
			now := i*dayLength + minute + r.ahead[0]
			ran.Insert(now / dayLength)
			sinceStart := ((now-r.start)%dayLength + dayLength) % dayLength
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
