package diff

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// TestDiffOverALeapYearsEnd: on 31 December of a leap year that a zone's listed shifts do not reach, Time.ZoneBounds returns
// an end that has passed, for which a search for the next shift would never end. Without zone files that is 2028, as the
// zone database of the Go distribution, which is also the one that the program embeds, has no shift after that of its rule.
func TestDiffOverALeapYearsEnd(t *testing.T) {
	if os.Getenv("FLOORKEEPER_TEST_DIFF") != "" {
		os.Exit(diffOverALeapYearsEnd(t))
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	embedded := filepath.Join(strings.TrimSpace(string(goroot)), "lib", "time", "zoneinfo.zip")
	if _, err := os.Stat(embedded); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestDiffOverALeapYearsEnd$", "-test.timeout=1m")
	child.Env = append(os.Environ(), "ZONEINFO="+embedded, "FLOORKEEPER_TEST_DIFF=1")
	if printed, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, printed)
	}
}

// diffOverALeapYearsEnd compares schedules whose window changes over 31 December 2028 and 2040.
func diffOverALeapYearsEnd(t *testing.T) int {
	t.Chdir(t.TempDir())
	night := func(year, replicas string) string {
		return command.Head + "timeZone: Europe/Paris\nevents: [{name: new-year, start: " + year + "-12-31T20:00, duration: 8h, targets: [{namespace: video, minReplicas: " + replicas + "}]}]\n"
	}
	for _, year := range []string{"2028", "2040"} {
		command.WriteFiles(t, map[string]string{"old": night(year, "5"), "new": night(year, "6")})
		code, stdout, stderr := runDiff(t, "", "old", "new")
		if code != 1 || !strings.Contains(stdout, year+"-12-31 20:00") {
			t.Logf("%s: exit code %d: %s%s", year, code, stdout, stderr)
			return 1
		}
	}
	return 0
}
