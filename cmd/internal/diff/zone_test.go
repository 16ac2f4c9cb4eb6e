package diff

import (
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// TestDiffOverALeapYearsEnd: on 31 December of a leap year that a zone's listed shifts do not reach, Time.ZoneBounds returns
// an end that has passed, for which a search for the next shift would never end. The zone database lists no shift after that
// of its rule, so that 2028 is such a year.
func TestDiffOverALeapYearsEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	night := func(year, replicas string) string {
		return command.Head + "timeZone: Europe/Paris\nevents: [{name: new-year, start: " + year + "-12-31T20:00, duration: 8h, targets: [{namespace: video, minReplicas: " + replicas + "}]}]\n"
	}
	for _, year := range []string{"2028", "2040"} {
		command.WriteFiles(t, map[string]string{"old": night(year, "5"), "new": night(year, "6")})
		code, stdout, stderr := runDiff(t, "", "old", "new")
		if code != 1 || !strings.Contains(stdout, year+"-12-31 20:00") {
			t.Errorf("%s: exit code %d: %s%s", year, code, stdout, stderr)
		}
	}
}
