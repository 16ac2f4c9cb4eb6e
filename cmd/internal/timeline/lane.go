package timeline

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// lane is one HPA as it is drawn.
type lane struct {
	*controller.Outlook
	name      string
	baseline  int32
	stretches []controller.Stretch
	shadows   []shadow
	planned   int32 // at the instant of rendering
	differs   bool  // live minReplicas is not what is planned
	notes     []string
}

// shadow is a claim over which another one applies.
type shadow struct {
	from, to time.Time
	entry    string
	over     string // the entry that applies
	floor    int32
}

// newLane reads the forecast of one HPA.
func (d *Document) newLane(o *controller.Outlook) *lane {
	l := &lane{Outlook: o, name: nameOf(o.HPA), baseline: o.State.Baseline()}
	for s := range o.Stretches() {
		l.stretches = append(l.stretches, s)
		if !d.Now.Before(s.From) && d.Now.Before(s.To) {
			l.planned = s.MinReplicas
		}
	}
	lost := o.State.Condition == controller.Damaged && !o.State.Declared.Valid
	l.differs = d.Live && d.inRange() && !lost && l.planned != o.State.MinReplicas
	if o.Refusal != "" {
		l.notes = append(l.notes, "gets no floor: "+plain(o.Refusal))
	}
	if lost {
		l.notes = append(l.notes, "baseline unknown, left as it is: its annotations are damaged")
	}
	if l.differs {
		l.notes = append(l.notes, fmt.Sprintf("contested: minReplicas is %d, planned is %d", o.State.MinReplicas, l.planned))
	}
	return l
}

// idle says that nothing happens to the HPA, so that it needs no lane.
func (l *lane) idle() bool {
	return len(l.notes) == 0 && len(l.stretches) == 1 && l.stretches[0].Floor == 0
}

// bothered says that entries ask for something that the HPA does not get.
func (l *lane) bothered() bool {
	for _, s := range l.stretches {
		if s.Floor > 0 {
			return true
		}
	}
	return l.differs || l.Refusal == "" && len(l.notes) > 0
}

// clamped says whether a stretch gets less than its floor because of maxReplicas.
func (l *lane) clamped(s controller.Stretch) bool {
	return l.Refusal == "" && s.Floor > l.State.MaxReplicas && s.MinReplicas < s.Floor
}

// findShadows looks at each instant at which an entry opens or closes for claims over which another one applies.
func (l *lane) findShadows(f *controller.Forecast) {
	hpa := schedules.HPA{Namespace: l.HPA.Namespace, Name: l.HPA.Name, Labels: l.HPA.Labels, Baseline: l.baseline}
	if l.Refusal != "" || len(f.Schedule.Covering(hpa)) < 2 {
		return
	}
	for t := f.From; t.Before(f.To); {
		next := f.Schedule.At(hpa, t).Next
		if next.IsZero() || next.After(f.To) {
			next = f.To
		}
		claims := f.Schedule.Claims(hpa, t)
		for i := 1; i < len(claims); i++ {
			if claims[i].Because != claims[0].Because {
				l.shade(shadow{t, next, claims[i].Because, claims[0].Because, claims[i].Floor})
			}
		}
		t = next
	}
}

// shade adds a shadow, or lets one that it continues go on.
func (l *lane) shade(s shadow) {
	for i := len(l.shadows) - 1; i >= 0; i-- {
		if last := &l.shadows[i]; last.to.Equal(s.from) && last.entry == s.entry && last.over == s.over && last.floor == s.floor {
			last.to = s.to
			return
		}
	}
	l.shadows = append(l.shadows, s)
}

// under returns the largest claim over which the entry of a stretch applies at its beginning.
func (l *lane) under(s controller.Stretch) (found shadow) {
	for _, each := range l.shadows {
		if each.over == s.Because && each.from.Before(s.To) && each.to.After(s.From) && each.floor > found.floor {
			found = each
		}
	}
	return found
}

// top returns the number of replicas at the upper end of the lane. What is asked for beyond maxReplicas counts up to
// twice what is given, so that the latter stays legible.
func (l *lane) top() int32 {
	top, asked := max(l.State.MinReplicas, l.baseline, 1), int32(0)
	for _, s := range l.stretches {
		top, asked = max(top, s.MinReplicas), max(asked, s.Floor)
	}
	if asked > top {
		top = int32(min(int64(asked), 2*int64(top)))
	}
	return top
}

// lanes returns the HPAs to draw, those that nothing happens to apart, and how many there was no room for.
func (d *Document) lanes() (drawn, idle []*lane, left int) {
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
