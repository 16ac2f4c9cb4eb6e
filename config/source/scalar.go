package source

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Encode writes text as a YAML value, in quotes where it would not be read as the same text without. inline asks for
// what can be written inside brackets.
func Encode(text string, inline bool) string {
	if safe(text, inline) {
		return text
	}
	return Quoted(text)
}

// Quoted writes text as a YAML value in double quotes.
func Quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b) // what JSON writes, YAML reads
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return Quote(text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// safe reports whether text is read as the same text without quotes. It is strict: no numbers, no dates, none of the words
// that some readers of YAML take for something else, and no character that could mean something.
func safe(text string, inline bool) bool {
	simple := regexp.MustCompile(`^\p{L}(?:[\p{L}\p{N} _./()+;,-]*[\p{L}\p{N}_.)/+-])?$`)
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	return simple.MatchString(text) && !slices.Contains(words, strings.ToLower(text)) &&
		(!inline || !strings.Contains(text, ","))
}
