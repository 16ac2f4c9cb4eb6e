package schedules_test

import (
	"archive/zip"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

// zones returns every zone of the IANA database as the Go distribution carries it, by name, so that the tests do not
// depend on the machine's own copy. It is what the binary embeds.
var zones = sync.OnceValues(func() (map[string]*time.Location, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	all := map[string]*time.Location{}
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") || file.Name == "Factory" {
			continue
		}
		if all[file.Name], err = readZone(file); err != nil {
			return nil, err
		}
	}
	return all, nil
})

func readZone(file *zip.File) (*time.Location, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	data, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(file.Name, data)
}

// zone returns a zone by name, from the Go distribution if it can be found.
func zone(tb rapid.TB, name string) *time.Location {
	tb.Helper()
	if all, err := zones(); err == nil && all[name] != nil {
		return all[name]
	}
	loc, err := time.LoadLocation(name) // a test binary that runs where there is no Go: time/tzdata answers
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

// zoneNames returns the names of all zones in order.
func zoneNames(tb rapid.TB) []string {
	tb.Helper()
	all, err := zones()
	if err != nil {
		tb.Logf("cannot list the zones of the Go distribution, a few have to do: %v", err)
		return []string{
			"Africa/Casablanca", "America/New_York", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe",
			"Europe/Berlin", "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "UTC",
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// instant reads an instant in RFC 3339.
func instant(tb rapid.TB, text string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestTheWholeZoneDatabaseIsUnderTest(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no Go to take the database from")
	}
	if names := zoneNames(t); len(names) < 400 {
		t.Errorf("found %d zones, want several hundred", len(names))
	}
}
