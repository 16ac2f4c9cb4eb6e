package config

import (
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

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
	if err != nil {
		return nil, err
	}
	if last < first {
		return nil, source.Refuse(RuleDatesReversed, "%s ends before it begins", source.Quote(n.Text))
	}
	return []schedules.DateRange{{First: first, Last: last}}, nil
}

func date(n *source.Node) (schedules.Date, error) { return parseDate(n.Text) }

// parseDate reads YYYY-MM-DD.
func parseDate(text string) (schedules.Date, error) {
	if shape(text) != "dddd-dd-dd" {
		return 0, source.Refuse(RuleDate, "%s is not a date; write it like \"2026-12-25\"", source.Quote(text))
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
