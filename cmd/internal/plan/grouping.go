package plan

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// grouping puts the changes of one instant together that read the same. It is used again for each instant.
type grouping struct {
	*Plan
	clock  clock
	known  map[alike]int // in groups
	groups []group
}

// alike is what the changes of a group have in common.
type alike struct {
	namespace, before, after string
	floorBefore, floor       int32
	from, to                 int32
	steps                    int
	last                     int64 // when the last step is
	ramp                     string
	maxReplicas              int32 // 0 unless it clamps
}

// group is several HPAs with the same change.
type group struct {
	alike
	change  forecast.Change // of one of them
	reason  string          // why
	members []int32
}

// gather groups the changes of an instant and sorts the groups.
func (g *grouping) gather(changes []sums.Place) {
	g.groups = g.groups[:0]
	if g.known == nil {
		g.known = make(map[alike]int)
	}
	clear(g.known)
	for _, at := range changes {
		c := g.Plan.change(at)
		key := alike{
			namespace: c.HPA.Namespace, before: c.Before.Because, after: c.After.Because, floorBefore: c.Before.Floor,
			floor: c.After.Floor, from: c.Before.MinReplicas, to: c.After.MinReplicas, steps: max(1, len(c.Steps)), last: c.Last().UnixNano(),
			ramp: string(c.After.Ramp),
		}
		if c.Clamped() {
			key.maxReplicas = c.State.MaxReplicas
		}
		g.put(key, c, "", at.HPA)
	}
	for i := range g.groups {
		g.groups[i].reason = g.groups[i].change.Reason(g.Forecast.Schedule)
	}
	g.sort()
}

// gatherOpen groups the HPAs that an entry covers when the plan begins, as if nothing changed for them.
func (g *grouping) gatherOpen() {
	g.groups, g.known = g.groups[:0], make(map[alike]int)
	for i := range g.Forecast.Outlooks {
		o := &g.Forecast.Outlooks[i]
		s := o.Stretch(0)
		if s.Floor == 0 || o.Refusal != "" {
			continue
		}
		c := forecast.Change{Verdict: &o.Verdict, Before: s, After: s}
		key := alike{namespace: o.HPA.Namespace, after: s.Because, floor: s.Floor, from: s.MinReplicas, to: s.MinReplicas, ramp: string(s.Ramp)}
		if c.Clamped() {
			key.maxReplicas = o.State.MaxReplicas
		}
		g.put(key, c, g.Forecast.Schedule.Title(s.Because)+" is open"+s.Course(), int32(i))
	}
	g.sort()
}

// put adds an HPA to the group of its change.
func (g *grouping) put(key alike, c forecast.Change, reason string, hpa int32) {
	i, ok := g.known[key]
	if !ok {
		i = len(g.groups)
		g.known[key] = i
		g.add(key, c, reason)
	}
	g.groups[i].members = append(g.groups[i].members, hpa)
}

func (g *grouping) sort() {
	slices.SortFunc(g.groups, func(a, b group) int {
		return cmp.Or(strings.Compare(a.reason, b.reason), strings.Compare(a.namespace, b.namespace),
			cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from), cmp.Compare(a.members[0], b.members[0]))
	})
}

// add starts a group, in the memory of one of the instant before if there is any.
func (g *grouping) add(key alike, c forecast.Change, reason string) {
	n := len(g.groups)
	if n < cap(g.groups) {
		g.groups = g.groups[:n+1]
	} else {
		g.groups = append(g.groups, group{})
	}
	old := g.groups[n].members[:0]
	g.groups[n] = group{alike: key, change: c, reason: reason, members: old}
}

// write writes the groups: the time, the reason, and each change with the HPAs.
func (g *grouping) write(l *lines, now shownTime) {
	clock, reason, told := now.time, "", ""
	for i := range g.groups {
		group := &g.groups[i]
		if group.reason != reason {
			reason = group.reason
			l.buf = append(l.buf, "  "...)
			l.pad(clock, len("15:04 CEST"))
			l.buf = append(l.buf, "  "...)
			l.text(reason)
			clock = ""
			if about := about(&group.change, g.Forecast.Schedule, max(l.Width, 40)-len(indent)); about != "" && about != told {
				l.text(indent + l.inked(about))
				told = about
			}
		}
		g.writeGroup(l, group)
	}
}

// indent is where changes begin, and continued where their lines go on.
const (
	indent    = "              "
	continued = "                                 "
)

// verb says what happens. What stands when the plan begins is held.
func (g *group) verb() forecast.Verb {
	if g.change.Before == g.change.After {
		return "held"
	}
	return g.change.Verb()
}

func (g *grouping) writeGroup(l *lines, group *group) {
	l.buf = append(l.buf, indent...)
	l.pad(string(group.verb()), len("release"))
	l.number(int(group.from), 6)
	if group.from != group.to {
		l.buf = append(l.buf, " -> "...)
		l.padNumber(int(group.to), 6)
	} else {
		l.buf = append(l.buf, "          "...)
	}
	g.writeNames(l, group)
	g.writeNote(l, group)
	l.text("")
}

// writeNames writes the HPAs of a group, of a namespace, within braces where there are several.
func (g *grouping) writeNames(l *lines, group *group) {
	at := len(continued)
	if len(group.members) == 1 {
		l.buf = append(l.buf, g.names[group.members[0]]...)
		return
	}
	namespace := len(text.Visible(group.namespace)) + 1
	l.buf = append(append(l.buf, g.names[group.members[0]][:namespace]...), '{')
	at += namespace + 1
	for i, member := range group.members {
		name := g.names[member][namespace:]
		if i > 0 {
			l.buf = append(l.buf, ',')
			if at += len(name) + 1; at > max(l.Width, len(continued)+20) {
				l.buf = append(append(l.buf, '\n'), continued...)
				at = len(continued) + len(name) + 1
			}
		} else {
			at += len(name) + 1
		}
		l.buf = append(l.buf, name...)
	}
	l.buf = append(l.buf, '}')
}

// writeNote says how long a ramp takes, and what keeps HPAs from the floor that is asked for.
func (g *grouping) writeNote(l *lines, group *group) {
	if group.steps > 1 {
		l.buf = append(l.buf, ", in "...)
		l.buf = strconv.AppendInt(l.buf, int64(group.steps), 10)
		l.buf = append(append(l.buf, " steps until "...), text.MomentAfter(time.Unix(0, group.last).In(g.Zone), group.change.After.From)...)
	}
	switch {
	case group.maxReplicas > 0:
		l.buf = append(l.buf, ", clamped: floor "...)
		l.buf = strconv.AppendInt(l.buf, int64(group.floor), 10)
		l.buf = append(l.buf, ", maxReplicas "...)
		l.buf = strconv.AppendInt(l.buf, int64(group.maxReplicas), 10)
	case group.floor > 0 && group.change.Verb() == forecast.Hold:
		l.buf = append(l.buf, ": the baseline is above floor "...)
		l.buf = strconv.AppendInt(l.buf, int64(group.floor), 10)
	}
}

// pad appends a text with blanks up to a width.
func (l *lines) pad(text string, width int) {
	l.buf = append(l.buf, text...)
	for range width - len(text) {
		l.buf = append(l.buf, ' ')
	}
}

// number appends a number that ends at a width.
func (l *lines) number(n, width int) {
	for range width - digits(n) {
		l.buf = append(l.buf, ' ')
	}
	l.buf = strconv.AppendInt(l.buf, int64(n), 10)
}

// padNumber appends a number with blanks up to a width.
func (l *lines) padNumber(n, width int) {
	l.buf = strconv.AppendInt(l.buf, int64(n), 10)
	for range width - digits(n) {
		l.buf = append(l.buf, ' ')
	}
}

func digits(n int) int {
	count := 1
	for ; n >= 10; n /= 10 {
		count++
	}
	return count
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
