package imports

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// runs reads when the CronJob runs. What cannot be read is taken for every minute, and a comment says so.
func (s *scaler) runs() (*cronLine, []string) {
	line := strings.TrimSpace(text(s.job.spec("schedule")))
	expanded := line
	switch line {
	case "@hourly":
		expanded = "0 * * * *"
	case "@daily", "@midnight":
		expanded = "0 0 * * *"
	case "@weekly":
		expanded = "0 0 * * 0"
	case "@monthly":
		expanded = "0 0 1 * *"
	case "@yearly", "@annually":
		expanded = "0 0 1 1 *"
	}
	runs, err := parseCron(expanded)
	if err == nil && len(runs.minutes) > 0 {
		return runs, nil
	}
	always, _ := parseCron("* * * * *")
	if strings.HasPrefix(line, "@every ") {
		return always, nil
	}
	return always, []string{fmt.Sprintf("the CronJob's schedule %s cannot be read; every day is assumed", quote(line))}
}

// everyDay says whether a line that is the same in every week comes due on all its days.
func (c *cronLine) everyDay() bool {
	return c.anyWeek && c.allDays || !slices.Contains(c.weekdays[:], false)
}

// hourly says whether a line comes due at all hours of its days, so that it does not matter by whose clock.
func (c *cronLine) hourly() bool {
	last := c.minutes[len(c.minutes)-1] - dayLength
	for _, minute := range c.minutes {
		if minute-last > late {
			return false
		}
		last = minute
	}
	return true
}

// hours returns the times of day between which the larger number stands.
func (s *scaler) hours() (start, end int) {
	up, down := s.up.Hour()*60+s.up.Minute(), s.down.Hour()*60+s.down.Minute()
	if s.upTo < s.downTo {
		return down, up
	}
	return up, down
}

// inside says whether the larger number stands at a time of day.
func (s *scaler) inside(minute int) bool {
	start, end := s.hours()
	if end < start {
		return minute >= start || minute < end
	}
	return start <= minute && minute < end
}

// played returns the moments at which the CronJob runs, by the clock of the times that it compares with, which is a shift
// in minutes ahead of its own.
func played(days []calendarDay, runs *cronLine, shift int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, day := range days {
			if !runs.on(day) {
				continue
			}
			for _, minute := range runs.minutes {
				now := i*dayLength + minute + shift
				if 0 <= now && now < len(days)*dayLength && !yield(now) {
					return
				}
			}
		}
	}
}

// meant returns the stretches that the settings mean: from the one time to the other, begun on each day on which the
// CronJob runs.
func (s *scaler) meant(days []calendarDay, runs *cronLine, shift int) []stretch {
	start, end := s.hours()
	if end <= start {
		end += dayLength
	}
	var meant []stretch
	for i, begins := range s.begins(days, runs, shift) {
		if begins {
			meant = append(meant, stretch{i*dayLength + start, i*dayLength + end})
		}
	}
	return meant
}

// begins says for each day of the calendar whether a window begins on it. A CronJob that runs at all hours of its days
// means these days, by whatever clock. Any other one means the days of the windows in which it runs or, if it runs in
// none, those on which it runs.
func (s *scaler) begins(days []calendarDay, runs *cronLine, shift int) []bool {
	begins, ran := make([]bool, len(days)), make([]bool, len(days))
	if shift == 0 || runs.hourly() {
		for i, day := range days {
			begins[i] = runs.on(day)
		}
		return begins
	}
	start, _ := s.hours()
	for now := range played(days, runs, shift) {
		day, minute := now/dayLength, now%dayLength
		ran[day] = true
		switch {
		case !s.inside(minute):
		case minute >= start:
			begins[day] = true
		case day > 0:
			begins[day-1] = true
		}
	}
	if slices.Contains(begins, true) {
		return begins
	}
	return ran
}

// behaved compares what is meant with what came of it: each run of the CronJob sets minReplicas to what is right at
// that moment, and it stays until the next run.
func (s *scaler) behaved(days []calendarDay, runs *cronLine, shifts []int, meant []stretch) []string {
	if s.job.spec("timeZone") == nil {
		return nil
	}
	var comments []string
	for _, shift := range shifts {
		while := ""
		if len(shifts) > 1 {
			while = "while " + s.apart(shift) + ", "
		}
		held := s.held(days, runs, shift)
		if extra := beyond(days, held, meant, late); len(extra) > 0 {
			comments = append(comments, fmt.Sprintf("%sthe CronJob also kept the replicas%s, until it ran again", while,
				example(days, extra, runs.weekly())))
		}
		if lost := beyond(days, meant, held, late); len(lost) > 0 {
			comments = append(comments, fmt.Sprintf("%sthe CronJob did not keep the replicas%s, because it did not run then", while,
				example(days, lost, runs.weekly())))
		}
	}
	return comments
}

// held returns the stretches over which the larger number stood.
func (s *scaler) held(days []calendarDay, runs *cronLine, shift int) []stretch {
	var held []stretch
	began := -1
	for now := range played(days, runs, shift) {
		inside := s.inside(now % dayLength)
		if inside && began < 0 {
			began = now
		}
		if !inside && began >= 0 {
			held, began = join(held, stretch{began, now}), -1
		}
	}
	if began >= 0 {
		held = join(held, stretch{began, len(days) * dayLength})
	}
	return held
}

// example tells one of several stretches, and that it is one of several if it is.
func example(days []calendarDay, all []stretch, weekly bool) string {
	first := all[0].tell(days, weekly)
	if slices.ContainsFunc(all, func(s stretch) bool { return s.tell(days, weekly) != first }) {
		return ", for example " + first
	}
	return " " + first
}
