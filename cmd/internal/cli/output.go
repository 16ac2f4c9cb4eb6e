package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CheckOutput refuses a format that is none of those that a command knows.
func CheckOutput(output string, known ...string) error {
	if slices.Contains(known, output) {
		return nil
	}
	return fmt.Errorf("cannot use --output %q: it is one of %s", output, strings.Join(known, ", "))
}

// WriteJSON writes a value as an indented JSON document.
func WriteJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
