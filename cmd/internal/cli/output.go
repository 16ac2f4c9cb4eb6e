package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CheckOutput returns an error for a format that a command does not have.
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
