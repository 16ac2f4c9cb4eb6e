package forecast

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Findings are all findings of a forecast, folded: those of one rule about one entry are one [Group].
type Findings struct {
	schedule *schedules.Schedule
	groups   []*Group
	index    map[about]*Group
}

type about struct {
	rule     Rule
	severity Severity
	entry    string
}

// Group is what was found of one rule about one entry; or, of a rule with very many, about all further ones.
type Group struct {
	Finding            // the first by time
	Others   []Finding // the first of the others
	Count    int       // of findings
	HPACount int       // how many of them are of an HPA
	Entries  []string  // of further entries, the first of them; none for a group of one entry
	Further  int       // how many those are
	all      bool      // the entries are all of the rule
}

// What a group keeps, however much is found: no reader wants more.
const (
	maxOthers  = 100
	maxEntries = 100
)

// How many groups of a rule are worth showing one by one: to people, and to programs.
const (
	ForPeople   = 10
	ForPrograms = 100
)

// Fold returns findings, folded.
func Fold(schedule *schedules.Schedule, all ...Finding) *Findings {
	f := &Findings{schedule: schedule, index: make(map[about]*Group)}
	severities := severities()
	for _, found := range all {
		found.Severity = cmp.Or(found.Severity, severities[found.Rule])
		f.Add(found)
	}
	return f
}

// Add folds one more finding in.
func (f *Findings) Add(found Finding) {
	found.Times = max(1, found.Times)
	key := about{found.Rule, found.Severity, found.Entry}
	g := f.index[key]
	if g == nil {
		g = &Group{}
		f.index[key], f.groups = g, append(f.groups, g)
	}
	g.Count++
	if found.HPA != nil {
		g.HPACount++
	}
	switch times := g.Times + found.Times; {
	case g.Count == 1:
		g.Finding = found
	case found.From.Before(g.From):
		g.Others = slices.Insert(g.Others, 0, g.Finding)
		g.Finding, g.Times = found, times
	default:
		g.Others, g.Times = append(g.Others, found), times
	}
	g.Others = g.Others[:min(len(g.Others), maxOthers)]
}

// Groups returns the findings in the order of time: at most so many groups of each rule, and one for what is found of all
// further entries. One more than most is still a group of its own. Entries that are over are one group unless they are few.
func (f *Findings) Groups(most int) []*Group {
	if f == nil {
		return nil
	}
	const fewPast = 3
	type class struct {
		Rule
		Severity
	}
	slices.SortStableFunc(f.groups, func(a, b *Group) int { return a.From.Compare(b.From) })
	counts, shown, rests := make(map[class]int), make(map[class]int), make(map[class]*Group)
	for _, g := range f.groups {
		counts[class{g.Rule, g.Severity}]++
	}
	var groups []*Group
	for _, g := range f.groups {
		c := class{g.Rule, g.Severity}
		limit := most
		if g.Rule == PastEntry && counts[c] > fewPast {
			limit = 0
		}
		if counts[c] <= limit+1 || shown[c] < limit {
			shown[c]++
			groups = append(groups, g)
			continue
		}
		rest := rests[c]
		if rest == nil {
			rest = &Group{Finding: g.Finding, all: limit == 0}
			rest.Times = 0
			rests[c], groups = rest, append(groups, rest)
		}
		rest.merge(g)
	}
	return groups
}

func (g *Group) merge(other *Group) {
	g.Count, g.Times, g.HPACount, g.Further = g.Count+other.Count, g.Times+other.Times, g.HPACount+other.HPACount, g.Further+1
	if len(g.Entries) < maxEntries {
		g.Entries = append(g.Entries, other.Entry)
	}
	g.Others = append(g.Others, other.Others[:min(len(other.Others), maxOthers-len(g.Others))]...)
}

// Warnings returns how many groups of warnings there are.
func (f *Findings) Warnings() int {
	n := 0
	for _, g := range f.groups {
		if g.Severity == Warning {
			n++
		}
	}
	return n
}

// HPAs returns the first of those that a rule is about.
func (f *Findings) HPAs(rule Rule) map[*autoscalingv2.HorizontalPodAutoscaler]bool {
	hpas := make(map[*autoscalingv2.HorizontalPodAutoscaler]bool)
	for _, g := range f.groups {
		if g.Rule != rule {
			continue
		}
		hpas[g.HPA] = true
		for _, other := range g.Others {
			hpas[other.HPA] = true
		}
	}
	return hpas
}

// Style is how a command writes findings in sentences.
type Style struct {
	Few      int                    // how many names a list gives
	Moment   func(time.Time) string // nil: no dates
	HPA      string                 // before the first HPA, which the date follows; without it, the date is before
	Nameless bool                   // the HPAs are placeholders, which have no names
}

// Sentence returns a group in a sentence about its entry: the first finding in full, and what the others add.
func (f *Findings) Sentence(g *Group, by time.Time, style Style) string {
	if g.Further > 0 {
		return f.summary(g, style)
	}
	subject, names := f.schedule.Title(g.Entry), g.Names()
	if g.Entry == "" && len(names) > 0 { // of the HPA itself
		return "HPA " + names[0] + ": " + text.Visible(g.Message) + more(names, g.HPACount, style.Few)
	}
	if style.Nameless {
		names = nil
	}
	date, first := "", ""
	if style.Moment != nil && g.Dated(by) {
		date = ", from " + style.Moment(g.From)
	}
	if len(names) > 0 {
		first = ", " + style.HPA + names[0]
	}
	if style.HPA != "" {
		subject += first + date
	} else {
		subject += date + first
	}
	return subject + ": " + text.Visible(text.List(g.messages(), "; ", style.Few)) + more(names, g.HPACount, style.Few)
}

// messages returns the message about the first HPA, or all about an entry.
func (g *Group) messages() []string {
	messages := []string{g.Message}
	for _, other := range g.Others {
		if g.HPA == nil {
			messages = append(messages, other.Message)
		}
	}
	return messages
}

// more names the HPAs but the first.
func more(names []string, count, few int) string {
	if len(names) < 2 {
		return ""
	}
	return "; likewise " + listed(names[1:], count-1, few)
}

// summary is the sentence of a group of many entries.
func (f *Findings) summary(g *Group, style Style) string {
	titles := make([]string, 0, style.Few+1)
	for _, name := range g.Entries[:min(len(g.Entries), style.Few+1)] {
		titles = append(titles, f.schedule.Title(name))
	}
	list := listed(titles, g.Further, style.Few)
	subject := fmt.Sprintf("%d more entries", g.Further)
	if g.all {
		subject = fmt.Sprintf("%d entries", g.Further)
	}
	return subject + ", such as " + list + ": " + text.Visible(g.Summary())
}

// Summary is the message of a group of many entries.
func (g *Group) Summary() string {
	switch {
	case g.all && g.Rule == PastEntry:
		return "they are over and do nothing any more; floorkeeper event prune removes such events"
	case g.HPACount > g.Further:
		return fmt.Sprintf("likewise, %d times; of the first: %s", g.Count, g.Message)
	default:
		return "likewise; of the first: " + g.Message
	}
}

// listed lists the first names of so many, as text.List does where it has all.
func listed(names []string, count, few int) string {
	if count <= few+1 && len(names) == count {
		return text.List(names, ", ", few)
	}
	names = names[:min(len(names), few)]
	return fmt.Sprintf("%s and %d more", text.List(names, ", ", few), count-len(names))
}

// Names returns the first HPAs of the group, as NAMESPACE/NAME.
func (g *Group) Names() []string {
	var names []string
	for _, found := range append([]Finding{g.Finding}, g.Others...) {
		if found.HPA != nil {
			names = append(names, nameOf(found.HPA))
		}
	}
	return names
}

// Sorted returns groups in the order of a list that is read from the top: warnings first, then by rule, entry and time.
func Sorted(groups []*Group) []*Group {
	slices.SortStableFunc(groups, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Rule, b.Rule), a.Further-b.Further, cmp.Compare(a.Entry, b.Entry), a.From.Compare(b.From))
	})
	return groups
}
