package docs

import (
	"context"
	"flag"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit"
)

// on is the control plane that all sessions share, one after the other.
var on *stage

func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Setup: func(ctx context.Context, s *kit.Suite) error {
		on = &stage{dir: s.Dir, seen: map[string]bool{}, installed: bare, changed: true}
		return on.start(ctx, s)
	}})
}

// filtered returns what selects some of the tests, if anything does.
func filtered() string { return flag.Lookup("test.run").Value.String() }
