package year

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// soakFor walks through whole years, one seed after the other, until the time is over. The last year ends early, and is
// judged as the others are.
func soakFor(t *testing.T, duration time.Duration, seed uint64) {
	began := time.Now()
	total, years := &score{}, 0
	for ; time.Since(began) < duration && !t.Failed(); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			ctx, cancel := context.WithDeadline(t.Context(), began.Add(duration))
			defer cancel()
			start := time.Now()
			w := newWalk(t, seed)
			reported := start
			w.progress = func() {
				if time.Since(reported) > time.Minute {
					reported = time.Now()
					t.Logf("%s: at %s: %s", time.Since(began).Round(time.Second), w.clock.now().UTC().Format(time.DateOnly), w.score)
				}
			}
			err := w.year(ctx)
			whole := err == nil
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
				err = nil
			}
			w.finish(t, seed, err)
			total.add(*w.score)
			if whole {
				years++
			}
			t.Logf("SEED=%d, guard %t, settle time %s, whole year %t: %s; in %s",
				seed, w.guard, w.settle, whole, w.score, time.Since(start).Round(time.Second))
		})
	}
	violations := 0
	if t.Failed() {
		violations = 1
	}
	t.Logf("SOAK: %s, %d whole years: %s; %d violations", time.Since(began).Round(time.Second), years, total, violations)
}

// year walks through the whole of it.
func (w *walk) year(ctx context.Context) error { return w.through(ctx, w.maker.to) }
