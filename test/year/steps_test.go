package year

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller"
)

// through walks from the instant of the clock to the end: to every boundary, with what happens in between.
func (w *walk) through(ctx context.Context, end time.Time) error {
	for {
		next := w.boundary(end)
		step := w.choose(next)
		now := w.clock.now()
		if err := step(ctx, now, next); err != nil {
			return fmt.Errorf("after %s: %w", now.UTC().Format(time.RFC3339Nano), err)
		}
		w.score.Nights += int(w.clock.now().Unix()/day - now.Unix()/day)
		w.progress()
		if !next.Before(end) && !w.clock.now().Before(end) || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// choose draws what happens next: mostly it is the boundary.
func (w *walk) choose(next time.Time) func(ctx context.Context, now, next time.Time) error {
	if next.Sub(w.clock.now()) > time.Minute { // there is time for something before it
		switch n := w.rng.IntN(1000); {
		case n < 300:
			return w.edit
		case n < 340:
			return w.reschedule
		case n < 360:
			return w.spoil
		case n < 375:
			return w.restartBetween
		case n < 385:
			return w.outage
		case n < 390:
			return w.back
		case n < 410 && w.others:
			return w.another
		}
	}
	switch n := w.rng.IntN(1000); {
	case n < 25:
		return w.awaitBoundary
	case n < 40:
		return w.unpoked
	case n < 60:
		return w.restartAt
	case n < 110:
		return w.race
	default:
		return w.cross
	}
}

// cross checks that nothing happens before the boundary, that everything happens at it, and that floorkeeper owns
// nothing soon after.
func (w *walk) cross(ctx context.Context, _, next time.Time) error {
	if err := w.before(ctx, next.Add(-1)); err != nil {
		return err
	}
	if err := w.jump(ctx, next); err != nil {
		return err
	}
	return w.at(ctx)
}

func (w *walk) before(ctx context.Context, t time.Time) error {
	ahead := t.Sub(w.clock.now())
	if ahead <= 0 {
		return nil
	}
	if err := w.jump(ctx, t); err != nil {
		return err
	}
	if err := w.check(ctx, ahead >= handBack, 0); err != nil {
		return fmt.Errorf("before the boundary: %w", err)
	}
	return nil
}

// at checks the state of all HPAs at a boundary at which the clock is, or just after.
func (w *walk) at(ctx context.Context) error {
	w.score.Boundaries++
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("at the boundary: %w", err)
	}
	return w.after(ctx)
}

// after checks what is to be done within a second after a change, unless the next edge comes first.
func (w *walk) after(ctx context.Context) error { return w.afterAt(ctx, w.clock.now().Add(handBack)) }

func (w *walk) afterAt(ctx context.Context, then time.Time) error {
	if w.oracle.edge(w.clock.now(), then) != then {
		return nil
	}
	if err := w.jump(ctx, then); err != nil {
		return err
	}
	// The second counts from the answer to the patch, which may come when the clock was stepped already.
	if err := w.check(ctx, true, handBack); err != nil {
		return fmt.Errorf("soon after: %w", err)
	}
	return nil
}

// awaitBoundary lets the clock go on over the boundary, so that nothing but floorkeeper's own timers counts: by then it
// has long noticed that the clock was stepped to where it is.
func (w *walk) awaitBoundary(ctx context.Context, now, next time.Time) error {
	w.score.Natural++
	if err := w.before(ctx, later(now, next.Add(-2500*time.Millisecond))); err != nil {
		return err
	}
	w.clock.run()
	defer w.clock.stop()
	if err := await(ctx, func() error {
		if w.clock.now().Before(next) {
			return errors.New("the clock does not go on")
		}
		return nil
	}); err != nil {
		return err
	}
	w.score.Boundaries++
	if err := w.check(ctx, true, 0); err != nil {
		return fmt.Errorf("at a boundary that was awaited: %w", err)
	}
	w.clock.stop()
	return w.afterAt(ctx, later(next.Add(5*time.Second), w.clock.now().Add(handBack)))
}

// unpoked steps the clock and leaves it to floorkeeper to notice.
func (w *walk) unpoked(ctx context.Context, _, next time.Time) error {
	w.score.Unpoked++
	if err := w.before(ctx, next.Add(-time.Minute)); err != nil {
		return err
	}
	w.clock.set(next, true)
	return w.at(ctx)
}

// restartAt restarts floorkeeper while it acts.
func (w *walk) restartAt(ctx context.Context, _, next time.Time) error {
	w.clock.set(next, true)
	w.keeper.poke()
	if some := w.rng.IntN(4); some > 0 { // it has begun
		w.witness.seen.awaitPatches(w.witness.seen.count()+some, 20*time.Millisecond)
	}
	if err := w.restart(ctx); err != nil {
		return err
	}
	return w.at(ctx)
}

func (w *walk) restartBetween(ctx context.Context, now, next time.Time) error {
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	if err := w.restart(ctx); err != nil {
		return err
	}
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after a restart: %w", err)
	}
	return w.after(ctx)
}

// outage leaves the cluster without floorkeeper for up to a day, in which others write.
func (w *walk) outage(ctx context.Context, now, next time.Time) error {
	w.score.Outages++
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	if err := w.stop(); err != nil {
		return err
	}
	for range w.rng.IntN(4) {
		if err := w.write(ctx, w.anyPage()); err != nil {
			return err
		}
	}
	w.clock.set(w.clock.now().Add(time.Duration(1+w.rng.IntN(24*60))*time.Minute), true)
	if err := w.start(ctx); err != nil {
		return err
	}
	if err := w.check(ctx, false, 5*time.Second); err != nil {
		return fmt.Errorf("after an outage: %w", err)
	}
	return w.after(ctx)
}

// back steps the clock back for a while.
func (w *walk) back(ctx context.Context, now, _ time.Time) error {
	w.score.StepsBack++
	if err := w.jump(ctx, now.Add(-time.Duration(1+w.rng.IntN(300))*time.Minute)); err != nil {
		return err
	}
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after a step back: %w", err)
	}
	if err := w.jump(ctx, now); err != nil {
		return err
	}
	return w.check(ctx, false, 0)
}

// race has somebody write minReplicas while floorkeeper is at the boundary. Whoever comes first, it is its owner's word
// in the end, unless it is the floor, which is not seen as a new baseline.
func (w *walk) race(ctx context.Context, _, next time.Time) error {
	if err := w.before(ctx, next.Add(-1)); err != nil {
		return err
	}
	p := w.anyPage()
	then, _, _ := p.expected(w.oracle, next)
	value := 1 + w.rng.Int32N(p.maxReplicas)
	if p.damaged || p.declared != "" || value == p.live || value == p.floor || value == then.live {
		return w.cross(ctx, next, next)
	}
	w.score.Races++
	w.log.say("race: %s minReplicas=%d", p, value)
	written := make(chan error, 1)
	go func() {
		data := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, value)
		_, err := w.client.AutoscalingV2().HorizontalPodAutoscalers(p.namespace).
			Patch(ctx, p.name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "racer"})
		written <- err
	}()
	err := w.jump(ctx, next)
	if err := errors.Join(err, <-written); err != nil {
		return fmt.Errorf("cannot race: %w", err)
	}
	if !p.raised() {
		p.live = value
	}
	p.word = value
	return w.at(ctx)
}

// edit lets somebody write an HPA between two boundaries.
func (w *walk) edit(ctx context.Context, now, next time.Time) error {
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	for range 1 + w.rng.IntN(2) {
		if err := w.write(ctx, w.anyPage()); err != nil {
			return err
		}
		if err := w.check(ctx, false, 5*time.Second); err != nil {
			return fmt.Errorf("after an edit: %w", err)
		}
	}
	return w.after(ctx)
}

// write has somebody write the HPA, and notes what it then is.
func (w *walk) write(ctx context.Context, p *page) error {
	w.score.Edits++
	writer, c := w.draw(p)
	to := api{
		w.client.AutoscalingV1().HorizontalPodAutoscalers(p.namespace),
		w.client.AutoscalingV2().HorizontalPodAutoscalers(p.namespace), writer.manager,
	}
	w.log.say("%s by %s: %s; %s", writer.name, writer.manager, p, c)
	c, err := writer.write(ctx, to, *p, c)
	unseen := writer.anew || writer.v1 && p.external && c.external == nil
	next, accepted := p.after(c, w.guard && !unseen)
	switch {
	case errors.Is(err, errConflict):
		w.score.Refusals++
		return nil
	case !accepted && apierrors.IsInvalid(err):
		w.score.Refusals++
		return nil
	case !accepted || err != nil:
		return fmt.Errorf("%s: ought to be accepted: %t; %s; %s: %w", writer.name, accepted, p, c, orNone(err))
	}
	if writer.anew {
		next.known = mark{}
	}
	if next.takenOff() && !p.takenOff() {
		w.score.TakenOff++
	}
	*p = next
	w.log.say("  now %s", p)
	return nil
}

// reschedule edits the schedule, as a person does who commits another file.
func (w *walk) reschedule(ctx context.Context, now, next time.Time) error {
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	w.score.Schedules++
	plan, what := w.maker.edited(w.oracle.plan, w.clock.now())
	w.log.say("schedule: %s", what)
	if err := w.adopt(plan); err != nil {
		return err
	}
	w.witness.seen.reset()
	w.publish(controller.Outcome{Revision: w.revision()})
	if err := await(ctx, func() error { return w.witness.seen.over(w.pages) }); err != nil {
		return err
	}
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after an edit of the schedule (%s): %w", what, err)
	}
	return w.after(ctx)
}

// adopt makes a plan the schedule.
func (w *walk) adopt(p *plan) error {
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(p.yaml())})
	if err != nil {
		return fmt.Errorf("the schedule was refused: %w\n%s", err, p.yaml())
	}
	w.oracle.plan, w.schedule = p, schedule
	w.record.follows(schedule)
	return nil
}

// spoil publishes a schedule that is refused, which changes nothing.
func (w *walk) spoil(ctx context.Context, now, next time.Time) error {
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	w.score.Spoiled++
	text := w.maker.spoiled(w.oracle.plan)
	_, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(text)})
	if err == nil {
		return fmt.Errorf("this schedule was not refused:\n%s", text)
	}
	w.publish(controller.Outcome{Err: err})
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after a schedule was refused: %w", err)
	}
	return nil
}

// between draws an instant.
func (w *walk) between(now, next time.Time) time.Time {
	return now.Add(time.Second + time.Duration(w.rng.Int64N(int64(next.Sub(now)-10*time.Second))))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
