package migrate_test

import (
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/migrate"
)

// importCase is an import of a few manifests, and what its schedule and its notes say of them.
type importCase struct {
	options     migrate.Options
	objects     string
	want, never []string // parts of a line, which begin with the entry's name where that matters
}

// try converts manifests of a tool and looks for the lines.
func try(t *testing.T, tool string, cases map[string]importCase) {
	t.Helper()
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			draft := converters[tool](parseObjects(t, "x.yaml", c.objects), c.options)
			judge(t, draft)
			lines := draft.YAML()
			for _, note := range draft.Notes() {
				lines += note.String() + "\n"
			}
			for _, text := range c.want {
				if !strings.Contains(lines, text) {
					t.Errorf("nothing says %q in\n%s", text, lines)
				}
			}
			for _, text := range c.never {
				if strings.Contains(lines, text) {
					t.Errorf("%q stands in\n%s", text, lines)
				}
			}
		})
	}
}
