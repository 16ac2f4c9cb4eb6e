package year

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/controller"
)

// fixedSeed is that of the walk which is always the same.
const fixedSeed = 2026

// TestYear walks through the days around the clock shifts of a year, and some more, for a fixed seed and a random one;
// for one seed if SEED is set; and through whole years for as long as SOAK.
func TestYear(t *testing.T) {
	seed, given := os.LookupEnv("SEED")
	soak := os.Getenv("SOAK")
	first, err := strconv.ParseUint(cmp.Or(seed, fmt.Sprint(rand.Uint32())), 10, 64)
	if err != nil {
		t.Fatalf("cannot use SEED: %v", err)
	}
	ctrl.SetLogger(logr.Discard()) // what belongs to no manager
	switch {
	case soak != "":
		duration, err := time.ParseDuration(soak)
		if err != nil {
			t.Fatalf("cannot use SOAK: %v", err)
		}
		soakFor(t, duration, first)
	case given:
		short(t, first)
	default:
		short(t, fixedSeed)
		short(t, first)
	}
}

// short walks through a part of a year, beside other walks: each has a control plane of its own.
func short(t *testing.T, seed uint64) {
	t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		w := newWalk(t, seed)
		err := w.slices(t.Context())
		w.finish(t, seed, err)
		t.Logf("SEED=%d, guard %t, settle time %s: %s; in %s", seed, w.guard, w.settle, w.score, time.Since(began).Round(time.Second))
	})
}

// newWalk starts a control plane, installs floorkeeper, creates the HPAs and starts floorkeeper at the beginning of a year.
func newWalk(t *testing.T, seed uint64) *walk {
	t.Helper()
	w := &walk{rng: rand.New(rand.NewPCG(seed, 0)), score: &score{}, progress: func() {}}
	w.guard, w.settle = seed%2 == 1, time.Duration(seed/2%2)*2*time.Minute
	w.noZero, w.pair, w.others = seed/4%2 == 1, seed/16%2 == 1, !w.guard && seed/8%2 == 0
	// The calendar repeats itself after 28 years. The floor guard knows the real time, and protects no floor of the past.
	from := time.Date(2024+2*28+w.rng.IntN(12), time.January, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(1, 0, 0)
	t.Logf("SEED=%d repeats this: the year %d, guard %t, settle time %s, two replicas %t, two installations %t, minReplicas 0 refused %t",
		seed, from.Year(), w.guard, w.settle, w.pair, w.others, w.noZero)
	w.clock = newClock(from)
	w.log = &tail{now: w.clock.now}
	w.witness = &witness{seen: &seen{}}
	w.oracle = newOracle(from, to)
	w.maker = newMaker(w.rng, from, to)
	if err := w.adopt(w.maker.plan()); err != nil {
		t.Fatal(err)
	}
	w.install(t)
	w.populate(t)
	if err := w.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, k := range []*incarnation{w.keeper, w.standby} {
			if err := k.stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return w
}

// slices walks through a day and a half around each clock shift, the turn of the year, and some other days.
func (w *walk) slices(ctx context.Context) error {
	instants := []time.Time{w.maker.to.AddDate(0, 0, -1)} // and over New Year's Eve
	for _, s := range w.maker.shifts {
		instants = append(instants, s.at)
	}
	for range 3 {
		instants = append(instants, w.maker.from.Add(time.Duration(w.rng.Int64N(int64(w.maker.to.Sub(w.maker.from))))))
	}
	slices.SortFunc(instants, time.Time.Compare)
	for _, at := range instants {
		from := later(at.Add(-12*time.Hour), w.clock.now()) // two zones may shift in the same night
		if err := w.jump(ctx, from); err != nil {
			return err
		}
		if err := w.check(ctx, false, 0); err != nil {
			return fmt.Errorf("after a long time: %w", err)
		}
		if err := w.through(ctx, later(from, at.Add(20*time.Hour))); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the year: the schedule is emptied, and each HPA is its owner's last word.
func (w *walk) finish(t *testing.T, seed uint64, err error) {
	t.Helper()
	if err == nil {
		err = errors.Join(w.empty(t.Context()), w.judge(t))
	}
	if err != nil {
		t.Fatalf("%v\n\nthe end of the log:\n%s\n\nSEED=%d repeats this; so far: %s", err, w.log, seed, w.score)
	}
}

// empty gives the owners of damaged HPAs the time to repair them, and floorkeeper an empty schedule.
func (w *walk) empty(ctx context.Context) error {
	for _, p := range w.pages {
		if p.other != nil {
			if err := w.otherReleases(ctx, p); err != nil {
				return err
			}
		}
		if !p.damaged && !p.takenOff() {
			continue
		}
		to := api{v2: w.client.AutoscalingV2().HorizontalPodAutoscalers(p.namespace), manager: "kubectl-patch"}
		repair := change{marks: dropped}
		if p.takenOff() {
			repair.minReplicas = new(p.known.baseline)
		}
		c, err := mergePatch(ctx, to, *p, repair)
		if err != nil {
			return err
		}
		*p, _ = p.after(c, false)
	}
	if err := w.check(ctx, false, 5*time.Second); err != nil {
		return err
	}
	if err := w.adopt(&plan{}); err != nil {
		return err
	}
	w.publish(controller.Outcome{Revision: w.revision()})
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after the year: %w", err)
	}
	if err := w.after(ctx); err != nil {
		return fmt.Errorf("after the year: %w", err)
	}
	for _, p := range w.pages {
		if p.held || p.damaged || p.live != p.word {
			return errors.New("after the year, this is not its owner's word: " + p.String())
		}
	}
	return nil
}
