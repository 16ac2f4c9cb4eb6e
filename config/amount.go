package config

import (
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	maxPercentage = 100_000
	maxMultiplier = 1000
)

// amount reads minReplicas: 25 or 150%.
func amount(n *source.Node) (schedules.Amount, error) {
	if digits, ok := strings.CutSuffix(n.Text, "%"); ok {
		tenths, err := decimal(digits, 1, RuleAmount)
		if err == nil && (tenths <= 1000 || tenths > 10*maxPercentage) {
			err = source.Refuse(RulePercentageRange, "a percentage is of the baseline, so it is above 100%% (and at most %d%%)",
				maxPercentage)
		}
		return schedules.Amount{Ratio: schedules.Ratio(tenths)}, err
	}
	if !n.Plain {
		return schedules.Amount{}, source.Refuse(RuleAmount, "write the number without quotes")
	}
	replicas, err := wholeNumber(n.Text, RuleAmount)
	if err != nil {
		return schedules.Amount{}, err
	}
	if replicas < 1 || replicas > schedules.MaxReplicas {
		return schedules.Amount{}, source.Refuse(RuleAmountRange, "minReplicas is a number from 1 to %d, or a percentage",
			schedules.MaxReplicas)
	}
	return schedules.Amount{Replicas: int32(replicas)}, nil
}

func multiplier(n *source.Node) (schedules.Ratio, error) {
	if !n.Plain {
		return 0, source.Refuse(RuleMultiplier, "write the number without quotes")
	}
	thousandths, err := decimal(n.Text, 3, RuleMultiplier)
	if err != nil {
		return 0, err
	}
	if thousandths < 1000 || thousandths > 1000*maxMultiplier {
		return 0, source.Refuse(RuleMultiplier, "a multiplier is a number from 1 to %d", maxMultiplier)
	}
	return schedules.Ratio(thousandths), nil
}

// decimal reads a number with at most so many decimals, as a whole number of its last decimal. It is exact.
func decimal(text string, places int, rule string) (int, error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	if !digits(strings.TrimPrefix(whole, "-")) || dotted && !digits(fraction) {
		return 0, source.Refuse(rule, "%s is not a decimal number such as 1.5", source.Quote(text))
	}
	if len(fraction) > places {
		return 0, source.Refuse(rule, "%s has too many decimals; the most is %d", source.Quote(text), places)
	}
	if err := plainZero(text, rule); err != nil {
		return 0, err
	}
	return atoi(whole + fraction + strings.Repeat("0", places-len(fraction))), nil
}

// wholeNumber reads a decimal number that nobody can take for another one.
func wholeNumber(text, rule string) (int, error) {
	if !digits(strings.TrimPrefix(text, "-")) {
		return 0, source.Refuse(rule, "%s is not a whole number in plain decimal digits", source.Quote(text))
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
	return source.Refuse(rule, "%s begins with a zero, which some readers take for octal; write %s", source.Quote(text),
		source.Cut(text[:len(text)-len(unsigned)]+plain))
}

// atoi returns the number that digits write, or one beyond every limit.
func atoi(digits string) int {
	number, err := strconv.Atoi(digits)
	if err != nil {
		return 1 << 31
	}
	return number
}

// digits reports whether text is one decimal digit or more, and nothing else.
func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
