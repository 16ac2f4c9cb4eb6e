package zones_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/zones"
)

// TestGoReleaseIsNotNewer fails where the zones of the Go release are newer than ours, or more: then run make zones.
func TestGoReleaseIsNotNewer(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal("no Go release to compare with:", err)
	}
	lib := filepath.Join(strings.TrimSpace(string(root)), "lib", "time")
	script, err := os.ReadFile(filepath.Join(lib, "update.bash"))
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`(?m)^CODE=(\d{4}[a-z])$`).FindSubmatch(script)
	if code == nil || zones.Release() < string(code[1]) {
		t.Errorf("the zones are those of %s, and those of the Go release of %s; run make zones", zones.Release(), code)
	}
	archive, err := zip.OpenReader(filepath.Join(lib, "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	names := slices.Collect(zones.Names())
	for _, file := range archive.File {
		if name := file.Name; !strings.HasSuffix(name, "/") && name != "Factory" && !slices.Contains(names, name) {
			t.Errorf("zone %s of the Go release is missing", name)
		}
	}
}

func TestEveryZoneLoads(t *testing.T) {
	names := slices.Collect(zones.Names())
	if !slices.IsSorted(names) || len(names) < 500 {
		t.Errorf("%d names, sorted: %v", len(names), slices.IsSorted(names))
	}
	for _, name := range names {
		if zone, err := zones.Load(name); err != nil || zone.String() != name {
			t.Errorf("%s is read as %v: %v", name, zone, err)
		}
	}
	if utc, _ := zones.Load("UTC"); utc != time.UTC {
		t.Errorf("UTC is %v", utc)
	}
}

// The system may have files of these names, or $ZONEINFO.
func TestOnlyTheNamesOfTheDatabaseAreZones(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	for _, name := range []string{
		"", "Local", "europe/paris", "Europe/Paris ", "Europe/", "Europe", "../zones/Europe/Paris", "/usr/share/zoneinfo/Europe/Paris",
		"posix/Europe/Paris", "localtime", "Factory", "utc",
	} {
		if zone, err := zones.Load(name); err == nil {
			t.Errorf("%q is %v", name, zone)
		}
	}
}

// The advice is true: its zone has the offset all year, and the zone of its city is one.
func TestFixedZones(t *testing.T) {
	city := regexp.MustCompile(`\w+/\w+$`)
	advised := 0
	for name := range zones.Names() {
		advice := zones.Fixed(name)
		if advice == "" {
			continue
		}
		advised++
		zone, err := zones.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for month := range 12 {
			at := time.Date(2026, time.Month(month+1), 15, 0, 0, 0, 0, zone)
			offset := strings.Replace(at.Format("UTC-07"), "UTC-0", "UTC-", 1)
			offset = strings.Replace(offset, "UTC+0", "UTC+", 1)
			if want := name + " is " + offset + " all year"; !strings.HasPrefix(advice, want) {
				t.Errorf("%q; want %q", advice, want)
			}
		}
		if _, err := zones.Load(city.FindString(advice)); err != nil {
			t.Errorf("%q: %v", advice, err)
		}
	}
	if advised != len([]string{"EST", "MST", "HST"})+12+14 {
		t.Errorf("%d zones have advice", advised)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := zones.Load("Pacific/Auckland"); err != nil {
			b.Fatal(err)
		}
	}
}
