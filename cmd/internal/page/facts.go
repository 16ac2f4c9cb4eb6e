package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// fact is one of the few things that the reader should see first.
type fact struct {
	Name, Value, More string
	Alarm             bool
	Href              string
}

func (p *picture) Facts(warnings int) []fact {
	facts := []fact{p.nextChange()}
	if p.compares() {
		facts = append(facts, p.heldNow())
	}
	if peak := p.Peak; peak.Pods > 0 {
		more := p.moment(peak.At)
		if peak.Requests != "" {
			more = text.Line(peak.Requests) + ", " + more
		}
		facts = append(facts, fact{Name: "Peak, over the baselines", Value: "+" + text.GroupedCount(int(peak.Pods), "Pod"), More: more})
	}
	if warnings > 0 {
		facts = append(facts, fact{Name: "Worth a look", Value: text.GroupedCount(warnings, "warning"), More: "read them", Href: "#findings-heading"})
	}
	return facts
}

// Background returns where the page comes from.
func (p *picture) Background() (facts []fact) {
	if p.Leader != "" {
		name, more, _ := strings.Cut(text.Line(p.Leader), " (")
		facts = append(facts, fact{Name: "Leader", Value: name, More: strings.TrimSuffix(more, ")")})
	}
	if sha := p.Revision.SHA256; sha != "" {
		more := ""
		if !p.Revision.LoadedAt.IsZero() {
			more = "loaded " + p.moment(p.Revision.LoadedAt.Truncate(time.Minute))
		}
		facts = append(facts, fact{Name: "Schedule revision", Value: text.Line(sha[:min(12, len(sha))]), More: more})
	}
	return facts
}

func (p *picture) heldNow() fact {
	held, differ := 0, 0
	for _, l := range p.lanes {
		if l.State.Condition == autoscaler.Held {
			held++
		}
		if l.differs {
			differ++
		}
	}
	f := fact{Name: "Held now", Value: text.GroupedCount(held, "HPA")}
	if differ > 0 {
		f.More, f.Alarm = text.GroupedCount(differ, "HPA")+" not as planned", true
	}
	return f
}

// nextChange returns what happens next, and how far away that is; in a range that has not begun or is over, what happens
// first.
func (d *Document) nextChange() fact {
	if d.Forecast == nil {
		return fact{Name: "Next change", Value: "unknown", More: "there is no valid schedule"}
	}
	name, after := "Next change", d.Now
	if !d.inRange() {
		name, after = "First change", d.Forecast.From
	}
	next := d.firstSteps(after)
	if len(next) == 0 {
		return fact{Name: name, Value: "none", More: "until " + d.moment(d.Forecast.To)}
	}
	c := next[0]
	value, more := d.moment(c.After.From), ""
	if away := c.After.From.Sub(d.Now); away > 0 {
		value, more = "in "+lasting(away), value+": "
	}
	more += fmt.Sprintf("%s %s → %s (%s)", text.CutMiddle(nameOf(c.HPA), 80), grouped(c.Before.MinReplicas), grouped(c.After.MinReplicas), d.reason(&c))
	if len(next) > 1 {
		more += " and " + text.GroupedCount(len(next)-1, "more HPA")
	}
	return fact{Name: name, Value: value, More: more}
}

// firstSteps returns the steps of minReplicas that come first after an instant, all at the same time.
func (d *Document) firstSteps(after time.Time) (first []forecast.Change) {
	for i := range d.Forecast.Outlooks {
		for c := range d.Forecast.Outlooks[i].Steps() {
			if !c.After.From.After(after) || !c.Moves() {
				continue
			}
			if len(first) > 0 && c.After.From.Before(first[0].After.From) {
				first = nil
			}
			if len(first) == 0 || c.After.From.Equal(first[0].After.From) {
				first = append(first, c)
			}
			break
		}
	}
	return first
}

// lasting returns a duration as people say it, in its two largest units.
func lasting(d time.Duration) string {
	hours, minutes := int(d.Hours()), int(d.Minutes())
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", minutes)
	case d < 48*time.Hour && minutes%60 > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", hours)
	case hours%24 > 0:
		return fmt.Sprintf("%d days %d h", hours/24, hours%24)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}
