package validate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// TestOverlapsThatTargetsTell gives validate entries of one HPA and no HPAs.
func TestOverlapsThatTargetsTell(t *testing.T) {
	const head = command.Head + "timeZone: UTC\n"
	window := func(name, start, end, more, amount string) string {
		return "- {name: " + name + ", start: '" + start + "', end: '" + end + "'" + more +
			", targets: [{namespace: video, name: images, minReplicas: " + amount + "}]}\n"
	}
	for sentence, c := range map[string]struct {
		schedule string
		want     []string
	}{
		"two numbers": {
			window("a", "10:00", "12:00", "", "5") + window("b", "11:00", "13:00", "", "9"),
			[]string{"window a, from 2026-11-23 11:00 UTC: window b is open as well, and its floor 9 applies instead of 5: the largest does"},
		},
		"two percentages, alike with small baselines": {
			window("a", "10:00", "14:00", "", "150%") + window("b", "11:00", "13:00", "", "200%"),
			[]string{"window a, from 2026-11-23 11:00 UTC: window b is open as well and applies instead: its floor is the larger one with every baseline"},
		},
		"a number and a percentage": {
			window("a", "10:00", "12:00", "", "5") + window("b", "11:00", "13:00", "", "200%"),
			[]string{"window b, from 2026-11-23 11:00 UTC: window a is open as well; which of the two floors applies, the larger one, depends on the baseline: give --hpas or --live"},
		},
		"equal numbers": {
			window("a", "10:00", "12:00", "", "5") + window("b", "11:00", "13:00", "", "5"),
			[]string{"window a, from 2026-11-23 11:00 UTC: window b is open as well and asks for the same floor"},
		},
		"a ramp that climbs through another floor": {
			window("a", "10:00", "14:00", "", "5") + window("b", "11:00", "13:00", ", rampUp: 30m", "50"),
			[]string{"window a, from 2026-11-23 11:00 UTC: window b is open as well, and its floor 50 applies instead of 5: the largest does"},
		},
		"one after the other": {window("a", "10:00", "12:00", "", "5") + window("b", "12:00", "13:00", "", "9"), nil},
		"one that overlaps itself": {
			"- {name: a, start: '10:00', duration: 30h, targets: [{namespace: video, minReplicas: 5}]}\n" + window("b", "11:00", "13:00", "", "9"),
			[]string{"window a, from 2026-11-23 11:00 UTC: window b is open as well, and its floor 9 applies instead of 5: the largest does"},
		},
		"a suspended one":                       {window("a", "10:00", "12:00", "", "5") + window("b", "11:00", "13:00", ", suspend: true", "9"), nil},
		"a window that covers another HPA only": {window("a", "10:00", "12:00", "", "5") + strings.ReplaceAll(window("b", "11:00", "13:00", "", "9"), "images", "other"), nil},
		"a multiplier of both": {
			window("a", "10:00", "12:00", "", "5") + window("b", "12:00", "13:00", "", "200%") +
				"events: [{name: e, start: 2026-12-01T10:00, end: 2026-12-01T13:00, multiplier: 2}]\n",
			[]string{
				"window a, from 2026-12-01 10:00 UTC: event e is open as well and applies instead: its floor is the larger one with every baseline",
				"window b, from 2026-12-01 12:00 UTC: event e is open as well and applies instead: its floor is the larger one with every baseline",
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.yaml")
			if err := os.WriteFile(path, []byte(head+"windows:\n"+c.schedule), 0o644); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := runValidate(t, "", path, "--ignore", "multiplied-window")
			var got []string
			for line := range strings.Lines(stderr) {
				if _, message, ok := strings.Cut(line, ": note: "); ok {
					got = append(got, strings.TrimSuffix(strings.TrimSpace(message), " [overlapped-entry]"))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || code != 0 {
				t.Errorf("exit code %d, notes (-want +got):\n%s\n%s", code, diff, stderr)
			}
		})
	}
}
