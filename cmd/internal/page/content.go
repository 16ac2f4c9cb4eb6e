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
	name string
	note string // that it has not 24 hours
	rows []line
}

// line is one line of that table. Numbers are as they are shown.
type line struct {
	moment
	utc, hpa        string
	from, to, floor string
	stays           bool
	reason          string
	steps           []string // of a ramp that has several
	until           string
	note            string
	alarm           bool
}

type moment struct{ machine, local string }

type table struct {
	days          []day
	caption, more string
}

func (p *picture) table() table {
	changes, moves, stays := p.changes(maxRows)
	t := table{days: p.days(changes), caption: text.GroupedCount(moves, "change") + " of minReplicas"}
	if stays > 0 {
		t.caption += fmt.Sprintf(", and %s that it stays as it is", text.GroupedCount(stays, "time"))
	}
	t.caption += ", " + p.times()
	if more := moves + stays - len(changes); more > 0 {
		t.more = fmt.Sprintf("%s more after these%s.", text.GroupedCount(more, "row"), p.remedy())
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
		if len(all) == 0 || all[len(all)-1].name != name {
			next := day{name: name}
			if h := hoursOf(at); h != 24 {
				next.note = fmt.Sprintf("a day of %v hours", h)
			}
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.rows = append(last.rows, d.row(&changes[i], at))
	}
	return all
}

func (d *Document) row(c *forecast.Change, at time.Time) line {
	r := line{
		moment: moment{at.UTC().Format(time.RFC3339), text.Clock(at)}, utc: text.UTC(at), hpa: nameOf(c.HPA),
		from: grouped(c.Before.MinReplicas), to: grouped(c.After.MinReplicas), floor: amount(c.End.Floor),
		stays: !c.Moves(), reason: d.reason(c),
	}
	if n := len(c.Steps); n > 1 {
		for _, step := range c.Steps {
			r.steps = append(r.steps, text.MomentAfter(d.at(step.At), at)+": "+grouped(step.MinReplicas))
		}
		r.until = fmt.Sprintf("in %d steps until %s", n, text.MomentAfter(d.at(c.Last()), at))
	}
	switch {
	case c.End.Floor > c.End.MinReplicas:
		ceiling := c.State.Ceiling()
		r.note, r.alarm = "clamped to "+ceiling.Numbered(amount(ceiling.Limit)), true
	case c.End.Floor > 0 && c.End.Floor < c.End.MinReplicas:
		r.note = "the baseline is above the floor"
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
	hpa                            string
	baseline, max, replicas, floor string
	entry                          string
	live                           string
	alarm                          bool
}

func (p *picture) openings() (all []opening) {
	for _, l := range p.lanes {
		first := l.stretches[0]
		o := opening{hpa: l.name, baseline: l.known(), max: "–", replicas: grouped(first.MinReplicas), floor: "–", alarm: l.differs}
		if l.State.MaxReplicas < schedules.MaxReplicas {
			o.max = amount(l.State.MaxReplicas)
		}
		switch {
		case l.refused:
			o.entry = l.notes[0].text
		case first.Floor > 0:
			o.floor, o.entry = amount(first.Floor), text.Line(p.Forecast.Schedule.Title(first.Because))+first.Course()
		}
		if p.compares() {
			o.live = grouped(l.State.MinReplicas)
		}
		all = append(all, o)
	}
	return all
}

type fact struct {
	name, value, more string
	alarm             bool
	href              string
}

func (p *picture) keyFacts(warnings int) []fact {
	facts := []fact{p.nextChange()}
	if p.compares() {
		facts = append(facts, p.heldNow())
	}
	if peak := p.Peak; peak.Pods > 0 {
		more := p.moment(peak.At)
		if peak.Requests != "" {
			more = text.Line(peak.Requests) + ", " + more
		}
		facts = append(facts, fact{name: "Peak, over the baselines", value: "+" + text.GroupedCount(int(peak.Pods), "Pod"), more: more})
	}
	if warnings > 0 {
		facts = append(facts, fact{name: "Needs attention", value: text.GroupedCount(warnings, "warning"), more: "read them", href: "#findings-heading"})
	}
	return facts
}

func (p *picture) sources() (facts []fact) {
	if p.Leader != "" {
		name, more, _ := strings.Cut(text.Line(p.Leader), " (")
		facts = append(facts, fact{name: "Leader", value: name, more: strings.TrimSuffix(more, ")")})
	}
	if sha := p.Revision.SHA256; sha != "" {
		more := ""
		if !p.Revision.LoadedAt.IsZero() {
			more = "loaded " + p.moment(p.Revision.LoadedAt.Truncate(time.Minute))
		}
		facts = append(facts, fact{name: "Schedule revision", value: text.Line(sha[:min(12, len(sha))]), more: more})
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
	f := fact{name: "Held now", value: text.GroupedCount(held, "HPA")}
	if differ > 0 {
		f.more, f.alarm = text.GroupedCount(differ, "HPA")+" not as planned", true
	}
	return f
}

// nextChange returns what happens next, and how far away that is; in a range that has not begun or is over, what happens
// first.
func (d *Document) nextChange() fact {
	if d.Forecast == nil {
		return fact{name: "Next change", value: "unknown", more: "there is no valid schedule"}
	}
	name, after := "Next change", d.Now
	if !d.inRange() {
		name, after = "First change", d.Forecast.From
	}
	next := d.firstSteps(after)
	if len(next) == 0 {
		return fact{name: name, value: "none", more: "until " + d.moment(d.Forecast.To)}
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
	return fact{name: name, value: value, more: more}
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

// finding is what was found of one entry. Its message is that of the first HPA, others are the other HPAs.
type finding struct {
	kind, entry, place string
	message, since     string
	on                 string
	others             []remark
	more               string
}

type remark struct{ hpa, text string }

type findings struct {
	warnings, notes []finding
	more            string
}

func (p *picture) found() (all findings) {
	groups := p.Findings.Groups(maxOfRule)
	if n := len(groups) - maxFindings; n > 0 {
		all.more = fmt.Sprintf("%s more%s.", text.GroupedCount(n, "finding"), p.remedy())
		groups = groups[:maxFindings]
	}
	for _, group := range groups {
		if found := p.findingOf(group); group.Severity == forecast.Warning {
			all.warnings = append(all.warnings, found)
		} else {
			all.notes = append(all.notes, found)
		}
	}
	return all
}

func (d *Document) findingOf(g *forecast.Group) finding {
	one := finding{kind: string(g.Rule), entry: text.Line(g.Entry)}
	if d.Places != nil {
		one.place = text.Line(d.Places(g.Entry))
	}
	if d.Forecast != nil && g.Entry != "" {
		one.entry = text.Line(d.Forecast.Schedule.Title(g.Entry))
	}
	if g.Further > 0 {
		one.entry += fmt.Sprintf(" and %s more", text.GroupedCount(g.Further-1, "entry"))
		one.message = sentence(g.Summary())
		return one
	}
	if g.HPA != nil {
		one.on = nameOf(g.HPA)
	}
	if !g.From.IsZero() && g.Rule != forecast.PastEntry {
		one.since = d.moment(g.From)
	}
	messages := []string{g.Message}
	for _, other := range g.Others {
		if other.HPA == nil { // clocks change again
			messages = append(messages, other.Message)
		} else {
			one.others = append(one.others, remark{nameOf(other.HPA), sentence(other.Message)})
		}
	}
	one.message = sentence(strings.Join(messages, "; "))
	if n := g.HPACount - 1 - len(one.others); n > 0 {
		one.more = fmt.Sprintf("and %s more", text.GroupedCount(n, "HPA"))
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
	alarming, calm []remark
	more           string
}

func (p *picture) deviations() (all deviations) {
	for _, l := range p.lanes {
		switch about := (remark{l.name, sentence(l.noted())}); {
		case len(l.notes) == 0:
		case len(all.alarming)+len(all.calm) == maxFindings:
			all.more = "and more" + p.remedy()
			return all
		case l.lost || l.differs:
			all.alarming = append(all.alarming, about)
		default:
			all.calm = append(all.calm, about)
		}
	}
	return all
}
