package imports

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cronLine is when a line of five cron fields comes due, on the wall clock: the times of day, in minutes, on the dates
// that match.
type cronLine struct {
	minutes          []int
	days             [32]bool
	months           [13]bool
	weekdays         [7]bool
	anyDay, anyWeek  bool // the field is * or ?, so that the other one decides alone
	allDays, allYear bool // days of month and months restrict nothing
}

var errDescriptor = errors.New("names such as @daily are not cron fields")

// parseCron reads a line as github.com/robfig/cron/v3 does for KEDA and Kubernetes, without its descriptors.
func parseCron(line string) (*cronLine, error) {
	written, err := cronFields(line)
	if err != nil {
		return nil, err
	}
	var sets [5][]int
	var stars [5]bool
	for i, bounds := range [5]cronBounds{{0, 59, nil}, {0, 23, nil}, {1, 31, nil}, {1, 12, monthNames()}, {0, 6, dayNames()}} {
		if sets[i], stars[i], err = bounds.field(written[i]); err != nil {
			return nil, err
		}
	}
	c := &cronLine{anyDay: stars[2], anyWeek: stars[4], allYear: len(sets[3]) == 12}
	for _, hour := range sets[1] {
		for _, minute := range sets[0] {
			c.minutes = append(c.minutes, hour*60+minute)
		}
	}
	mark(c.days[:], sets[2])
	mark(c.months[:], sets[3])
	mark(c.weekdays[:], sets[4])
	c.allDays = c.anyDay || len(sets[2]) == 31
	return c, nil
}

// cronFields returns the five fields of a line.
func cronFields(line string) ([]string, error) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "@") {
		return nil, errDescriptor
	}
	if strings.HasPrefix(line, "TZ=") || strings.HasPrefix(line, "CRON_TZ=") {
		return nil, errors.New("it carries a time zone of its own")
	}
	written := strings.Fields(line)
	if len(written) != 5 {
		return nil, fmt.Errorf("it has %d fields, not 5", len(written))
	}
	return written, nil
}

func mark(set []bool, values []int) {
	for _, v := range values {
		set[v] = true
	}
}

// dueOn returns the times of a date at which the line comes due.
func (c *cronLine) dueOn(d calendarDay) []int {
	if c.on(d) {
		return c.minutes
	}
	return nil
}

// on says whether the line comes due on a date. A day of the month and a weekday that are both given are joined by or,
// as in cron.
func (c *cronLine) on(d calendarDay) bool {
	if !c.months[d.month] {
		return false
	}
	if c.anyDay || c.anyWeek {
		return c.days[d.day] && c.weekdays[d.weekday]
	}
	return c.days[d.day] || c.weekdays[d.weekday]
}

// weekly says whether the line looks the same in every week.
func (c *cronLine) weekly() bool { return c.allDays && c.allYear }

// cronBounds are the values of a field, and their names from the least on.
type cronBounds struct {
	least, most int
	names       []string
}

// field returns the values of a field in order, and whether it is a star.
func (b cronBounds) field(text string) (values []int, star bool, err error) {
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue // as robfig/cron does
		}
		first, last, step, all, err := b.part(part)
		if err != nil {
			return nil, false, fmt.Errorf("%s in the field %s: %w", quote(part), quote(text), err)
		}
		star = star || all
		for v := first; v <= last; v += step {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values), star, nil
}

// part reads 5, 1-5, mon-fri, *, */10, 5/10 or 1-30/2.
func (b cronBounds) part(text string) (first, last, step int, star bool, err error) {
	written, every, stepped := strings.Cut(text, "/")
	if step, err = cronStep(every, stepped); err != nil {
		return 0, 0, 0, false, err
	}
	from, to, ranged := strings.Cut(written, "-")
	if from == "*" || from == "?" {
		return b.least, b.most, step, step == 1, nil
	}
	if first, err = b.value(from); err != nil {
		return 0, 0, 0, false, err
	}
	last = first
	switch {
	case ranged:
		last, err = b.value(to)
	case stepped:
		last = b.most
	}
	if err == nil && last < first {
		err = errors.New("the range ends before it begins")
	}
	return first, last, step, false, err
}

func cronStep(text string, given bool) (int, error) {
	if !given {
		return 1, nil
	}
	step, err := strconv.Atoi(text)
	if err != nil || step < 1 {
		return 0, errors.New("the step is not a number from 1 on")
	}
	return min(step, 60), nil // one beyond the range leaves the first value only
}

func (b cronBounds) value(text string) (int, error) {
	if i := slices.Index(b.names, strings.ToLower(text)); i >= 0 {
		return b.least + i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < b.least || n > b.most {
		return 0, fmt.Errorf("the values are %d to %d", b.least, b.most)
	}
	return n, nil
}

func monthNames() []string {
	return shortNames(time.January, time.December)
}

func dayNames() []string {
	return shortNames(time.Sunday, time.Saturday)
}

func shortNames[T interface {
	~int
	String() string
}](first, last T) []string {
	var names []string
	for v := first; v <= last; v++ {
		names = append(names, strings.ToLower(v.String()[:3]))
	}
	return names
}
