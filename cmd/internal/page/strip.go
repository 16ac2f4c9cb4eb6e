package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// strip is one HPA as it is drawn.
type strip struct {
	*forecast.Outlook
	name      string
	baseline  int32
	stretches []forecast.Stretch
	shadows   []shadow
	planned   int32 // at the instant of rendering
	unheeded  bool  // it gets no floor, whatever is asked
	lost      bool  // nobody knows its baseline, nor what is asked that is relative to it
	differs   bool  // live minReplicas is not what is planned
	notes     []note
}

// note is why an HPA is not as the schedule asks, in a few words, and in more where there is room.
type note struct {
	text, more string
	alarm      bool // nobody wants it so
}

func (n note) String() string { return n.text + n.more }

// shadow is an occurrence of an entry over which another one applies, and what it asks for, step by step.
type shadow struct {
	entry, over string
	steps       []asked
}

// steady returns the most that the entry asks for outside its ramps within a time, and 0 if that is nothing.
func (s shadow) steady(from, to time.Time) (most int32) {
	for _, step := range s.steps {
		if !step.ramp && step.from.Before(to) && step.to.After(from) {
			most = max(most, step.floor)
		}
	}
	return most
}

// asked is what an entry asks for over a time.
type asked struct {
	from, to time.Time
	floor    int32
	ramp     bool
	equal    bool // the entry that applies asks for no more
}

// newLane reads the forecast of one HPA.
func (d *Document) newLane(o *forecast.Outlook) *strip {
	l := &strip{Outlook: o, name: nameOf(o.HPA), baseline: o.State.Baseline()}
	for s := range o.Stretches() {
		l.stretches = append(l.stretches, s)
		if !d.Now.Before(s.From) && d.Now.Before(s.To) {
			l.planned = s.MinReplicas
		}
	}
	l.lost, l.unheeded = o.State.Lost(), o.Refusal != ""
	l.differs = d.Live && d.inRange() && !l.lost && l.planned != o.State.MinReplicas
	l.remark()
	return l
}

// remark notes what the schedule does not do to the HPA, and what others did.
func (l *strip) remark() {
	switch {
	case l.lost:
		l.notes = append(l.notes, note{"baseline unknown", ", left as it is: its annotations are damaged", true})
	case l.unheeded:
		l.notes = append(l.notes, note{"gets no floor", ": " + text.Line(l.Refusal), false})
	}
	if l.differs {
		word, why := "pending", ": minReplicas is not yet what is planned"
		if l.contested() {
			word, why = "contested", ": somebody has lowered minReplicas below its floor"
		}
		l.notes = append(l.notes, note{fmt.Sprintf("%s: %s, not %s", word, text.Grouped(int(l.State.MinReplicas)), text.Grouped(int(l.planned))), why, true})
	}
}

// contested says whether somebody took a floor that stood. Otherwise it has not been given yet: nobody leads, perhaps.
func (l *strip) contested() bool {
	return l.State.Condition == autoscaler.Held && l.State.MinReplicas < l.State.Mark.Floor && l.State.MinReplicas < l.planned
}

// alarming says that an HPA is not as anybody wants it.
func (l *strip) alarming() bool { return l.lost || l.differs }

// known returns the baseline in words.
func (l *strip) known() string {
	if l.lost {
		return "unknown"
	}
	return text.Grouped(int(l.baseline))
}

// idle says that nothing happens to the HPA, so that it needs no lane.
func (l *strip) idle() bool {
	return len(l.notes) == 0 && len(l.stretches) == 1 && l.stretches[0].Floor == 0
}

// bothered says that entries ask for something that the HPA does not get.
func (l *strip) bothered() bool {
	for _, s := range l.stretches {
		if s.Floor > 0 {
			return true
		}
	}
	return l.differs || l.Refusal == "" && len(l.notes) > 0
}

// clamped says whether a stretch gets less than its floor because of maxReplicas.
func (l *strip) clamped(s forecast.Stretch) bool {
	return !l.unheeded && s.Floor > l.State.MaxReplicas && s.MinReplicas < s.Floor
}

// findShadows looks at each instant at which an entry opens or closes for claims over which another one applies.
func (l *strip) findShadows(f *forecast.Forecast) {
	if l.Refusal != "" || len(f.Schedule.Covering(l.Subject())) < 2 {
		return
	}
	for claims := range l.Claims() {
		for i := 1; i < len(claims.All); i++ {
			if first, c := claims.All[0], claims.All[i]; c.Because != first.Because {
				l.shade(c.Because, first.Because, asked{claims.From, claims.To, c.Floor, c.Ramp != "", c.Floor == first.Floor})
			}
		}
	}
}

// shade adds a step to the shadow that it continues, or begins one. Of two occurrences of one entry the larger counts,
// which comes first.
func (l *strip) shade(entry, over string, step asked) {
	for i := len(l.shadows) - 1; i >= 0; i-- {
		s := &l.shadows[i]
		last := &s.steps[len(s.steps)-1]
		switch {
		case s.entry != entry || s.over != over:
		case last.from.Equal(step.from):
			return
		case last.to.Equal(step.from) && last.floor == step.floor && last.ramp == step.ramp && last.equal == step.equal:
			last.to = step.to
			return
		case last.to.Equal(step.from):
			s.steps = append(s.steps, step)
			return
		}
	}
	l.shadows = append(l.shadows, shadow{entry, over, []asked{step}})
}

// peak returns the most that the entry asks for.
func (s shadow) peak() int32 {
	peak := int32(0)
	for _, step := range s.steps {
		peak = max(peak, step.floor)
	}
	return peak
}

// equal says that what the entry asks for is never less than what applies.
func (s shadow) equal() bool {
	return !slices.ContainsFunc(s.steps, func(step asked) bool { return !step.equal })
}

// under returns the entry that asks for most in full where the one of a stretch applies over it, and "" if none does.
func (l *strip) under(s forecast.Stretch) (entry string) {
	most := int32(0)
	for _, each := range l.shadows {
		if each.over != s.Because {
			continue
		}
		if floor := each.steady(s.From, s.To); floor > most {
			entry, most = each.entry, floor
		}
	}
	return entry
}

// top returns the number of replicas at the upper end of the lane. What is asked for beyond maxReplicas counts up to
// twice what is given, so that the latter stays legible.
func (l *strip) top() int32 {
	top, asked := max(l.State.MinReplicas, l.baseline, 1), int32(0)
	for _, s := range l.stretches {
		if l.lost {
			break
		}
		top, asked = max(top, s.MinReplicas), max(asked, s.Floor)
	}
	if asked > top {
		top = int32(min(int64(asked), 2*int64(top)))
	}
	return top
}

// lanes returns the HPAs to draw, those that nothing happens to apart, and how many there was no room for.
func (d *Document) lanes() (drawn, idle []*strip, left int) {
	if d.Forecast == nil {
		return nil, nil, 0
	}
	stretches := 0
	for i := range d.Forecast.Outlooks {
		l := d.newLane(&d.Forecast.Outlooks[i])
		switch {
		case l.idle() || !l.bothered():
			idle = append(idle, l)
		case len(drawn) == maxLanes || stretches+len(l.stretches) > maxStretches && len(drawn) > 0:
			left++
		default:
			stretches += len(l.stretches)
			l.findShadows(d.Forecast)
			drawn = append(drawn, l)
		}
	}
	return drawn, idle, left
}
