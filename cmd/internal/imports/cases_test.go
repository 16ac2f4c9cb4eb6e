package imports_test

import (
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
)

// importCase is an import of a few manifests, and texts of its schedule and its notes.
type importCase struct {
	options     imports.Options
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
			lines, notes := draft.Write()
			for _, note := range notes {
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

func TestObjectsThatAreGivenTwice(t *testing.T) {
	const twice = "is among the objects twice; this one is left out"
	for tool, objects := range map[string]string{
		"keda":                 scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("0 8 * * *", "0 9 * * *")),
		"hpa-time-scaler":      scalerJob("1 * * * *", "", literals, ""),
		"prescaling-exporter":  prescaledHPA("4", "20:00:00", "23:00:00") + prescalingEvent("20:00:00", "23:00:00"),
		"kube-metrics-adapter": adapterHPA("shop", "type: AverageValue, averageValue: 10") + campaign("UTC"),
	} {
		t.Run(tool, func(t *testing.T) {
			once := converters[tool](parseObjects(t, "x.yaml", objects), imports.Options{})
			draft := converters[tool](parseObjects(t, "x.yaml", objects+objects), imports.Options{})
			judge(t, draft)
			text, notes := draft.Write()
			onceText, _ := once.Write()
			if len(draft.Windows) != len(once.Windows) || len(draft.Events) != len(once.Events) || draft.Found != once.Found {
				t.Errorf("given twice, it becomes\n%s", text)
			}
			if !strings.Contains(text, "twice") || !strings.Contains(notes[len(notes)-1].Text, twice) {
				t.Errorf("nothing says %q in\n%s", twice, text)
			}
			if strings.Count(text, "minReplicas: ") != strings.Count(onceText, "minReplicas: ") {
				t.Errorf("some targets are there twice in\n%s", text)
			}
		})
	}
}
