package config

import (
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	maxPercentage = 100_000
	maxMultiplier = 1000
)

// amount reads minReplicas: 25 or 150%.
func amount(n *node) (schedules.Amount, error) {
	if digits, ok := strings.CutSuffix(n.text, "%"); ok {
		ratio, err := percentage(digits)
		return schedules.Amount{Ratio: ratio}, err
	}
	if !n.plain {
		return schedules.Amount{}, refuse(RuleAmount, "write the number without quotes")
	}
	replicas, err := wholeNumber(n.text, RuleAmount)
	if err != nil {
		return schedules.Amount{}, err
	}
	if replicas < 1 || replicas > schedules.MaxReplicas {
		return schedules.Amount{}, refuse(RuleAmountRange, "minReplicas is a number from 1 to %d, or a percentage",
			schedules.MaxReplicas)
	}
	return schedules.Amount{Replicas: int32(replicas)}, nil
}

// percentage reads the number before the sign.
func percentage(text string) (schedules.Ratio, error) {
	tenths, err := decimal(text, 1, RuleAmount)
	if err != nil {
		return 0, err
	}
	if tenths <= 1000 || tenths > 10*maxPercentage {
		return 0, refuse(RulePercentageRange, "a percentage is of the baseline, so it is above 100%% (and at most %d%%)",
			maxPercentage)
	}
	return schedules.Ratio(tenths), nil
}

// multiplier reads a factor such as 3 or 1.5.
func multiplier(n *node) (schedules.Ratio, error) {
	if !n.plain {
		return 0, refuse(RuleMultiplier, "write the number without quotes")
	}
	thousandths, err := decimal(n.text, 3, RuleMultiplier)
	if err != nil {
		return 0, err
	}
	if thousandths < 1000 || thousandths > 1000*maxMultiplier {
		return 0, refuse(RuleMultiplier, "a multiplier is a number from 1 to %d", maxMultiplier)
	}
	return schedules.Ratio(thousandths), nil
}

// decimal reads a number with at most so many decimals, as a whole number of its last decimal. It is exact.
func decimal(text string, places int, rule string) (int, error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	if !digits(strings.TrimPrefix(whole, "-")) || dotted && !digits(fraction) {
		return 0, refuse(rule, "%s is not a decimal number such as 1.5", quote(text))
	}
	if len(fraction) > places {
		return 0, refuse(rule, "%s has too many decimals; the most is %d", quote(text), places)
	}
	if err := plainZero(text, rule); err != nil {
		return 0, err
	}
	return atoi(whole + fraction + strings.Repeat("0", places-len(fraction))), nil
}

// wholeNumber reads a decimal number that nobody can take for another one.
func wholeNumber(text, rule string) (int, error) {
	if !digits(strings.TrimPrefix(text, "-")) {
		return 0, refuse(rule, "%s is not a whole number in plain decimal digits", quote(text))
	}
	return atoi(text), plainZero(text, rule)
}

// plainZero refuses a number that begins with a zero too many: 010 is 8 to some readers of YAML.
func plainZero(text, rule string) error {
	unsigned := strings.TrimPrefix(text, "-")
	plain := strings.TrimLeft(unsigned, "0")
	if plain == "" || plain[0] == '.' {
		plain = "0" + plain
	}
	if plain == unsigned {
		return nil
	}
	return refuse(rule, "%s begins with a zero, which some readers take for octal; write %s", quote(text),
		cut(text[:len(text)-len(unsigned)]+plain))
}

// atoi returns the number that digits write, or one beyond every limit.
func atoi(digits string) int {
	number, err := strconv.Atoi(digits)
	if err != nil {
		return 1 << 31
	}
	return number
}

// digits says whether text is one decimal digit or more, and nothing else.
func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
