package imports

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/text"
)

// maxText is how much of a text from an object is repeated, in characters.
const maxText = 200

// clean returns a text from an object on one line, cut if it is long, and safe in a comment and on a terminal.
func clean(s string) string { return strings.TrimSpace(text.Line(text.Cut(s, maxText))) }

func quote(s string) string { return strconv.Quote(clean(s)) }

func scalar(s string) string { return source.Encode(clean(s), true) }

// parseTime reads a setting that is a time, and returns an error with what such a time is like.
func parseTime(name, layout, value, such string) (time.Time, error) {
	t, err := time.Parse(layout, value)
	if err != nil {
		err = fmt.Errorf("%s is %s, not %s", name, quote(value), such)
	}
	return t, err
}

func parseReplicas(name, value string, bits int, least int64) (int64, error) {
	n, err := strconv.ParseInt(value, 10, bits)
	if err != nil || n < least {
		return n, fmt.Errorf("%s is %s, not a number from %d on", name, quote(value), least)
	}
	return n, nil
}

// freeName returns a DNS label that is as close to the text as can be and that no entry has.
func (d *Draft) freeName(s string) string {
	base := label(s)
	name := base
	for i := 2; d.names.Has(name); i++ {
		suffix := fmt.Sprintf("-%d", i)
		name = strings.TrimRight(base[:min(len(base), validation.DNS1123LabelMaxLength-len(suffix))], "-") + suffix
	}
	return name
}

func label(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "-")
	name = strings.TrimRight(name[:min(len(name), validation.DNS1123LabelMaxLength)], "-")
	if name == "" {
		return "imported"
	}
	return name
}
