package imports

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/util/sets"
)

// The calendar of 30 years in which cron lines are played through, on a wall clock that is never shifted. 28 years have
// every weekday on every date; the year before and the year after let windows that cross their borders settle.
const (
	firstYear = 2000
	lastYear  = 2029
	dayLength = 24 * 60 // minutes
)

// maxWindows is how many windows are worth writing for one source.
const maxWindows = 24

type calendarDay struct {
	year, day, weekday int // Monday is 0
	month              time.Month
}

func (d calendarDay) settled() bool { return firstYear < d.year && d.year < lastYear }

func calendar() []calendarDay {
	var days []calendarDay
	for t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() <= lastYear; t = t.AddDate(0, 0, 1) {
		days = append(days, calendarDay{t.Year(), t.Day(), (int(t.Weekday()) + 6) % 7, t.Month()})
	}
	return days
}

// stretch is a stretch of wall-clock time, [from, to), in minutes since the calendar begins.
type stretch struct{ from, to int }

// hours are the times of day of one window, in minutes. An end that is not after the start is on the next day; an end at
// midnight is dayLength.
type hours struct{ start, end int }

// first cuts off what one window can hold: a stretch of up to a day as a whole, a longer one until midnight.
func (s stretch) first() (day int, h hours, rest stretch) {
	day, h.start = s.from/dayLength, s.from%dayLength
	to := s.to
	if to-s.from > dayLength || to-s.from == dayLength && h.start > 0 {
		to = (day + 1) * dayLength
	}
	if h.end = to % dayLength; h.end == 0 {
		h.end = dayLength
	}
	return day, h, stretch{to, s.to}
}

// windowsOf turns stretches in their order into windows without names, targets and zones. It returns why it cannot.
func windowsOf(days []calendarDay, stretches []stretch) ([]*Entry, error) {
	var order []hours
	starts := map[hours][]bool{} // by the index of the day
	for _, s := range stretches {
		for s.from < s.to {
			day, h, rest := s.first()
			if s = rest; !days[day].settled() {
				continue
			}
			if starts[h] == nil {
				order, starts[h] = append(order, h), make([]bool, len(days))
			}
			starts[h][day] = true
		}
		if len(order) > maxWindows {
			return nil, fmt.Errorf("it would take more than %d windows", maxWindows)
		}
	}
	var windows []*Entry
	for _, h := range order {
		found := pattern{days, starts[h]}.conditions()
		if found == nil {
			return nil, fmt.Errorf("windows cannot express on which dates it starts at %s", clock(h.start))
		}
		for _, d := range found {
			windows = append(windows, &Entry{Dates: d, Start: clock(h.start), End: clock(h.end)})
		}
	}
	return windows, nil
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

type pattern struct {
	calendar []calendarDay
	in       []bool // by the index in the calendar
}

// conditions expresses the set as conditions on the date; several where one does not do, nil where none do. It guesses first
// that weekdays, days of the month and months are independent conditions.
func (p pattern) conditions() []dates {
	all := p.present(true, func(calendarDay) bool { return true })
	for _, guess := range [][]dates{{all.simplified()}, p.byMonth(), p.either(all.Months)} {
		if p.matches(guess) {
			return guess
		}
	}
	return nil
}

func (p pattern) matches(all []dates) bool {
	for i, day := range p.calendar {
		met := slices.ContainsFunc(all, func(d dates) bool {
			return (len(d.Days) == 0 || slices.Contains(d.Days, day.weekday)) &&
				(len(d.DaysOfMonth) == 0 || slices.Contains(d.DaysOfMonth, day.day)) &&
				(len(d.Months) == 0 || slices.Contains(d.Months, day.month))
		})
		if day.settled() && met != p.in[i] {
			return false
		}
	}
	return true
}

// byMonth guesses that each month has its own weekdays and days of the month.
func (p pattern) byMonth() []dates {
	var all []dates
	for month := time.January; month <= time.December; month++ {
		d := p.present(true, func(day calendarDay) bool { return day.month == month })
		if len(d.Months) == 0 {
			continue
		}
		d = d.simplified()
		same := func(other dates) bool {
			return slices.Equal(other.Days, d.Days) && slices.Equal(other.DaysOfMonth, d.DaysOfMonth)
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].Months = append(all[i].Months, month)
		} else {
			all = append(all, d)
		}
	}
	return all
}

// either guesses that a day of the month or a weekday suffices, as in a cron line that gives both.
func (p pattern) either(months []time.Month) []dates {
	absent := p.present(false, func(day calendarDay) bool { return slices.Contains(months, day.month) })
	byDay, byWeek := dates{Months: months}, dates{Months: months}
	for weekday := range 7 {
		if !slices.Contains(absent.Days, weekday) {
			byWeek.Days = append(byWeek.Days, weekday)
		}
	}
	for day := 1; day <= 31; day++ {
		if !slices.Contains(absent.DaysOfMonth, day) {
			byDay.DaysOfMonth = append(byDay.DaysOfMonth, day)
		}
	}
	return []dates{byWeek.simplified(), byDay.simplified()}
}

// present returns which weekdays, days of the month and months the set has or lacks among the days that where admits.
func (p pattern) present(in bool, where func(calendarDay) bool) dates {
	days, daysOfMonth, months := sets.New[int](), sets.New[int](), sets.New[time.Month]()
	for i, day := range p.calendar {
		if p.in[i] == in && day.settled() && where(day) {
			days.Insert(day.weekday)
			daysOfMonth.Insert(day.day)
			months.Insert(day.month)
		}
	}
	return dates{Days: sets.List(days), DaysOfMonth: sets.List(daysOfMonth), Months: sets.List(months)}
}

// simplified leaves out the conditions that admit everything. All days of each of its months are such a condition, too.
func (d dates) simplified() dates {
	longest := 0
	for _, month := range d.Months {
		longest = max(longest, time.Date(2000, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	if len(d.Days) == 7 {
		d.Days = nil
	}
	if len(d.DaysOfMonth) == longest {
		d.DaysOfMonth = nil
	}
	if len(d.Months) == 12 {
		d.Months = nil
	}
	return d
}

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

func (c *cronLine) at(minute int) bool {
	return c.Hour&(1<<(minute/60)) != 0 && c.Minute&(1<<(minute%60)) != 0
}

// on reports whether the line comes due on a date. A day of the month and a weekday that are both given are joined by or,
// as in cron.
func (c *cronLine) on(d calendarDay) bool {
	day, week := c.Dom&(1<<d.day) != 0, c.Dow&(1<<((d.weekday+1)%7)) != 0
	switch {
	case c.Month&(1<<d.month) == 0:
		return false
	case c.Dom&cronStar != 0 || c.Dow&cronStar != 0:
		return day && week
	}
	return day || week
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
