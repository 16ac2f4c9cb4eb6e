package schedules_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/zones"
)

// zone returns a zone by name.
func zone(tb rapid.TB, name string) *time.Location {
	tb.Helper()
	loc, err := zones.Load(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
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
	if names := slices.Collect(zones.Names()); len(names) < 400 {
		t.Errorf("found %d zones, want several hundred", len(names))
	}
}
