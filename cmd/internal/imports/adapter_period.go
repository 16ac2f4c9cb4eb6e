package imports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
)

const (
	maxRamp     = 24 * time.Hour     // that a schedule can have
	maxDuration = 7 * 24 * time.Hour // likewise
)

// scalingScheduleSpec is what an import reads of the spec of a ScalingSchedule or ClusterScalingSchedule.
type scalingScheduleSpec struct {
	ScalingWindowDurationMinutes *int64   `json:"scalingWindowDurationMinutes"`
	Schedules                    []period `json:"schedules"`
}

// period is one of the schedules of a ScalingSchedule.
type period struct {
	Type            string `json:"type"`
	Value           int64  `json:"value"`
	DurationMinutes int64  `json:"durationMinutes"`
	Date            string `json:"date"`
	EndDate         string `json:"endDate"`
	Period          struct {
		Days      []string `json:"days"`
		StartTime string   `json:"startTime"`
		EndTime   string   `json:"endTime"`
		TimeZone  string   `json:"timezone"`
	} `json:"period"`
}

// inMinutes returns a number of minutes, limited to what a Duration can hold by far.
func inMinutes(n int64) time.Duration {
	return time.Duration(min(max(n, 0), 100_000_000)) * time.Minute
}

// fill sets when the entry starts and ends.
func (p *period) fill(e *Entry, defaultZone string) error {
	switch {
	case p.Value < 1:
		return fmt.Errorf("its value is %d, not a number from 1 on", p.Value)
	case p.Type == "OneTime":
		return p.oneTime(e)
	case p.Type == "Repeating":
		return p.repeating(e, defaultZone)
	}
	return fmt.Errorf("its type is %s, not OneTime or Repeating", quote(p.Type))
}

// oneTime reads when a one-off schedule starts and ends: at its endDate or after its duration, whichever is later.
func (p *period) oneTime(e *Entry) error {
	start, err := parseTime("its date", time.RFC3339, p.Date, "one such as 2026-12-18T20:00:00+01:00")
	end, endErr := parseTime("its endDate", time.RFC3339, cmp.Or(p.EndDate, p.Date), "one such as 2026-12-18T23:00:00+01:00")
	if err = cmp.Or(err, endErr); err != nil {
		return err
	}
	if after := start.Add(inMinutes(p.DurationMinutes)); after.After(end) {
		end = after
	}
	if !end.Truncate(time.Second).After(start.Truncate(time.Second)) {
		return errors.New("it has no duration: nothing of it but its ramps was ever active")
	}
	if start.Nanosecond()+end.Nanosecond() > 0 {
		e.note(onStart, "fractions of a second are left out")
	}
	e.Start, e.End = start.Format(time.RFC3339), end.Format(time.RFC3339)
	return nil
}

// repeating reads on which days a recurring schedule starts, and its hours.
func (p *period) repeating(e *Entry, defaultZone string) error {
	days, week := sets.New[time.Weekday](), []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	for _, name := range p.Period.Days {
		if day := slices.Index(week, name); day >= 0 {
			days.Insert(time.Weekday(day))
		} else {
			e.note(onDays, "%s is not a day, and the adapter ignored it", quote(name))
		}
	}
	e.Dates.Days = sets.List(days)
	switch len(e.Dates.Days) {
	case 0:
		return errors.New("it has no days, so that it was never active")
	case 7:
		e.Dates.Days = nil
	}
	e.setZone(p.Period.TimeZone, defaultZone, "the adapter did so too, by its --scaling-schedule-default-time-zone")
	return p.hours(e)
}

// hours sets the start of a window and its end or, if it is longer, its duration.
func (p *period) hours(e *Entry) error {
	const such = "a time such as 15:45; the adapter gave no metric at all"
	start, err := parseTime("its startTime", "15:04", p.Period.StartTime, such)
	end, endErr := parseTime("its endTime", "15:04", cmp.Or(p.Period.EndTime, p.Period.StartTime), such)
	if err = cmp.Or(err, endErr); err != nil {
		return err
	}
	backwards := end.Before(start)
	if backwards {
		end = end.AddDate(0, 0, 1)
	}
	length := inMinutes(p.DurationMinutes)
	if length > maxDuration {
		e.note(onEnd, "%d minutes there; a schedule has at most 7d", p.DurationMinutes)
		length = maxDuration
	}
	e.Start, e.End = timeOfDay(start), endOfDay(end)
	if length > end.Sub(start) {
		e.End, e.Duration, end = "", length, start.Add(length)
	}
	if end.Equal(start) {
		return errors.New("it has no duration: nothing of it but its ramps was ever active")
	}
	midnight := start.Truncate(24 * time.Hour)
	if backwards || start.Add(-e.RampUp).Before(midnight) || end.Add(e.RampDown).After(midnight.AddDate(0, 0, 1)) {
		e.note(onEnd, "it crosses midnight or its ramps do, as its text means; the adapter began and ended everything at 00:00, and "+
			"ignored an end before the start")
	}
	return nil
}
