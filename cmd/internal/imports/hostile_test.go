package imports_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// hostile are values that nobody expects where they are put.
var hostile = []any{
	nil, "", "x\n  - name: evil", "\u2028windows: []", "# \r\n---\n", "\x00\x1b[31m", "'\"\\", "{{ .Values.name }}", "<script>",
	strings.Repeat("a", 300), strings.Repeat("é", 70), "null", "true", "0x10", "-1", "1e9", "9223372036854775807", "99999999999999999999",
	"00:00", "24:00", "23:59:59", "9:00", "2026-02-30", "0000-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "2026-12-18T20:00:00.5+23:59",
	"* * * * *", "*/7 */5 */2 */3 */2", "0 0 31 2 *", "0 0 * * 0", ", , , , ,", "TZ=UTC 0 0 * * *", "@every 1h", "Local", "../etc/passwd",
	"Europe/Paris", "\ufeff", "\xff\xfe", int64(-1), int64(0), int64(1) << 62, 1.5, 1e300, true,
	[]any{},
	[]any{nil, "x", []any{}},
	map[string]any{},
	map[string]any{"a": map[string]any{"b": nil}},
}

// spoil returns a copy of a value in which some parts are replaced.
func spoil(t *rapid.T, value any) any {
	if rapid.IntRange(0, 25).Draw(t, "spoil") == 0 {
		return rapid.SampledFrom(hostile).Draw(t, "value")
	}
	switch v := value.(type) {
	case map[string]any:
		changed := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			changed[name] = spoil(t, v[name])
		}
		return changed
	case []any:
		var changed []any
		for _, item := range v {
			changed = append(changed, spoil(t, item))
		}
		return changed
	}
	return value
}

// judge checks what is promised of every draft.
func judge(t tester, draft *imports.Draft) {
	t.Helper()
	text, notes := draft.Write()
	schedule, err := config.Parse(source.File{Name: "draft", Data: []byte(text)})
	if err != nil {
		t.Fatalf("the draft is not a schedule: %v\n%s", err, text)
	}
	if len(schedule.Windows()) != len(draft.Windows) || len(schedule.Events()) != len(draft.Events) {
		t.Fatalf("the schedule has %d windows and %d events, the draft %d and %d\n%s", len(schedule.Windows()),
			len(schedule.Events()), len(draft.Windows), len(draft.Events), text)
	}
	for _, note := range notes {
		if line := note.String(); strings.ContainsAny(line, "\n\r\x1b\u2028\u2029") {
			t.Fatalf("a note is not one harmless line: %q", line)
		}
	}
	if again, _ := draft.Write(); text != again {
		t.Fatalf("the same draft gives two texts")
	}
}

func TestWhateverTheObjectsHoldTheDraftIsASchedule(t *testing.T) {
	for tool, convert := range converters {
		objects := fixture(t, tool)
		t.Run(tool, rapid.MakeCheck(func(t *rapid.T) {
			var spoilt []manifests.Object
			for _, o := range objects {
				content := map[string]any{}
				for _, name := range slices.Sorted(maps.Keys(o.Object)) {
					content[name] = o.Object[name]
					if name != "kind" && name != "apiVersion" {
						content[name] = spoil(t, o.Object[name])
					}
				}
				spoilt = append(spoilt, manifests.Object{Unstructured: unstructured.Unstructured{Object: content}, File: "f\n\x1b.yaml", Line: 1})
			}
			judge(t, convert(spoilt, imports.Options{}))
		}))
	}
}

func FuzzManifests(f *testing.F) {
	for tool := range converters {
		for _, o := range fixture(f, tool) {
			text, err := o.MarshalJSON()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		objects, _ := manifests.Parse("", source.File{Name: "fuzz", Data: text})
		for _, convert := range converters {
			judge(t, convert(objects, imports.Options{Namespace: "here", TimeZone: "Europe/Oslo"}))
		}
	})
}

func TestWhatTheScheduleRefusesBecomesAComment(t *testing.T) {
	draft := imports.PrescalingExporter(parseObjects(t, "event.yaml", `
apiVersion: prescaling.bedrock.tech/v1
kind: PrescalingEvent
metadata: {name: last, namespace: prescaling}
spec: {date: "9999-12-31", start_time: "22:00:00", end_time: "02:00:00", multiplier: 2, description: after it there is no date}
`), imports.Options{TimeZone: "UTC"})
	judge(t, draft)
	text, _ := draft.Write()
	if len(draft.Events) != 0 || len(draft.Omitted) != 1 || !strings.Contains(draft.Omitted[0].Text, "10000-01-01") {
		t.Errorf("the event after which there is no date gave\n%s", text)
	}
}
