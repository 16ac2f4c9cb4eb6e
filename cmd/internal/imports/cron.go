package imports

import (
	"errors"
	"slices"
	"strings"

	"github.com/robfig/cron/v3"
)

// cronLine is a line of five cron fields: times of day on certain dates, by a wall clock.
type cronLine struct {
	*cron.SpecSchedule
	minutes []int // of the day, in order
}

// cronFields are what KEDA accepts; a CronJob accepts descriptors such as @daily, too.
const cronFields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

// cronStar is the bit by which robfig/cron marks a field that is * or ?.
const cronStar = 1 << 63

// parseCron reads a line with the parser of KEDA and Kubernetes. Descriptors of the form @every become every minute.
func parseCron(line string, accepted cron.ParseOption) (*cronLine, error) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "TZ=") || strings.HasPrefix(line, "CRON_TZ=") { // the parser panics on some of them
		return nil, errors.New("it carries a time zone of its own")
	}
	parsed, err := cron.NewParser(accepted).Parse(line)
	if err != nil {
		return nil, errors.New(clean(err.Error()))
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return parseCron("* * * * *", cronFields)
	}
	c := &cronLine{SpecSchedule: spec}
	for minute := range dayLength {
		if c.at(minute) {
			c.minutes = append(c.minutes, minute)
		}
	}
	return c, nil
}

// at reports whether the line comes due at a minute of its dates.
func (c *cronLine) at(minute int) bool {
	return c.Hour&(1<<(minute/60)) != 0 && c.Minute&(1<<(minute%60)) != 0
}

// on reports whether the line comes due on a date. A day of the month and a weekday that are both given are joined by or,
// as in cron.
func (c *cronLine) on(d calendarDay) bool {
	day, week := c.Dom&(1<<d.day) != 0, c.Dow&(1<<d.weekday) != 0
	switch {
	case c.Month&(1<<d.month) == 0:
		return false
	case c.Dom&cronStar != 0 || c.Dow&cronStar != 0:
		return day && week
	}
	return day || week
}

func (c *cronLine) daily(days []calendarDay) bool {
	return !slices.ContainsFunc(days, func(d calendarDay) bool { return !c.on(d) })
}

// hourly reports whether the line comes due at least once an hour on its dates.
func (c *cronLine) hourly() bool {
	last := c.minutes[len(c.minutes)-1] - dayLength
	for _, minute := range c.minutes {
		if minute-last > 60 {
			return false
		}
		last = minute
	}
	return true
}

// follows reports whether the line comes due within an hour after a minute of the day, or of the next one.
func (c *cronLine) follows(moment int) bool {
	return slices.ContainsFunc(c.minutes, func(minute int) bool { return (minute-moment+2*dayLength)%dayLength <= 60 })
}
