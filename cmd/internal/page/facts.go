package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// facts returns what the reader should see first.
func (d *Document) facts(lanes []*strip, warnings int) []fact {
	facts := []fact{d.nextChange()}
	if held, contested := held(lanes); d.Live && d.inRange() {
		facts = append(facts, fact{Name: "Held now", Value: text.GroupedCount(held, "HPA"), More: contested, Alarm: contested != ""})
	}
	if p := d.Peak; p.Pods > 0 {
		more := text.Moment(d.at(p.At))
		if p.Requests != "" {
			more = text.Line(p.Requests) + ", " + more
		}
		facts = append(facts, fact{Name: "Peak, over the baselines", Value: "+" + text.GroupedCount(int(p.Pods), "Pod"), More: more})
	}
	if warnings > 0 {
		facts = append(facts, fact{Name: "Worth a look", Value: text.GroupedCount(warnings, "warning"), More: "read them", Href: "#findings-heading"})
	}
	return facts
}

// background returns what is good to know of where the page comes from.
func (d *Document) background() (facts []fact) {
	if d.Leader != "" {
		name, more, _ := strings.Cut(text.Line(d.Leader), " (")
		facts = append(facts, fact{Name: "Leader", Value: name, More: strings.TrimSuffix(more, ")")})
	}
	if sha := d.Revision.SHA256; sha != "" {
		more := ""
		if !d.Revision.LoadedAt.IsZero() {
			more = "loaded " + text.Moment(d.at(d.Revision.LoadedAt).Truncate(time.Minute))
		}
		facts = append(facts, fact{Name: "Schedule revision", Value: text.Line(sha[:min(12, len(sha))]), More: more})
	}
	return facts
}

// held counts the HPAs that are held now, and says how many are not as planned.
func held(lanes []*strip) (held int, contested string) {
	differ := 0
	for _, l := range lanes {
		if l.State.Condition == autoscaler.Held {
			held++
		}
		if l.differs {
			differ++
		}
	}
	if differ > 0 {
		contested = text.GroupedCount(differ, "HPA") + " not as planned"
	}
	return held, contested
}

// nextChange says what happens next, and how long that is away; of a range that has not begun or is over, what happens
// first in it.
func (d *Document) nextChange() fact {
	if d.Forecast == nil {
		return fact{Name: "Next change", Value: "unknown", More: "there is no valid schedule"}
	}
	name, after := "Next change", d.Now
	if !d.inRange() {
		name, after = "First change", d.Forecast.From
	}
	next := d.next(after)
	if len(next) == 0 {
		return fact{Name: name, Value: "none", More: "until " + text.Moment(d.at(d.Forecast.To))}
	}
	c := next[0]
	at := d.at(c.After.From)
	value, more := "in "+lasting(at.Sub(d.Now)), text.Moment(at)+": "
	if !at.After(d.Now) {
		value, more = text.Moment(at), ""
	}
	more += fmt.Sprintf("%s %s → %s (%s)", text.CutMiddle(nameOf(c.HPA), 80), text.Grouped(int(c.Before.MinReplicas)), text.Grouped(int(c.After.MinReplicas)), d.reason(&c))
	if len(next) > 1 {
		more += " and " + text.GroupedCount(len(next)-1, "more HPA")
	}
	return fact{Name: name, Value: value, More: more}
}

// next returns the steps of minReplicas that come first after an instant, all at the same time.
func (d *Document) next(after time.Time) (next []forecast.Change) {
	for i := range d.Forecast.Outlooks {
		o := &d.Forecast.Outlooks[i]
		for k := 1; k < o.Len(); k++ {
			if c := o.Step(k); c.After.From.After(after) && c.Moves() {
				next = sooner(next, c)
				break
			}
		}
	}
	return next
}

// sooner keeps the changes that happen first.
func sooner(all []forecast.Change, c forecast.Change) []forecast.Change {
	switch {
	case len(all) == 0 || c.After.From.Before(all[0].After.From):
		return []forecast.Change{c}
	case c.After.From.Equal(all[0].After.From):
		return append(all, c)
	default:
		return all
	}
}
