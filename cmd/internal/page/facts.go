package page

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
		facts = append(facts, fact{Name: "Needs attention", Value: text.GroupedCount(warnings, "warning"), More: "read them", Href: "#findings-heading"})
	}
	return facts
}

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

// finding is what was found of one entry. Message is that of the first HPA, Others are the other HPAs.
type finding struct {
	Kind, Entry, Place string
	Message, Since     string
	On                 string
	Others             []remark
	More               string
}

type remark struct{ HPA, Text string }

// findings are grouped by kind and entry.
type findings struct {
	Warnings, Notes []finding
	More            string
}

func (p *picture) Found() (all findings) {
	groups := forecast.Grouped(p.Findings)
	if n := len(groups) - maxFindings; n > 0 {
		all.More = fmt.Sprintf("%s more%s.", text.GroupedCount(n, "finding"), p.remedy())
		groups = groups[:maxFindings]
	}
	for _, group := range groups {
		if found := p.finding(group); group[0].Warning() {
			all.Warnings = append(all.Warnings, found)
		} else {
			all.Notes = append(all.Notes, found)
		}
	}
	return all
}

func (d *Document) finding(group []forecast.Finding) finding {
	f := group[0]
	one := finding{Kind: string(f.Kind), Entry: text.Line(f.Entry)}
	if f.HPA != nil {
		one.On = nameOf(f.HPA)
	}
	if d.Places != nil {
		one.Place = text.Line(d.Places(f.Entry))
	}
	if d.Forecast != nil {
		one.Entry = text.Line(d.Forecast.Schedule.Title(f.Entry))
	}
	if !f.From.IsZero() && f.Kind != forecast.PastEntry {
		one.Since = d.moment(f.From)
	}
	messages := []string{f.Message}
	for _, other := range group[1:] {
		if other.HPA == nil { // clocks change again
			messages = append(messages, other.Message)
		} else {
			one.Others = append(one.Others, remark{nameOf(other.HPA), sentence(other.Message)})
		}
	}
	one.Message = sentence(strings.Join(messages, "; "))
	if n := len(one.Others); n > maxOthers {
		one.Others, one.More = one.Others[:maxOthers], fmt.Sprintf("and %s more", text.GroupedCount(n-maxOthers, "HPA"))
	}
	return one
}

func sentence(message string) string {
	message = clean(message)
	if strings.HasPrefix(message, "minReplicas") || strings.HasPrefix(message, "maxReplicas") {
		return message + "."
	}
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + message[size:] + "."
}

// deviations are the HPAs whose lanes have notes: those that are not as anybody wants them, and those that get no floor
// because of what their owners did.
type deviations struct {
	Alarming, Calm []remark
	More           string
}

func (p *picture) Deviations() (all deviations) {
	for _, l := range p.lanes {
		switch about := (remark{l.name, sentence(l.noted())}); {
		case len(l.notes) == 0:
		case len(all.Alarming)+len(all.Calm) == maxFindings:
			all.More = "and more" + p.remedy()
			return all
		case l.lost || l.differs:
			all.Alarming = append(all.Alarming, about)
		default:
			all.Calm = append(all.Calm, about)
		}
	}
	return all
}
