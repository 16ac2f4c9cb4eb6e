package config

import "strings"

// didYouMean returns "; did you mean X?" where a candidate is close to word, else "".
func didYouMean(word string, candidates []string) string {
	if closest := closest(word, candidates); closest != "" {
		return "; did you mean " + closest + "?"
	}
	return ""
}

// closest returns the only candidate that word shortens or lengthens: leadTime for lead, end for endTime. Else it returns
// the one that word is most likely a slip of, or "".
func closest(word string, candidates []string) string {
	lower := strings.ToLower(word)
	best, least := "", 1+min(3, len(word)/3)
	var alike []string
	for _, candidate := range candidates {
		known := strings.ToLower(candidate)
		if distance := editDistance(lower, known); distance < least {
			best, least = candidate, distance
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

// editDistance returns how many characters must be inserted, removed, replaced or swapped with their neighbour to make
// b of a (optimal string alignment).
func editDistance(a, b string) int {
	if len(a) > len(b)+3 || len(b) > len(a)+3 {
		return max(len(a), len(b)) // too far apart to be worth counting
	}
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+1)
			if a[i] == b[j] {
				row[j+1] = above[j]
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
