package edit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/config/edit"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// What is too large after an edit is refused, and the file is not blamed for anything else.
func TestAnEditThatMakesTheFileTooLarge(t *testing.T) {
	text := "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\nevents: []\n"
	text += "#" + strings.Repeat("x", 1<<20-len(text)-20) + "\n"
	_, err := edit.AddEvent(source.File{Name: "f", Data: []byte(text)}, added(), time.Time{})
	if err == nil || !strings.Contains(err.Error(), "cannot edit f: it would be larger than 1048576 bytes") {
		t.Errorf("the error is %v", err)
	}
}

// Where ends of lines are mixed, new lines end as those above them do, in a file and in a manifest.
func TestNewLinesEndAsTheirNeighbours(t *testing.T) {
	const head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\r\nevents:"
	const item = "{name: a, start: 2026-01-01T10:00, duration: 1h, multiplier: 2}"
	for before, line := range map[string]string{
		head + "\r\n- " + item + "\r\nwindows: []\n":      "- {name: e, start: 2026-01-01T10:00, duration: 1h, multiplier: 2}\r\nwindows",
		head + " [\r\n  " + item + "\r\n]\nwindows: []\n": "multiplier: 2},\r\n  {name: e, start: 2026-01-01T10:00, duration: 1h, multiplier: 2}\r\n]\nwin",
		head + " [\r\n  " + item + "]\nwindows: []\n":     "multiplier: 2},\r\n  {name: e, start: 2026-01-01T10:00, duration: 1h, multiplier: 2}]\nwin",
		"kind: ConfigMap\napiVersion: v1\ndata:\n  s.yaml: |\n" +
			"    apiVersion: floorkeeper.dev/v1\n    kind: Schedule\r\n    timeZone: UTC\r\n    events:\r\n    - " + item + "\r\n": "\r\n    - {name: e, start: 2026-01-01T10:00, duration: 1h, multiplier: 2}\r\n",
	} {
		event := edit.Event{Name: "e", Start: "2026-01-01T10:00", Duration: "1h", Multiplier: "2"}
		change, err := edit.AddEvent(source.File{Name: "f", Data: []byte(before)}, event, time.Time{})
		if err != nil {
			t.Errorf("%v\n%q", err, before)
		} else if !strings.Contains(string(change.After.Data), line) {
			t.Errorf("%q\nbecame\n%q", before, change.After.Data)
		}
	}
}
