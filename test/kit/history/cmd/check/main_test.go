package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

const schedule = `
apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: UTC
events:
  - name: gala
    start: "2026-11-20T20:00"
    end: "2026-11-20T22:00"
    targets: [{namespace: shop, name: web, minReplicas: 10}]
`

// TestCheck judges the night that testdata holds, by the schedule of that night and by another one.
func TestCheck(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	tests := map[string]struct {
		schedule, want string
		found          bool
	}{
		"by its schedule": {schedule, "5 writes of HorizontalPodAutoscalers, 0 violations\n", false},
		"by another one":  {strings.Replace(schedule, "10", "12", 1), "I9 violated by line 2 (2026-11-20T20:00:01.000Z patch ", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(test.schedule), 0o644); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			found, err := run([]string{"--audit=testdata/night.log", "--schedule=" + file}, &out)
			if err != nil || found != test.found || !strings.HasPrefix(out.String(), test.want) {
				t.Errorf("it says (%t, %v)\n%s", found, err, &out)
			}
		})
	}
}

func TestUnusable(t *testing.T) {
	for _, args := range [][]string{{}, {"--audit=testdata/night.log", "--schedule=none.yaml"}, {"--audit=main.go", "--schedule=."}} {
		if _, err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is no error", args)
		}
	}
}

func TestPolicy(t *testing.T) {
	var out bytes.Buffer
	if _, err := run([]string{"--policy"}, &out); err != nil || out.String() != history.AuditPolicy {
		t.Errorf("it prints (%v)\n%s", err, &out)
	}
}
