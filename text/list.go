package text

import (
	"strconv"
	"strings"
)

// Count returns "1 HPA" or "1204 HPAs".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// GroupedCount returns "1 HPA" or "1,204 HPAs".
func GroupedCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Grouped returns a number, which is not negative, with a comma between thousands.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// List joins names: the first of many, and how many more there are. One more than most is still named, as "and 1 more" is no
// shorter.
func List(names []string, separator string, most int) string {
	if len(names) <= most+1 {
		return strings.Join(names, separator)
	}
	return strings.Join(names[:most], separator) + " and " + strconv.Itoa(len(names)-most) + " more"
}

// Runs names numbers in their order: three or more in a row by the first and the last, such as Mon-Fri.
func Runs[T ~int](numbers []T, to string, name func(T) string) []string {
	var texts []string
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
			n++
		}
		text := name(numbers[0])
		if n < 3 {
			n = 1
		} else {
			text += to + name(numbers[n-1])
		}
		texts, numbers = append(texts, text), numbers[n:]
	}
	return texts
}
