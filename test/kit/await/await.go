// Package await waits for what shall come about, as tests do: it looks again and again until a deadline. It imports the
// standard library alone.
package await

import (
	"context"
	"testing"
	"time"
)

// Patience bounds every wait of a test. A wait that ends here has failed; no test measures time by it.
const Patience = 2 * time.Minute

// Success repeats a check until it succeeds, and fails the test with what the check said last.
func Success(t testing.TB, what string, check func(context.Context) error) {
	t.Helper()
	if err := Poll(t.Context(), Patience, check); err != nil {
		t.Fatalf("waited in vain for %s: %v", what, err)
	}
}

// Poll repeats a check until it succeeds. When the time is over it returns what the check said last, unless that is
// merely that the time is over.
func Poll(ctx context.Context, patience time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var said error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if said == nil || ctx.Err() == nil {
			said = err
		}
		select {
		case <-ctx.Done():
			return said
		case <-ticker.C:
		}
	}
}
