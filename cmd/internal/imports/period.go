package imports

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	longestRamp     = 24 * time.Hour     // that a schedule can have
	longestDuration = 7 * 24 * time.Hour // likewise
)

// period is one of the schedules of a ScalingSchedule.
type period struct {
	*adapter
	fields any
	from   string
	value  int64
}

// ramp returns the ramp of a ScalingSchedule, and comments on it.
func (a *adapter) ramp(o object) (time.Duration, []string, error) {
	ramp, comments := a.window, []string(nil)
	minutes, given := whole(o.spec("scalingWindowDurationMinutes"))
	switch {
	case given && minutes < 0:
		return 0, nil, fmt.Errorf("scalingWindowDurationMinutes is negative, and the adapter gave no metric at all")
	case given:
		ramp = time.Duration(min(minutes, 100_000)) * time.Minute
	case a.guessed:
		comments = append(comments, "10 minutes are the adapter's default, unless its --scaling-schedule-default-scaling-window says otherwise")
	}
	if ramp > longestRamp {
		comments = append(comments, fmt.Sprintf("a ramp of %s there; a schedule has at most 24h", schedules.FormatDuration(ramp)))
		ramp = longestRamp
	}
	if ramp > 0 {
		comments = append(comments, fmt.Sprintf("ramps climb in 10 steps from the baseline; there in %s steps from 0", clean(a.steps)))
	}
	return ramp.Truncate(time.Second), comments, nil
}

// entry returns the window or event that a schedule means, without its name and targets.
func (s *period) entry(ramp time.Duration) (*Entry, error) {
	value, ok := whole(at(s.fields, "value"))
	if !ok || value < 1 {
		return nil, fmt.Errorf("its value is %s, not a number from 1 on", quote(written(at(s.fields, "value"))))
	}
	s.value = value
	e := &Entry{Origin: s.from, RampUp: ramp, RampDown: ramp, TimeZone: s.timeZone}
	if !LegalZone(e.TimeZone) {
		e.TimeZone = "UTC"
	}
	minutes, _ := whole(at(s.fields, "durationMinutes"))
	duration := time.Duration(min(max(minutes, 0), 100_000_000)) * time.Minute
	switch kind := text(at(s.fields, "type")); kind {
	case "OneTime":
		return e, s.oneTime(e, duration)
	case "Repeating":
		return e, s.repeating(e, duration, ramp)
	default:
		return nil, fmt.Errorf("its type is %s, not OneTime or Repeating", quote(kind))
	}
}

// oneTime reads when a one-off schedule starts and ends: at its endDate or after its duration, whichever is later.
func (s *period) oneTime(e *Entry, duration time.Duration) error {
	start, err := time.Parse(time.RFC3339, text(at(s.fields, "date")))
	if err != nil {
		return fmt.Errorf("its date is %s, not one such as 2026-12-18T20:00:00+01:00", quote(written(at(s.fields, "date"))))
	}
	end := start
	if written := text(at(s.fields, "endDate")); written != "" {
		if end, err = time.Parse(time.RFC3339, written); err != nil {
			return fmt.Errorf("its endDate is %s, not one such as 2026-12-18T23:00:00+01:00", quote(written))
		}
	}
	if after := start.Add(duration); after.After(end) {
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

// repeating reads when a recurring schedule starts and ends.
func (s *period) repeating(e *Entry, duration, ramp time.Duration) error {
	fields := at(s.fields, "period")
	for _, day := range list(at(fields, "days")) {
		i := slices.IndexFunc(shortWeek(), func(d time.Weekday) bool { return d.String()[:3] == text(day) })
		if i < 0 {
			e.note(onDays, "%s is not a day, and the adapter ignored it", quote(written(day)))
			continue
		}
		e.Dates.Days = include(e.Dates.Days, shortWeek()[i])
	}
	if len(e.Dates.Days) == 0 {
		return errors.New("it has no days, so that it was never active")
	}
	if len(e.Dates.Days) == 7 {
		e.Dates.Days = nil
	}
	e.zone(text(at(fields, "timezone")), s.timeZone, "the adapter did so too, by its --scaling-schedule-default-time-zone")
	start, err := time.Parse("15:04", text(at(fields, "startTime")))
	if err != nil {
		return fmt.Errorf("its startTime is %s, not a time such as 15:45; the adapter gave no metric at all", quote(written(at(fields, "startTime"))))
	}
	e.Start = timeOfDay(start)
	length, err := s.length(e, start, duration)
	if err != nil {
		return err
	}
	s.crossing(e, start, length, ramp)
	return nil
}

func shortWeek() []time.Weekday {
	return []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
}

// length writes the end of a window, or its duration if that is longer, and returns how long it is on the clock.
func (s *period) length(e *Entry, start time.Time, duration time.Duration) (time.Duration, error) {
	written := text(at(s.fields, "period", "endTime"))
	var until time.Duration
	if written != "" {
		end, err := time.Parse("15:04", written)
		if err != nil {
			return 0, fmt.Errorf("its endTime is %s, not a time such as 15:45; the adapter gave no metric at all", quote(written))
		}
		if until = end.Sub(start); until < 0 {
			until += 24 * time.Hour
			e.noteBackwards(duration)
		}
		if e.End = timeOfDay(end); e.End == "00:00" {
			e.End = "24:00"
		}
	}
	if duration > longestDuration {
		e.note(onEnd, "%d minutes there; a schedule has at most 7d", duration/time.Minute)
		duration = longestDuration
	}
	switch {
	case duration == 0 && until == 0:
		return 0, errors.New("it has no duration: nothing of it but its ramps was ever active")
	case duration > until:
		e.End, e.Duration = "", duration
		return duration, nil
	}
	return until, nil
}

// noteBackwards says what became of an end before the start.
func (e *Entry) noteBackwards(duration time.Duration) {
	if duration == 0 {
		e.note(onEnd, "this window crosses midnight, as its text means; the adapter took the end for one on the same day, "+
			"before the start, and was never active but for its ramps")
		return
	}
	e.note(onEnd, "the end is before the start and is taken for one on the next day; the adapter ignored it and went by "+
		"durationMinutes")
}

// crossing says what the adapter did at midnight, where it forgot everything of the day before.
func (s *period) crossing(e *Entry, start time.Time, length, ramp time.Duration) {
	midnight := start.Truncate(24 * time.Hour)
	end := start.Add(length)
	switch tomorrow := midnight.Add(24 * time.Hour); {
	case end.After(tomorrow) && e.Duration > 0:
		e.note(onEnd, "it crosses midnight, as its text means; the adapter ended it at 00:00")
	case ramp == 0:
	case end.Add(ramp).After(tomorrow) && !end.After(tomorrow):
		e.note(onRampDn, "it crosses midnight; the adapter cut it off at 00:00")
	}
	if start.Add(-ramp).Before(midnight) {
		e.note(onRampUp, "it begins before midnight, on the day before; the adapter began it at 00:00")
	}
}
