package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// durationWithin returns a parser of durations such as 45s, 1h30m or 7d from least to most; limit is that
// in words.
func durationWithin(least, most time.Duration, limit string) func(*source.Node) (time.Duration, error) {
	return func(n *source.Node) (time.Duration, error) {
		d, err := ParseDuration(n.Text)
		if err == nil && (d < least || d > most) {
			return 0, source.Refuse(RuleDurationRange, "%s; %s does not", limit, source.Cut(n.Text))
		}
		return d, err
	}
}

// ParseDuration reads a duration as it is written in a schedule: days, and then hours, minutes and seconds as Go writes
// them.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if digits(strings.TrimPrefix(text, "-")) {
		return 0, source.Refuse(RuleDuration, "%s", notADuration(text))
	}
	var total time.Duration
	rest := text
	if days, after, ok := strings.Cut(text, "d"); ok && digits(days) {
		count, _ := strconv.Atoi(days)
		total, rest = time.Duration(min(count, 100_000))*day, after
	}
	if rest != "" || text == "" {
		d, err := time.ParseDuration(rest)
		if err != nil || rest[0] == '+' {
			return 0, source.Refuse(RuleDuration, "%s", notADuration(text))
		}
		total += d
	}
	if total%time.Second != 0 {
		return 0, source.Refuse(RuleDuration, "%s is not a whole number of seconds", source.Quote(text))
	}
	return total, nil
}

func startClock(n *source.Node) (schedules.Clock, error) { return clock(n.Text, false) }
func endClock(n *source.Node) (schedules.Clock, error)   { return clock(n.Text, true) }

// clock reads HH:MM or HH:MM:SS. Only an end can be 24:00.
func clock(text string, end bool) (schedules.Clock, error) {
	full := text
	if len(text) == len("09:30") {
		full += ":00"
	}
	if shape(full) != "dd:dd:dd" {
		return 0, source.Refuse(RuleTime, "%s", notAClock(text))
	}
	hour, minute, second := atoi(full[:2]), atoi(full[3:5]), atoi(full[6:])
	switch c := schedules.Clock(hour*3600 + minute*60 + second); {
	case minute > 59 || second > 59 || c > schedules.EndOfDay:
		return 0, source.Refuse(RuleTime, "%s does not exist on a clock", source.Quote(text))
	case c == schedules.EndOfDay && !end:
		return 0, source.Refuse(RuleTime, "24:00 is the end of a day; write a start at midnight as \"00:00\" of the next day")
	default:
		return c, nil
	}
}

// moment is a date and a time of day, of the wall clock of a zone or, if an offset is given, of that.
type moment struct {
	date   schedules.Date
	clock  schedules.Clock
	offset *int // in seconds east of UTC
}

// instant returns the moment as an instant; resolve reads the wall clock of a zone.
func (m moment) instant(loc *time.Location,
	resolve func(schedules.Date, schedules.Clock, *time.Location) time.Time,
) time.Time {
	if m.offset != nil {
		loc = time.FixedZone("", *m.offset)
	}
	return resolve(m.date, m.clock, loc)
}

// wall returns the moment as the wall clock of the entry's zone shows it, and nil where an offset or nothing is written.
func (m moment) wall(written bool) *schedules.Wall {
	if !written || m.offset != nil {
		return nil
	}
	return &schedules.Wall{Date: m.date, Clock: m.clock}
}

func startMoment(n *source.Node) (moment, error) { return readMoment(n.Text, false) }
func endMoment(n *source.Node) (moment, error)   { return readMoment(n.Text, true) }

// readMoment reads 2026-12-18T20:00, with seconds or not, and with Z or an offset as RFC 3339 writes it or not.
func readMoment(text string, end bool) (moment, error) {
	day, rest, ok := strings.Cut(text, "T")
	if !ok {
		return moment{}, source.Refuse(RuleDateTime, "%s", notAMoment(text, end))
	}
	var m moment
	var err error
	if m.date, err = parseDate(day); err != nil {
		return moment{}, err
	}
	at := strings.IndexAny(rest, "Z+-")
	if at >= 0 {
		if m.offset, err = offset(rest[at:]); err != nil {
			return moment{}, err
		}
		rest = rest[:at]
	}
	m.clock, err = clock(rest, end)
	return m, err
}

// offset reads Z, +01:00 or -08:00, in seconds.
func offset(text string) (*int, error) {
	seconds := 0
	if text != "Z" {
		c, err := clock(text[1:], false)
		if err != nil || len(text) != len("+01:00") {
			return nil, source.Refuse(RuleDateTime, "%s is not an offset from UTC; write it like +01:00 or Z", source.Quote(text))
		}
		seconds = int(c)
	}
	if text[0] == '-' {
		seconds = -seconds
	}
	return &seconds, nil
}

// ParseTime reads an instant as an event writes it, RFC 3339 or the wall clock of a zone such as 2026-12-18T20:00, where
// of two readings the earlier is taken. A date alone means its beginning. The year is one from 2000 to 2199: far
// beyond, nanoseconds since 1970 do not fit into 64 bits.
func ParseTime(text string, loc *time.Location) (time.Time, error) {
	if _, err := parseDate(text); err == nil {
		text += "T00:00"
	}
	m, err := readMoment(text, false)
	return m.bounded(text, loc, schedules.StartInstant, err)
}

// ParseEnd reads an instant as the end of an event: 24:00 is one, and of two readings of the clock the later.
func ParseEnd(text string, loc *time.Location) (time.Time, error) {
	m, err := readMoment(text, true)
	return m.bounded(text, loc, schedules.EndInstant, err)
}

func (m moment) bounded(text string, loc *time.Location,
	resolve func(schedules.Date, schedules.Clock, *time.Location) time.Time, err error,
) (time.Time, error) {
	if err != nil {
		return time.Time{}, err
	}
	const first, last = 2000, 2199
	at := m.instant(loc, resolve).In(loc)
	if at.Year() < first || at.Year() > last {
		return time.Time{}, fmt.Errorf("the year of %q is not one from %d to %d", text, first, last)
	}
	return at, nil
}

// weekdays reads mon, or a range such as fri-mon.
func weekdays(n *source.Node) ([]time.Weekday, error) {
	return cycle(n.Text, time.Sunday, time.Saturday, RuleDay, "day", func(text string) (time.Weekday, error) {
		return 0, source.Refuse(RuleDay, "%s is not a day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri",
			source.Quote(text))
	})
}

// months reads nov, 11, or a range such as nov-feb.
func months(n *source.Node) ([]time.Month, error) {
	return cycle(n.Text, time.January, time.December, RuleMonth, "month", func(text string) (time.Month, error) {
		if !digits(text) {
			return 0, source.Refuse(RuleMonth, "%s is not a month; write jan to dec, 1 to 12 or a range such as nov-feb", source.Quote(text))
		}
		number, err := wholeNumber(text, RuleMonth)
		if err == nil && (number < 1 || number > 12) {
			return 0, source.Refuse(RuleMonth, "%s is not a month; the months are 1 to 12", source.Cut(text))
		}
		return time.Month(number), err
	})
}

// begins reports whether text is one word and begins with the letters.
func begins(text, letters string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, letters) && strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz") == ""
}

// span reads one value, or two with a separator between them. Where the error quotes a part, it quotes the whole
// text instead.
func span[T any](text, separator string, parse func(string) (T, error)) (first, last T, err error) {
	before, after, ranged := strings.Cut(text, separator)
	first, err = parse(before)
	if last = first; err == nil && ranged {
		last, err = parse(after)
	}
	if ranged && err != nil && strings.HasPrefix(err.Error(), `"`) {
		_, err = parse(text)
	}
	return first, last, err
}

// cycle reads a day or month by the first three letters of its name, or a range of them, which begins anew with the least
// after the most. What is no name is left to other.
func cycle[T interface {
	~int
	String() string
}](text string, least, most T, rule, what string, other func(string) (T, error),
) ([]T, error) {
	first, last, err := span(text, "-", func(text string) (T, error) {
		for value := least; value <= most; value++ {
			switch short := strings.ToLower(value.String()[:3]); {
			case text == short:
				return value, nil
			case begins(text, short):
				return 0, source.Refuse(rule, "%s is not a %s; did you mean %s?", source.Quote(text), what, short)
			}
		}
		return other(text)
	})
	if err != nil {
		return nil, err
	}
	all := []T{first}
	for value := first; value != last; all = append(all, value) {
		if value++; value > most {
			value = least
		}
	}
	return all, nil
}

// daysOfMonth reads 1 to 31, or -1 to -31.
func daysOfMonth(n *source.Node) ([]int, error) {
	if !n.Plain {
		return nil, source.Refuse(RuleDayOfMonth, "write the number without quotes")
	}
	number, err := wholeNumber(n.Text, RuleDayOfMonth)
	if err != nil {
		return nil, err
	}
	if number == 0 || number < -31 || number > 31 {
		return nil, source.Refuse(RuleDayOfMonth, "%s is not a day of a month; write 1 to 31, or -1 (the last day) to -31",
			source.Cut(n.Text))
	}
	return []int{number}, nil
}

// dateRanges reads a date, or a range such as 2026-12-31/2027-01-01.
func dateRanges(n *source.Node) ([]schedules.DateRange, error) {
	first, last, err := span(n.Text, "/", parseDate)
	if meant := rangeMeant(n.Text); err != nil && meant != "" {
		err = source.Refuse(RuleDate, "%s is not a range of dates; write %q", source.Quote(n.Text), meant)
	}
	if err != nil {
		return nil, err
	}
	if last < first {
		return nil, source.Refuse(RuleDatesReversed, "%s ends before it begins", source.Quote(n.Text))
	}
	return []schedules.DateRange{{First: first, Last: last}}, nil
}

func date(n *source.Node) (schedules.Date, error) {
	if rangeMeant(n.Text) != "" || shape(n.Text) == "dddd-dd-dd/dddd-dd-dd" {
		return 0, source.Refuse(RuleDate, "%s is a range of dates; here one date is written, like \"2026-12-25\"", source.Quote(n.Text))
	}
	return parseDate(n.Text)
}

func parseDate(text string) (schedules.Date, error) {
	if shape(text) != "dddd-dd-dd" {
		return 0, source.Refuse(RuleDate, "%s", notADate(text))
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, source.Refuse(RuleDate, "%s does not exist in the calendar", text)
	}
	return schedules.NewDate(t.Date()), nil
}

// shape returns text with a d for every digit.
func shape(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'd'
		}
		return r
	}, text)
}
