package config

import (
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// weekdays reads mon, or a range such as fri-mon.
func weekdays(n *node) ([]time.Weekday, error) {
	first, last, err := span(n.text, weekday)
	if err != nil {
		return nil, err
	}
	return cycle(first, last, time.Sunday, time.Saturday), nil
}

func weekday(text string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if text == short(d) {
			return d, nil
		}
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if begins(text, short(d)) {
			return 0, refuse(RuleDay, "%s is not a day; did you mean %s?", quote(text), short(d))
		}
	}
	return 0, refuse(RuleDay, "%s is not a day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri",
		quote(text))
}

// months reads nov, 11, or a range such as nov-feb.
func months(n *node) ([]time.Month, error) {
	first, last, err := span(n.text, month)
	if err != nil {
		return nil, err
	}
	return cycle(first, last, time.January, time.December), nil
}

func month(text string) (time.Month, error) {
	for m := time.January; m <= time.December; m++ {
		if text == short(m) {
			return m, nil
		}
	}
	if digits(text) {
		number, err := wholeNumber(text, RuleMonth)
		if err == nil && (number < 1 || number > 12) {
			return 0, refuse(RuleMonth, "%s is not a month; the months are 1 to 12", cut(text))
		}
		return time.Month(number), err
	}
	for m := time.January; m <= time.December; m++ {
		if begins(text, short(m)) {
			return 0, refuse(RuleMonth, "%s is not a month; did you mean %s?", quote(text), short(m))
		}
	}
	return 0, refuse(RuleMonth, "%s is not a month; write jan to dec, 1 to 12 or a range such as nov-feb", quote(text))
}

// short returns the first three letters of a day's or a month's name.
func short(name interface{ String() string }) string {
	return strings.ToLower(name.String()[:3])
}

// begins says whether text is one word and begins with the letters.
func begins(text, letters string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, letters) && strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz") == ""
}

// span reads one value, or two with a hyphen between them.
func span[T any](text string, parse func(string) (T, error)) (first, last T, err error) {
	before, after, ranged := strings.Cut(text, "-")
	if first, err = parse(before); err != nil || !ranged {
		return first, first, err
	}
	last, err = parse(after)
	return first, last, err
}

// cycle returns the values from first to last, beginning anew after most.
func cycle[T ~int](first, last, least, most T) []T {
	all := []T{first}
	for value := first; value != last; all = append(all, value) {
		if value++; value > most {
			value = least
		}
	}
	return all
}

// daysOfMonth reads 1 to 31, or -1 to -31.
func daysOfMonth(n *node) ([]int, error) {
	if !n.plain {
		return nil, refuse(RuleDayOfMonth, "write the number without quotes")
	}
	number, err := wholeNumber(n.text, RuleDayOfMonth)
	if err != nil {
		return nil, err
	}
	if number == 0 || number < -31 || number > 31 {
		return nil, refuse(RuleDayOfMonth, "%s is not a day of a month; write 1 to 31, or -1 (the last day) to -31",
			cut(n.text))
	}
	return []int{number}, nil
}

// dateRanges reads a date, or a range such as 2026-12-31/2027-01-01.
func dateRanges(n *node) ([]schedules.DateRange, error) {
	before, after, ranged := strings.Cut(n.text, "/")
	first, err := parseDate(before)
	if err != nil {
		return nil, err
	}
	last := first
	if ranged {
		if last, err = parseDate(after); err != nil {
			return nil, err
		}
	}
	if last < first {
		return nil, refuse(RuleDatesReversed, "%s ends before it begins", quote(n.text))
	}
	return []schedules.DateRange{{First: first, Last: last}}, nil
}

func date(n *node) (schedules.Date, error) { return parseDate(n.text) }

// parseDate reads YYYY-MM-DD.
func parseDate(text string) (schedules.Date, error) {
	const shape = "dddd-dd-dd"
	digit := func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'd'
		}
		return r
	}
	if strings.Map(digit, text) != shape {
		return 0, refuse(RuleDate, "%s is not a date; write it like \"2026-12-25\"", quote(text))
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, refuse(RuleDate, "%s does not exist in the calendar", text)
	}
	return schedules.NewDate(t.Date()), nil
}
