package imports

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
)

// maxText is how much of a text from an object is repeated, in characters.
const maxText = 200

// clean returns text that is safe in a comment and on a terminal: one line, nothing that does not show, not too long.
func clean(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText]) + "…"
	}
	return visible(text)
}

// visible returns text on one line, with a replacement for all that does not show.
func visible(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

// quote returns a text from an object in quotes.
func quote(text string) string { return strconv.Quote(clean(text)) }

// plain matches what YAML takes for text without quotes, reserved words aside.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*([./+][A-Za-z0-9_-]+)*$`)

// scalar writes a text as a YAML value.
func scalar(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf":
	default:
		if plain.MatchString(text) {
			return text
		}
	}
	return quoted(text)
}

// quoted writes a text as a YAML value in quotes.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(text)) + `"`
}

// freeName returns a DNS label that is as close to the text as can be and that no entry has.
func (d *Draft) freeName(text string) string {
	base := label(text)
	name := base
	for i := 2; d.names.Has(name); i++ {
		suffix := fmt.Sprintf("-%d", i)
		name = strings.TrimRight(base[:min(len(base), validation.DNS1123LabelMaxLength-len(suffix))], "-") + suffix
	}
	return name
}

// label returns a DNS label that is as close to the text as can be.
func label(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "-")
	name = strings.TrimRight(name[:min(len(name), validation.DNS1123LabelMaxLength)], "-")
	if name == "" {
		return "imported"
	}
	return name
}
