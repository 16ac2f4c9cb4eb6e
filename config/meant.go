package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// What people write where a time, a date or a duration belongs, and what they mean by it.

// notAClock returns what is wrong with a text that is no time of day.
func notAClock(text string) string {
	made, meant := sexagesimal(text), clockMeant(text)
	switch day, _, _ := strings.Cut(text, "T"); {
	case made != "":
		advice := fmt.Sprintf("%s is what YAML 1.1 makes of %s; quote it where the file is generated: %q", source.Cut(text), made, made)
		if meant != "" && meant != made {
			advice += fmt.Sprintf("; if %s is meant, write %q", meant, meant)
		}
		return advice
	case meant != "":
		return fmt.Sprintf("%s is not a time of day; write %q", source.Quote(text), meant)
	case shape(day) == "dddd-dd-dd":
		return source.Quote(text) + " has a date, which is for events; a window has times of day, like \"09:30\" or \"19:30:15\""
	}
	return source.Quote(text) + " is not a time of day; write it like \"09:30\" or \"19:30:15\""
}

// sexagesimal returns the time of day that a reader of YAML 1.1 has turned into this number, or "". It turns 19:30 into 1170
// and 19:30:00 into 70200; Ruby turns 19:30 into 70200 as well.
func sexagesimal(text string) string {
	const hour, day = 60, 24 * 60 // in minutes
	number, err := strconv.ParseFloat(text, 64)
	whole := int(number)
	switch {
	case err != nil || float64(whole) != number:
		return ""
	case hour <= whole && whole <= day:
		return fmt.Sprintf("%02d:%02d", whole/60, whole%60)
	case 60*hour <= whole && whole <= 60*day && whole%60 == 0:
		return fmt.Sprintf("%02d:%02d", whole/3600, whole/60%60)
	case 60*hour <= whole && whole < 60*day:
		return fmt.Sprintf("%02d:%02d:%02d", whole/3600, whole/60%60, whole%60)
	}
	return ""
}

// clockMeant returns the time of day that 8:00, 19h30, 1930 or 7pm mean, or "".
func clockMeant(text string) string {
	parts := regexp.MustCompile(`(?i)^T?(\d\d?)(?:[:.h]?(\d\d))?(?:[:.](\d\d))?h? ?(?:([ap])\.?m\.?)?$`).FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return ""
	}
	hour := atoi(parts[1])
	if half := strings.ToLower(parts[4]); half != "" {
		if hour > 12 {
			return ""
		}
		hour %= 12
		if half == "p" {
			hour += 12
		}
	}
	meant := fmt.Sprintf("%02d:%02s", hour, parts[2])
	if parts[3] != "" {
		meant += ":" + parts[3]
	}
	if _, err := clock(meant, true); err != nil {
		return ""
	}
	return meant
}

// notAMoment returns what is wrong with a text that is no date and time.
func notAMoment(text string, end bool) string {
	day := text[:min(len(text), len(time.DateOnly))]
	if _, err := parseDate(day); err == nil {
		meant := day + strings.ToUpper(strings.Replace(strings.TrimSpace(text[len(day):]), " ", "", 1))
		switch {
		case meant == day && end:
			return fmt.Sprintf("%s is a date without a time; write %q for its end", source.Quote(text), day+"T24:00")
		case meant == day:
			return fmt.Sprintf("%s is a date without a time; write %q for its beginning", source.Quote(text), day+"T00:00")
		}
		if !strings.HasPrefix(meant, day+"T") {
			meant = day + "T" + meant[len(day):]
		}
		if _, err := readMoment(meant, end); err == nil {
			return fmt.Sprintf("%s is not a date and time; write %q", source.Quote(text), meant)
		}
	}
	clock := sexagesimal(text)
	if _, err := startClock(&source.Node{Text: text}); err == nil {
		clock = text
	}
	if clock != "" {
		return fmt.Sprintf("%s is a time without a date; write it like \"2026-12-18T%s\"", source.Quote(text), clock)
	}
	return source.Quote(text) + " is not a date and time; write it like \"2026-12-18T20:00\""
}

// notADate returns what is wrong with a text that is no date.
func notADate(text string) string {
	trimmed := strings.TrimSpace(text)
	switch meant := dateMeant(trimmed); {
	case meant != "" && len(trimmed) > len(meant):
		return fmt.Sprintf("%s is a date and a time; write the date alone: %q", source.Quote(text), meant)
	case meant != "":
		return fmt.Sprintf("%s is not a date; write %q", source.Quote(text), meant)
	case shape(strings.TrimLeft(trimmed, "-")) == "dd-dd":
		return source.Quote(text) + " has no year; write the date of each year, like \"2026-12-25\""
	}
	return source.Quote(text) + " is not a date; write it like \"2026-12-25\""
}

// dateMeant returns the date that 20261225, 2026/12/25, 25.12.2026 or 2026-12-25T00:00 mean, or "". Of 01/02/2026 nobody
// knows.
func dateMeant(text string) string {
	for _, form := range []string{"20060102", "2006-1-2", "2006/1/2", "2006.1.2", "2.1.2006"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	if day, rest := text[:min(len(text), len(time.DateOnly))], text[min(len(text), len(time.DateOnly)):]; rest != "" && strings.Contains("Tt ", rest[:1]) {
		if _, err := time.Parse(time.DateOnly, day); err == nil && regexp.MustCompile(`^[Tt ][0-9:.+Zz -]+$`).MatchString(rest) {
			return day
		}
	}
	return ""
}

// rangeMeant returns the range of dates that a text with another separator means, such as 2026-12-24..2026-12-26, or "" for
// any other text and for one that is written as a range.
func rangeMeant(text string) string {
	const date = `(\d{4}-\d\d-\d\d)`
	parts := regexp.MustCompile(`^\s*` + date + `\s*(?:\.\.+|…|-+|[–—:;,~/]|to|until|through|\s)\s*` + date + `\s*$`).FindStringSubmatch(text)
	if parts == nil || parts[1]+"/"+parts[2] == text {
		return ""
	}
	return parts[1] + "/" + parts[2]
}

// notADuration returns what is wrong with a text that is no duration.
func notADuration(text string) string {
	if number := strings.TrimPrefix(text, "-"); digits(number) {
		const perhapsMinutes = 120
		if atoi(number) <= perhapsMinutes {
			return fmt.Sprintf("write the unit, for example %sm or %ss", source.Cut(text), source.Cut(text))
		}
		return fmt.Sprintf("write the unit, for example %ss", source.Cut(text))
	}
	if meant := durationMeant(text); meant != "" {
		return source.Quote(text) + " is not a duration; write " + meant
	}
	return source.Quote(text) + " is not a duration; write it like 45s, 90m, 1h30m or 7d"
}

// durationMeant returns the duration that 10 min, 00:10:00 or PT10M mean, or "".
func durationMeant(text string) string {
	lower := strings.ToLower(strings.Join(strings.Fields(text), ""))
	if hours, rest, ok := strings.Cut(lower, ":"); ok {
		if minutes, seconds, ok := strings.Cut(rest, ":"); ok {
			lower = hours + "h" + minutes + "m" + seconds + "s"
		}
	}
	lower = strings.TrimPrefix(strings.Replace(lower, "dt", "d", 1), "p")
	lower = strings.TrimPrefix(lower, "t")
	word := regexp.MustCompile(`(d)ays?|(h)(?:ou)?rs?|(m)in(?:ute)?s?|(s)ec(?:ond)?s?`)
	const long = 40
	meant := word.ReplaceAllString(lower, "$1$2$3$4")
	if meant == text || len(text) > long {
		return ""
	}
	d, err := ParseDuration(meant)
	if err != nil {
		return ""
	}
	return schedules.FormatDuration(d)
}
