package year

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

const (
	// patience bounds every wait. A wait that ends here has failed; no test measures time by it.
	patience = 60 * time.Second
	// excluded is a namespace whose HPAs no entry covers.
	excluded = "kube-system"
	// handBack is how long after a change floorkeeper gives ownership back, with something to spare.
	handBack = 1100 * time.Millisecond
)

// walk is the simulation of one year.
type walk struct {
	rng      *rand.Rand
	maker    *maker
	clock    *clock
	oracle   *oracle
	schedule *schedules.Schedule // the plan, as floorkeeper has read it
	pages    []*page
	guard    bool
	pair     bool // there is a standby, to which the Lease may go
	others   bool // another installation holds HPAs, too
	noZero   bool // the API server takes no minReplicas of 0
	settle   time.Duration

	client   kubernetes.Interface // of the administrator
	account  *rest.Config         // floorkeeper's
	keeper   *incarnation         // the leader
	standby  *incarnation         // nil without a pair
	notes    string               // what the leader has left on its Lease
	witness  *witness
	log      *tail
	score    *score
	record   record
	progress func() // called after every step
}

// score counts what was done.
type score struct {
	Nights, Boundaries, Checks, Edits, Refusals, Races, Schedules, Spoiled, Restarts, Elections, Others, TakenOff, Outages, StepsBack, Unpoked, Natural int
}

func (s *score) add(other score) {
	s.Nights += other.Nights
	s.Boundaries += other.Boundaries
	s.Checks += other.Checks
	s.Edits += other.Edits
	s.Refusals += other.Refusals
	s.Races += other.Races
	s.Schedules += other.Schedules
	s.Spoiled += other.Spoiled
	s.Restarts += other.Restarts
	s.Elections += other.Elections
	s.Others += other.Others
	s.TakenOff += other.TakenOff
	s.Outages += other.Outages
	s.StepsBack += other.StepsBack
	s.Unpoked += other.Unpoked
	s.Natural += other.Natural
}

func (s *score) String() string {
	return fmt.Sprintf("%d nights, %d boundaries, %d checks of all HPAs; %d edits by other writers (%d refused by the API server, "+
		"%d racing with a boundary), %d edits of the schedule and %d refused ones, %d restarts, %d elections, %d HPAs held by another installation, %d floors kept without annotations, %d outages, %d steps back, "+
		"%d steps that floorkeeper noticed alone, %d boundaries awaited",
		s.Nights, s.Boundaries, s.Checks, s.Edits, s.Refusals, s.Races, s.Schedules, s.Spoiled, s.Restarts, s.Elections, s.Others, s.TakenOff, s.Outages, s.StepsBack,
		s.Unpoked, s.Natural)
}

// boundary returns the first instant after the clock's at which the state of some HPA has to change, or is said to by
// the product; and the end without one.
func (w *walk) boundary(end time.Time) time.Time {
	t := w.clock.now()
	for t.Before(end) {
		next := w.oracle.edge(t, end)
		for _, p := range w.pages {
			if d := w.schedule.At(w.productSubject(p), t); !d.Next.IsZero() && d.Next.Before(next) {
				next = d.Next
			}
		}
		if t = next; t.Before(end) && w.turns(t) {
			return t
		}
	}
	return end
}

func (w *walk) productSubject(p *page) schedules.HPA {
	return schedules.HPA{Namespace: p.namespace, Name: p.name, Labels: p.labels(), Baseline: p.wanted()}
}

// turns reports whether the state of an HPA changes at the instant.
func (w *walk) turns(t time.Time) bool {
	for _, p := range w.pages {
		_, before, _ := p.expected(w.oracle, t.Add(-1))
		_, after, _ := p.expected(w.oracle, t)
		if !gocmp.Equal(before, after) {
			return true
		}
	}
	return false
}

// jump sets the clock, which then stops, and has floorkeeper look at everything.
func (w *walk) jump(ctx context.Context, to time.Time) error {
	w.witness.seen.reset()
	w.clock.set(to, true)
	w.keeper.poke()
	return await(ctx, func() error { return w.witness.seen.over(w.pages) })
}

// check waits until every HPA is in the state that it should have at the instant that the clock shows, and notes that
// it does. If asked, floorkeeper may own nothing, but where a ramp is under way. Where something takes its time on
// floorkeeper's clock, as the answer to a persistent opponent does, the clock may be moved on.
func (w *walk) check(ctx context.Context, handedBack bool, onward time.Duration) error {
	w.score.Checks++
	began, moved := time.Now(), time.Now()
	return await(ctx, func() error {
		err := w.look(ctx, handedBack)
		if err != nil && onward > 0 && time.Since(moved) > time.Second && time.Since(began) < patience/2 {
			moved = time.Now()
			w.log.say("nothing yet: %v; on by %s", err, onward)
			w.clock.set(w.clock.now().Add(onward), true)
			w.keeper.poke()
		}
		return err
	})
}

// look compares all HPAs with what is expected of them.
func (w *walk) look(ctx context.Context, handedBack bool) error {
	list, err := w.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	now := w.clock.now()
	next := make([]page, len(w.pages))
	found := map[string]*autoscalingv2.HorizontalPodAutoscaler{}
	for i := range list.Items {
		found[list.Items[i].Namespace+"/"+list.Items[i].Name] = &list.Items[i]
	}
	for i, p := range w.pages {
		hpa := found[p.key()]
		if hpa == nil {
			return fmt.Errorf("there is no HPA %s", p.key())
		}
		page, want, ramp := p.expected(w.oracle, now)
		if diff := gocmp.Diff(want, stands(hpa)); diff != "" {
			return fmt.Errorf("HPA %s at %s (-want +got):\n%s\n%s", p.key(), now.UTC().Format(time.RFC3339Nano), diff, p)
		}
		if handedBack && !ramp && owned(hpa) {
			return fmt.Errorf("HPA %s at %s: floorkeeper owns fields: %v", p.key(), now.UTC().Format(time.RFC3339Nano), hpa.ManagedFields)
		}
		next[i] = page
	}
	for i := range w.pages {
		*w.pages[i] = next[i]
	}
	return w.witness.seen.illegal()
}

// await repeats a check until it succeeds, and returns what it said last.
func await(ctx context.Context, check func() error) error {
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s in vain: %w", patience, err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// restart ends floorkeeper and starts it anew, or lets the standby lead.
func (w *walk) restart(ctx context.Context) error {
	if w.standby != nil && chance(w.rng, 50) {
		w.score.Elections++
		w.witness.seen.reset()
		w.keeper.follow()
		w.keeper, w.standby = w.standby, w.keeper
		w.keeper.lead(w.standby.notes.String())
		return w.led(ctx)
	}
	w.score.Restarts++
	if err := w.stop(); err != nil {
		return err
	}
	return w.start(ctx)
}

// stop ends the leader. The standby, if there is one, sees nothing of it.
func (w *walk) stop() error {
	w.notes = w.keeper.notes.String()
	if err := w.keeper.stop(); err != nil {
		return fmt.Errorf("cannot stop floorkeeper: %w", err)
	}
	return nil
}

// publish gives both what became of reading the schedule.
func (w *walk) publish(outcome controller.Outcome) {
	w.keeper.feed.Publish(outcome)
	if w.standby != nil {
		w.standby.feed.Publish(outcome)
	}
}

// start starts floorkeeper, and waits until it may do all it has to.
func (w *walk) start(ctx context.Context) (err error) {
	w.witness.seen.reset()
	if w.pair && w.standby == nil {
		if w.standby, err = w.launch(); err != nil {
			return err
		}
	}
	if w.keeper, err = w.launch(); err != nil {
		return err
	}
	w.keeper.lead(w.notes)
	return w.led(ctx)
}

func (w *walk) launch() (*incarnation, error) {
	i, err := start(w.account, w.revision(), w.clock.now, w.settle, w.witness, w.log)
	if err != nil {
		return nil, fmt.Errorf("cannot start floorkeeper: %w", err)
	}
	return i, nil
}

// led waits until a new leader may do all it has to.
func (w *walk) led(ctx context.Context) error {
	if err := await(ctx, func() error { return w.witness.seen.over(w.pages) }); err != nil {
		return err
	}
	if w.settle == 0 {
		return nil
	}
	if err := await(ctx, func() error { return w.floorsStand(ctx) }); err != nil {
		return err
	}
	return w.jump(ctx, w.clock.now().Add(w.settle+time.Second))
}

// floorsStand checks what a new leader does at once: no HPA is below its floor.
func (w *walk) floorsStand(ctx context.Context) error {
	list, err := w.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for i := range list.Items {
		for _, p := range w.pages {
			if p.key() != list.Items[i].Namespace+"/"+list.Items[i].Name {
				continue
			}
			if next, _, _ := p.expected(w.oracle, w.clock.now()); next.held && *list.Items[i].Spec.MinReplicas < next.live {
				return fmt.Errorf("HPA %s has minReplicas %d, want at least %d", p.key(), *list.Items[i].Spec.MinReplicas, next.live)
			}
		}
	}
	return nil
}

func (w *walk) revision() *controller.Revision {
	return &controller.Revision{Schedule: w.schedule, SHA256: strings.Repeat("0", 64), LoadedAt: w.clock.now()}
}
