package config

import (
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

// didYouMean returns "; did you mean X?" where a candidate is close to word, else "".
func didYouMean(word string, candidates []string) string {
	if closest := closest(word, candidates); closest != "" {
		return "; did you mean " + closest + "?"
	}
	return ""
}

// maxSlips is how many characters a misspelt word may be off.
const maxSlips = 3

// closest returns the only candidate that word shortens or lengthens: leadTime for lead, end for endTime. Else it returns
// the one that word is most likely a slip of, or "".
func closest(word string, candidates []string) string {
	lower := strings.ToLower(word)
	best, least := "", 1+min(maxSlips, len(word)/3)
	var alike []string
	for _, candidate := range candidates {
		known := strings.ToLower(candidate)
		if apart := len(lower) - len(known); -maxSlips <= apart && apart <= maxSlips { // a name may be very long
			if distance := text.Distance(lower, known); distance < least {
				best, least = candidate, distance
			}
		}
		if min(len(lower), len(known)) >= len("end") && (begins(known, lower) || begins(lower, known)) {
			alike = append(alike, candidate)
		}
	}
	if len(alike) == 1 {
		return alike[0]
	}
	return best
}
