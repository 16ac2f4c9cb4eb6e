package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

type lane struct {
	*forecast.Outlook
	name      string
	baseline  int32
	stretches []forecast.Stretch
	shadows   []shadow
	planned   int32 // at the instant of rendering
	refused   bool  // it gets no floor, whatever is asked
	lost      bool  // nobody knows its baseline, nor what is asked that is relative to it
	differs   bool  // live minReplicas is not what is planned
	notes     []note
}

// note is why an HPA is not as the schedule asks, in a few words, and in more where there is room.
type note struct {
	text, more string
	alarm      bool // nobody wants it so
}

// shadow is an occurrence of an entry over which another one applies, and what it asks for, step by step.
type shadow struct {
	entry, over string
	steps       []request
}

type request struct {
	from, to time.Time
	floor    int32
	ramp     bool
	equal    bool // the entry that applies asks for no more
}

func (d *Document) newLane(o *forecast.Outlook) *lane {
	l := &lane{
		Outlook: o, name: nameOf(o.HPA), baseline: o.State.Baseline(), stretches: slices.Collect(o.Stretches()),
		lost: o.State.Lost(), refused: o.Refusal != "",
	}
	for _, s := range l.stretches {
		if !d.Now.Before(s.From) && d.Now.Before(s.To) {
			l.planned = s.MinReplicas
		}
	}
	l.differs = d.compares() && !l.lost && l.planned != o.State.MinReplicas
	l.annotate()
	return l
}

// annotate notes what the schedule does not do to the HPA, and what others did.
func (l *lane) annotate() {
	switch {
	case l.lost:
		l.notes = append(l.notes, note{"baseline unknown", ", left as it is: its annotations are damaged", true})
	case l.refused:
		l.notes = append(l.notes, note{"gets no floor", ": " + text.Line(l.Refusal), false})
	}
	if l.differs {
		word, why := "pending", ": minReplicas is not yet what is planned"
		if l.contested() {
			word, why = "contested", ": somebody has lowered minReplicas below its floor"
		}
		l.notes = append(l.notes, note{fmt.Sprintf("%s: %s, not %s", word, grouped(l.State.MinReplicas), grouped(l.planned)), why, true})
	}
}

func (l *lane) noted() string {
	var all []string
	for _, n := range l.notes {
		all = append(all, n.text+n.more)
	}
	return strings.Join(all, "; ")
}

// contested reports whether somebody lowered a floor that was in effect. Otherwise it has not been set yet: nobody leads,
// perhaps.
func (l *lane) contested() bool {
	return l.State.Condition == autoscaler.Held && l.State.MinReplicas < l.State.Mark.Floor && l.State.MinReplicas < l.planned
}

func (l *lane) known() string {
	if l.lost {
		return "unknown"
	}
	return grouped(l.baseline)
}

// hasRequests reports whether entries ask for something, even if the HPA does not get it.
func (l *lane) hasRequests() bool {
	return slices.ContainsFunc(l.stretches, func(s forecast.Stretch) bool { return s.Floor > 0 })
}

// clamped reports whether a stretch gets less than its floor because of maxReplicas.
func (l *lane) clamped(s forecast.Stretch) bool {
	return !l.refused && s.Floor > l.State.MaxReplicas && s.MinReplicas < s.Floor
}

func (l *lane) findShadows() {
	for claims := range l.Claims() {
		for i := 1; i < len(claims.All); i++ {
			if first, c := claims.All[0], claims.All[i]; c.Because != first.Because {
				l.shade(c.Because, first.Because, request{claims.From, claims.To, c.Floor, c.Ramp != "", c.Floor == first.Floor})
			}
		}
	}
}

// shade adds a step to the shadow that it continues, or begins one. Of two occurrences of one entry the larger counts,
// which comes first.
func (l *lane) shade(entry, over string, step request) {
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
	l.shadows = append(l.shadows, shadow{entry, over, []request{step}})
}

func (s shadow) peak() (peak int32) {
	for _, step := range s.steps {
		peak = max(peak, step.floor)
	}
	return peak
}

// equal reports whether the entry never asks for less than what applies.
func (s shadow) equal() bool {
	return !slices.ContainsFunc(s.steps, func(step request) bool { return !step.equal })
}

// under returns the entry that asks for most in full where the one of a stretch applies over it, and "" if none does.
func (l *lane) under(s forecast.Stretch) (entry string) {
	most := int32(0)
	for _, each := range l.shadows {
		for _, step := range each.steps {
			if each.over == s.Because && !step.ramp && step.from.Before(s.To) && step.to.After(s.From) && step.floor > most {
				entry, most = each.entry, step.floor
			}
		}
	}
	return entry
}

// top returns the number of replicas at the upper end of the lane. What is asked for beyond maxReplicas counts up to
// twice what is given, so that the latter stays legible.
func (l *lane) top() int32 {
	top, asked := max(l.State.MinReplicas, l.baseline, 1), int32(0)
	if !l.lost {
		for _, s := range l.stretches {
			top, asked = max(top, s.MinReplicas), max(asked, s.Floor)
		}
	}
	return max(top, int32(min(int64(asked), 2*int64(top))))
}
