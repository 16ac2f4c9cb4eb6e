package source

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Encode writes text as a YAML value, in quotes where it would not be read as the same text without. inline asks for
// what can be written inside brackets. It is strict: without quotes are no numbers, no dates, none of the words that some
// readers of YAML take for something else, and no character that could mean something.
func Encode(text string, inline bool) string {
	simple := regexp.MustCompile(`^\p{L}(?:[\p{L}\p{N} _./()+;,-]*[\p{L}\p{N}_.)/+-])?$`)
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if simple.MatchString(text) && !slices.Contains(words, strings.ToLower(text)) && (!inline || !strings.Contains(text, ",")) {
		return text
	}
	return Quoted(text)
}

// Quoted writes text as a YAML value in double quotes.
func Quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b) // what JSON writes, YAML reads
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text in memory always can be
	return strings.TrimSuffix(b.String(), "\n")
}
