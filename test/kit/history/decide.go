package history

import (
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// decision is what a schedule in force asks of an HPA at one instant.
type decision struct {
	schedules.Decision
	place
	at    time.Time // of floorkeeper's clock
	valid bool      // a schedule was in force
	limit autoscaler.Limit
}

// place is the position of a decision in the order in which one is reached after another: by schedules, since nobody
// goes back to one that was replaced, and with one schedule by instants.
type place struct {
	schedule int       // its number; 0 before the first one
	instant  time.Time // of the API server's clock
}

// follows reports whether the place may be after another one, when instants are known as well as that.
func (p place) follows(other place, blur time.Duration) bool {
	if p.schedule != other.schedule {
		return p.schedule > other.schedule
	}
	return p.instant.Add(blur).After(other.instant)
}

const (
	samples  = 500    // of the instants between two, where the clocks differ; skewed ones are blurred anyway
	blurred  = 50     // of those
	maxEdges = 10_000 // of the decisions between two instants
)

// decisionsAbout returns the decisions on which a request may rest: all from Slack before it until it was answered.
func (c *checker) decisionsAbout(before *version, r Request) []decision {
	return c.decisions(before, before.baseline().replicas, r.Received.Add(-c.Slack), r.Answered)
}

// decisions returns the decisions about an HPA with that baseline over a stretch of time, each once in a row, in the
// order of their places. A schedule that was replaced before is out; one that is replaced meanwhile counts for a Slack
// more.
func (c *checker) decisions(v *version, baseline int32, from, to time.Time) []decision {
	var all []decision
	force := slices.Insert(slices.Clone(c.Schedules), 0, InForce{})
	for i, f := range force {
		begin, end := f.From, to
		if begin.Before(from) {
			begin = from
		}
		if i+1 < len(force) {
			if !force[i+1].From.After(from) {
				continue
			}
			if last := force[i+1].From.Add(c.Slack); last.Before(end) {
				end = last
			}
		}
		if !begin.After(end) {
			all = append(all, c.walk(i, f.Schedule, v, baseline, begin, end)...)
		}
	}
	return all
}

// walk returns the decisions of one schedule. Those that a clock leaps over when it is set are none.
func (c *checker) walk(number int, s *schedules.Schedule, v *version, baseline int32, from, to time.Time) []decision {
	if s == nil {
		return []decision{{place: place{number, from}, at: c.clock(from)}}
	}
	w := &walker{checker: c, number: number, schedule: s, version: v, baseline: baseline, refused: c.refused(v)}
	step := c.resolution(to.Sub(from))
	for instant := from; ; instant = instant.Add(step) {
		begin, end := c.clock(instant).Add(-c.Skew), c.clock(instant.Add(step)).Add(c.Skew)
		next := w.look(instant, begin)
		if c.Clock != nil && end.Sub(begin) > 2*(step+c.Skew) {
			next = time.Time{}
		}
		for !next.IsZero() && !next.After(end) && len(w.seen) < maxEdges {
			next = w.look(instant.Add(next.Sub(begin)), next)
		}
		if !instant.Add(step).Before(to) {
			w.look(to, end)
			return w.seen
		}
	}
}

// resolution returns the distance of the samples of a stretch of time.
func (c *checker) resolution(length time.Duration) time.Duration {
	switch {
	case c.Clock == nil:
		return length
	case c.Skew > 0:
		return max(length/blurred, time.Millisecond)
	default:
		return max(length/samples, time.Millisecond)
	}
}

// walker goes through the decisions of one schedule about one version.
type walker struct {
	*checker
	number   int
	schedule *schedules.Schedule
	version  *version
	baseline int32
	refused  bool
	seen     []decision
}

// look adds the decision at an instant, unless it is that of the instant before, and returns when there is another one.
func (w *walker) look(instant, at time.Time) time.Time {
	if n := len(w.seen); n > 0 && w.seen[n-1].covers(at) {
		return w.seen[n-1].Next
	}
	d := w.asked(w.schedule, w.version, w.baseline, at, w.refused)
	w.seen = append(w.seen, decision{Decision: d, place: place{w.number, instant}, at: at, valid: true, limit: w.Scope.Limit})
	return d.Next
}

// covers reports whether the decision holds at another instant of floorkeeper's clock.
func (d decision) covers(at time.Time) bool {
	return !at.Before(d.at) && (d.Next.IsZero() || at.Before(d.Next))
}

// blur is how well the instants of decisions are known.
func (c *checker) blur() time.Duration {
	if c.Clock == nil {
		return 2 * c.Skew
	}
	return 2*c.Skew + 4*c.resolution(c.Slack)
}

func (c *checker) clock(instant time.Time) time.Time {
	if c.Clock == nil {
		return instant
	}
	return c.Clock(instant)
}

// asked returns what a schedule asks of an HPA, which is nothing for one that no entry may cover.
func (c *checker) asked(s *schedules.Schedule, v *version, baseline int32, at time.Time, refused bool) schedules.Decision {
	d := s.At(schedules.HPA{
		Namespace: v.HPA.Namespace, Name: v.HPA.Name, Labels: v.HPA.Labels, Baseline: baseline,
	}, at)
	if refused {
		return schedules.Decision{Next: d.Next}
	}
	return d
}

// refused reports whether no entry may cover the HPA.
func (c *checker) refused(v *version) bool {
	return c.Scope.Judge(schedules.New(nil, nil), v.HPA, time.Time{}).Refusal != ""
}

// holder returns the other installation that holds the HPA, or "".
func (c *checker) holder(v *version) string { return c.Scope.Judge(nil, v.HPA, time.Time{}).HeldBy }

// explains reports whether the decision turns one version into the other.
func (d decision) explains(before, after *version) bool {
	wish := before.baseline().replicas
	return d.leadsTo(before, wish, after.state) || d.leadsTo(before, before.legal(wish), after.state) ||
		before.unknownZero() && d.leadsTo(before, 0, after.state)
}

func (d decision) leadsTo(before *version, baseline int32, state autoscaler.State) bool {
	return d.valid && same(d.outcome(before, baseline), state)
}

// outcome returns the state that an HPA should have by a decision and with a baseline: DESIGN section 2, written down a
// second time, so that it does not depend on what it judges.
func (d decision) outcome(before *version, baseline int32) autoscaler.State {
	s := before.state
	if d.Floor == 0 && s.Condition == autoscaler.Free || !d.valid {
		return s
	}
	s.MinReplicas, s.Condition, s.Mark = before.legal(baseline), autoscaler.Free, autoscaler.Mark{}
	if d.Floor == 0 || baseline > schedules.MaxReplicas {
		return s
	}
	s.Condition = autoscaler.Held
	s.MinReplicas = max(s.MinReplicas, min(d.Floor, before.most(baseline, d.limit)))
	floor := s.MinReplicas
	s.MinReplicas = max(floor, before.above())
	s.Mark = autoscaler.Mark{
		Baseline: baseline, Floor: floor, Because: d.Because,
		Since: d.Since.Format(time.RFC3339Nano), Until: d.Until.Format(time.RFC3339Nano),
	}
	return s
}

// same reports whether two states are equal, however their instants are written.
func same(a, b autoscaler.State) bool {
	instants := sameInstant(a.Mark.Since, b.Mark.Since) && sameInstant(a.Mark.Until, b.Mark.Until)
	for _, s := range []*autoscaler.State{&a, &b} {
		s.Mark.Since, s.Mark.Until, s.Mark.ManagedBy, s.Altered = "", "", "", false
	}
	return instants && a == b
}

func sameInstant(a, b string) bool {
	s, err := time.Parse(time.RFC3339Nano, a)
	t, alsoErr := time.Parse(time.RFC3339Nano, b)
	return a == b || err == nil && alsoErr == nil && s.Equal(t)
}

// compounds reports whether the write is what one would write who takes the live minReplicas for the baseline.
func (c *checker) compounds(before, after *version) bool {
	live := before.state.MinReplicas
	if live == before.baseline().replicas || after.state.Condition != autoscaler.Held {
		return false
	}
	for _, d := range c.decisions(before, live, after.Received.Add(-c.Slack), after.Answered) {
		if d.valid && d.outcome(before, live).MinReplicas == after.state.MinReplicas && d.Floor > live {
			return true
		}
	}
	return false
}

// rightOnce returns an earlier version for which the write would have been right at its time.
func (c *checker) rightOnce(h *life, after *version) (*version, bool) {
	until := after.Received
	for i, v := range slices.Backward(h.versions) {
		b := v.baseline()
		if i < len(h.versions)-1 && b.known {
			for _, d := range c.decisions(v, b.replicas, v.Received.Add(-c.Slack), until) {
				if candidate := d.outcome(v, b.replicas); d.explainsLate(candidate, v, after) {
					return v, true
				}
			}
		}
		until = v.Answered
	}
	return nil, false
}

// explainsLate reports whether a late write would have made the state of an earlier version.
func (d decision) explainsLate(candidate autoscaler.State, v, after *version) bool {
	candidate.MaxReplicas, candidate.ZeroLegal, candidate.Declared = after.state.MaxReplicas, after.state.ZeroLegal, after.state.Declared
	candidate.MaxFloor = after.state.MaxFloor
	return d.valid && candidate != v.state && same(candidate, after.state)
}
