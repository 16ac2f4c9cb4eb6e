package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// cronZone returns the zone by whose clock the CronJob runs. Where it names none, that is the clock of
// kube-controller-manager, which is UTC as a rule.
func (s *scaler) cronZone() string { return cmp.Or(text(s.job.spec("timeZone")), "UTC") }

// shifts returns by how many minutes the clock of the times is ahead of that by which the CronJob runs, the most
// frequent first.
func (s *scaler) shifts() []int {
	there, err := time.LoadLocation(s.cronZone())
	here, errHere := time.LoadLocation(s.timeZone)
	if err != nil || errHere != nil || s.timeZone == "Local" {
		return []int{0}
	}
	count := map[int]int{}
	for t := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() < 2030; t = t.Add(6 * time.Hour) {
		_, ahead := t.In(here).Zone()
		_, behind := t.In(there).Zone()
		count[(ahead-behind)/60]++
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b int) int { return cmp.Or(count[b]-count[a], a-b) })
}

// zoneComments compares the clock by which the CronJob runs with that of the times.
func (s *scaler) zoneComments(days []calendarDay, runs *cronLine, shifts []int) []string {
	everyDay := runs.weekly() && runs.everyDay()
	switch {
	case everyDay && runs.hourly():
		return nil
	case s.job.spec("timeZone") == nil:
		return []string{fmt.Sprintf("the CronJob names no time zone, so that it runs by the clock of kube-controller-manager: UTC "+
			"is assumed; see that its days and hours fit those here, in %s", clean(s.timeZone))}
	}
	var comments []string
	if !everyDay && (len(shifts) > 1 || shifts[0] != 0) {
		comments = append(comments, fmt.Sprintf("the CronJob counts days in the time zone %s, here they are days in %s",
			clean(s.cronZone()), clean(s.timeZone)))
	}
	usual := s.begins(days, runs, shifts[0])
	for _, shift := range shifts[1:] {
		if !sameDays(days, usual, s.begins(days, runs, shift)) {
			return append(comments, fmt.Sprintf("these are the days while %s; with the clocks otherwise they are others", s.apart(shifts[0])))
		}
	}
	return comments
}

// sameDays says whether two choices of days agree in the years that count.
func sameDays(days []calendarDay, a, b []bool) bool {
	for i, day := range days {
		if day.settled() && a[i] != b[i] {
			return false
		}
	}
	return true
}

// apart says how the two clocks stand to each other.
func (s *scaler) apart(shift int) string {
	ahead := time.Duration(shift) * time.Minute
	switch {
	case shift > 0:
		return fmt.Sprintf("%s is %s ahead of %s", clean(s.timeZone), schedules.FormatDuration(ahead), clean(s.cronZone()))
	case shift < 0:
		return fmt.Sprintf("%s is %s behind %s", clean(s.timeZone), schedules.FormatDuration(-ahead), clean(s.cronZone()))
	}
	return fmt.Sprintf("%s has the time of %s", clean(s.timeZone), clean(s.cronZone()))
}
