package migrate

import (
	"cmp"
	"fmt"
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
		return runs, s.zoneComment(runs)
	}
	always, _ := parseCron("* * * * *")
	if strings.HasPrefix(line, "@every ") {
		return always, nil
	}
	return always, []string{fmt.Sprintf("the CronJob's schedule %s cannot be read; every day is assumed", quote(line))}
}

// zoneComment compares the zone in which the CronJob counts its days with that of the times.
func (s *scaler) zoneComment(runs *cronLine) []string {
	zone := text(s.job.spec("timeZone"))
	if runs.weekly() && runs.everyDay() || zone == s.timeZone {
		return nil
	}
	return []string{fmt.Sprintf("the CronJob counts days in the time zone %s, here they are days in %s",
		cmp.Or(clean(zone), "of kube-controller-manager"), clean(s.timeZone))}
}

// everyDay says whether a line that is the same in every week comes due on all its days.
func (c *cronLine) everyDay() bool {
	return c.anyWeek && c.allDays || !slices.Contains(c.weekdays[:], false)
}

// hours returns the times of day between which the larger number stands.
func (s *scaler) hours() (start, end int) {
	up, down := s.up.Hour()*60+s.up.Minute(), s.down.Hour()*60+s.down.Minute()
	if s.upTo < s.downTo {
		return down, up
	}
	return up, down
}

// meant returns the stretches that the settings mean: from the one time to the other, begun on each day on which the
// CronJob runs.
func (s *scaler) meant(days []calendarDay, runs *cronLine) []stretch {
	start, end := s.hours()
	if end <= start {
		end += dayLength
	}
	var meant []stretch
	for i, day := range days {
		if runs.on(day) {
			meant = append(meant, stretch{i*dayLength + start, i*dayLength + end})
		}
	}
	return meant
}

// behaved compares what is meant with what came of it: each run of the CronJob sets minReplicas to what is right at
// that moment, and it stays until the next run.
func (s *scaler) behaved(days []calendarDay, runs *cronLine) []string {
	var held []stretch
	began := -1
	for i, day := range days {
		if !runs.on(day) {
			continue
		}
		for _, minute := range runs.minutes {
			inside, now := s.inside(minute), i*dayLength+minute
			if inside && began < 0 {
				began = now
			}
			if !inside && began >= 0 {
				held, began = join(held, stretch{began, now}), -1
			}
		}
	}
	if began >= 0 {
		held = join(held, stretch{began, len(days) * dayLength})
	}
	return s.differences(days, held, s.meant(days, runs), runs.weekly())
}

// inside says whether the larger number stands at a time of day.
func (s *scaler) inside(minute int) bool {
	start, end := s.hours()
	if end < start {
		return minute >= start || minute < end
	}
	return start <= minute && minute < end
}

// differences tells what the CronJob held too long or too late.
func (s *scaler) differences(days []calendarDay, held, meant []stretch, weekly bool) []string {
	var comments []string
	if extra := beyond(days, held, meant, late); len(extra) > 0 {
		comments = append(comments, fmt.Sprintf("the CronJob also kept the replicas %s, until it ran again", extra[0].tell(days, weekly)))
	}
	if lost := beyond(days, meant, held, late); len(lost) > 0 {
		comments = append(comments, fmt.Sprintf("the CronJob did not keep the replicas %s, because it did not run then", lost[0].tell(days, weekly)))
	}
	return comments
}
