package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestMain makes the test binary floorkeeper itself where it is started under its name, with the clock stopped at the
// instant in FLOORKEEPER_TEST_CLOCK: the sessions of test/world print the same on any day.
func TestMain(m *testing.M) {
	program := filepath.Base(os.Args[0])
	if program != "floorkeeper" && program != pluginName && program != completerName {
		os.Exit(m.Run())
	}
	instant, err := time.Parse(time.RFC3339, os.Getenv("FLOORKEEPER_TEST_CLOCK"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "FLOORKEEPER_TEST_CLOCK:", err)
		os.Exit(1)
	}
	root := newRootCommand(func() time.Time { return instant })
	asPlugin(root, program, os.Args[1:])
	os.Exit(execute(root))
}
