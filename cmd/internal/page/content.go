package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

type day struct {
	Name string
	Note string // that it has not 24 hours
	Rows []line
}

// line is one line of that table. Numbers are as they are shown.
type line struct {
	moment
	UTC, HPA        string
	From, To, Floor string
	Stays           bool
	Reason          string
	Steps           []string // of a ramp that has several
	Until           string
	Note            string
	Alarm           bool
}

type moment struct{ Machine, Local string }

type table struct {
	Days          []day
	Caption, More string
}

func (p *picture) Table() table {
	changes, moves, stays := p.changes(maxRows)
	t := table{Days: p.days(changes), Caption: text.GroupedCount(moves, "change") + " of minReplicas"}
	if stays > 0 {
		t.Caption += fmt.Sprintf(", and %s that it stays as it is", text.GroupedCount(stays, "time"))
	}
	t.Caption += ", " + p.Range()
	if more := moves + stays - len(changes); more > 0 {
		t.More = fmt.Sprintf("%s more after these%s.", text.GroupedCount(more, "row"), p.remedy())
	}
	return t
}

// changes returns the first changes of all HPAs in order of time, those of an instant in order of the HPAs, and how many
// there are altogether: those of minReplicas, and those at which it stays.
func (d *Document) changes(most int) (first []forecast.Change, moves, stays int) {
	var beyond time.Time // changes from here on are certainly not among the first
	cut := func() {
		slices.SortStableFunc(first, func(a, b forecast.Change) int { return a.After.From.Compare(b.After.From) })
		first = first[:min(len(first), most)]
	}
	for i := range d.Forecast.Outlooks {
		for c := range d.Forecast.Outlooks[i].Changes() {
			switch {
			case c.Moves():
				moves++
			case c.Before.Floor != c.End.Floor || c.Before.Because != c.End.Because:
				stays++
			default:
				continue
			}
			if beyond.IsZero() || c.After.From.Before(beyond) {
				first = append(first, c)
			}
		}
		if len(first) > 4*most {
			cut()
			beyond = first[most-1].After.From.Add(1)
		}
	}
	cut()
	return first, moves, stays
}

// dayLayout is that of dates which have a line of their own.
const dayLayout = "Monday 2 January 2006"

func (d *Document) days(changes []forecast.Change) (all []day) {
	for i := range changes {
		at := d.at(changes[i].After.From)
		name := at.Format(dayLayout)
		if len(all) == 0 || all[len(all)-1].Name != name {
			next := day{Name: name}
			if h := hoursOf(at); h != 24 {
				next.Note = fmt.Sprintf("a day of %v hours", h)
			}
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.Rows = append(last.Rows, d.row(&changes[i], at))
	}
	return all
}

func (d *Document) row(c *forecast.Change, at time.Time) line {
	r := line{
		moment: moment{at.UTC().Format(time.RFC3339), text.Clock(at)}, UTC: text.UTC(at), HPA: nameOf(c.HPA),
		From: grouped(c.Before.MinReplicas), To: grouped(c.After.MinReplicas), Floor: amount(c.End.Floor),
		Stays: !c.Moves(), Reason: d.reason(c),
	}
	if n := len(c.Steps); n > 1 {
		for _, step := range c.Steps {
			r.Steps = append(r.Steps, text.MomentAfter(d.at(step.At), at)+": "+grouped(step.MinReplicas))
		}
		r.Until = fmt.Sprintf("in %d steps until %s", n, text.MomentAfter(d.at(c.Last()), at))
	}
	switch {
	case c.End.Floor > c.End.MinReplicas:
		r.Note, r.Alarm = "clamped to maxReplicas "+amount(c.State.MaxReplicas), true
	case c.End.Floor > 0 && c.End.Floor < c.End.MinReplicas:
		r.Note = "the baseline is above the floor"
	}
	return r
}

func (d *Document) reason(c *forecast.Change) string {
	return text.Line(c.ShortReason(d.Forecast.Schedule))
}

// nameOf returns the HPA's namespace and name, as they are shown. Kubernetes' own have at most 253 characters.
func nameOf(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return text.CutMiddle(text.Line(hpa.Namespace+"/"+hpa.Name), 260)
}

func grouped(replicas int32) string { return text.Grouped(int(replicas)) }

func amount(replicas int32) string {
	if replicas == 0 {
		return "–"
	}
	return grouped(replicas)
}

// opening is what is in effect for an HPA at the beginning of the range, and minReplicas at the instant of rendering.
type opening struct {
	HPA                            string
	Baseline, Max, Replicas, Floor string
	Entry                          string
	Live                           string
	Alarm                          bool
}

func (p *picture) Openings() (all []opening) {
	for _, l := range p.lanes {
		first := l.stretches[0]
		o := opening{HPA: l.name, Baseline: l.known(), Max: "–", Replicas: grouped(first.MinReplicas), Floor: "–", Alarm: l.differs}
		if l.State.MaxReplicas < schedules.MaxReplicas {
			o.Max = amount(l.State.MaxReplicas)
		}
		switch {
		case l.refused:
			o.Entry = l.notes[0].text
		case first.Floor > 0:
			o.Floor, o.Entry = amount(first.Floor), text.Line(p.Forecast.Schedule.Title(first.Because))+first.Course()
		}
		if p.compares() {
			o.Live = grouped(l.State.MinReplicas)
		}
		all = append(all, o)
	}
	return all
}

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

type findings struct {
	Warnings, Notes []finding
	More            string
}

func (p *picture) Found() (all findings) {
	groups := p.Findings.Groups(maxOfRule)
	if n := len(groups) - maxFindings; n > 0 {
		all.More = fmt.Sprintf("%s more%s.", text.GroupedCount(n, "finding"), p.remedy())
		groups = groups[:maxFindings]
	}
	for _, group := range groups {
		if found := p.finding(group); group.Severity == forecast.Warning {
			all.Warnings = append(all.Warnings, found)
		} else {
			all.Notes = append(all.Notes, found)
		}
	}
	return all
}

func (d *Document) finding(g *forecast.Group) finding {
	one := finding{Kind: string(g.Rule), Entry: text.Line(g.Entry)}
	if d.Places != nil {
		one.Place = text.Line(d.Places(g.Entry))
	}
	if d.Forecast != nil && g.Entry != "" {
		one.Entry = text.Line(d.Forecast.Schedule.Title(g.Entry))
	}
	if g.Further > 0 {
		one.Entry += fmt.Sprintf(" and %s more", text.GroupedCount(g.Further-1, "entry"))
		one.Message = sentence(g.Summary())
		return one
	}
	if g.HPA != nil {
		one.On = nameOf(g.HPA)
	}
	if !g.From.IsZero() && g.Rule != forecast.PastEntry {
		one.Since = d.moment(g.From)
	}
	messages := []string{g.Message}
	for _, other := range g.Others {
		if other.HPA == nil { // clocks change again
			messages = append(messages, other.Message)
		} else {
			one.Others = append(one.Others, remark{nameOf(other.HPA), sentence(other.Message)})
		}
	}
	one.Message = sentence(strings.Join(messages, "; "))
	if n := g.HPACount - 1 - len(one.Others); n > 0 {
		one.More = fmt.Sprintf("and %s more", text.GroupedCount(n, "HPA"))
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
