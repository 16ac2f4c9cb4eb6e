package plan

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// A comment on a pull request holds 65,536 characters at GitHub. What a table would take beyond its share is left to
// plan -o text. A short table is shown at once, a longer one when it is asked for.
const (
	tableShare = 50_000
	shortTable = 25
)

// Markdown writes the plan for a pull request: what is found and the sums, then a table of the changes.
func (p *Plan) Markdown(w io.Writer) error {
	l := &lines{w: w}
	l.text("### Plan: " + text.Count(p.Len(), "change") + " of " + text.Count(p.changing(), "HPA"))
	l.text("")
	l.text(markdown("From " + text.Moment(p.Forecast.From.In(p.Zone)) + " to " + text.Moment(p.Forecast.To.In(p.Zone)) + " (" + p.Zone.String() + ")."))
	if found := p.tell(); len(found) > 0 {
		l.text("")
		for _, f := range found {
			l.text("- **" + f.level() + "** " + code(string(f.kind)) + ": " + markdown(f.text))
		}
	}
	for _, shift := range schedules.Shifts(p.Zone, p.Forecast.From, p.Forecast.To) {
		l.text("")
		l.text(markdown(text.ClockShift(shift)) + ".")
	}
	if sums := p.sumLines(); len(sums) > 0 {
		l.text("")
		for _, line := range sums {
			l.text("- " + markdown(line))
		}
	}
	p.markdownTable(l)
	if p.Assumed {
		l.text("")
		l.text(markdown(unchecked))
	}
	l.flush(0)
	return l.err
}

// markdownTable writes the changes, as many as there is room for.
func (p *Plan) markdownTable(l *lines) {
	rows, more := p.markdownRows()
	if len(rows) == 0 {
		return
	}
	l.text("")
	folded := len(rows) > shortTable
	if folded {
		l.text("<details><summary>" + text.Count(len(rows), "row") + " of changes</summary>\n")
	}
	l.text("| Time | UTC | Why | minReplicas | HPAs |\n| --- | --- | --- | --- | --- |")
	for _, row := range rows {
		l.text(row)
	}
	if folded {
		l.text("\n</details>")
	}
	if more > 0 {
		l.text("\n" + fmt.Sprintf("Changes at %d later instants do not fit here; floorkeeper plan -o text shows them all.", more))
	}
}

// markdownRows returns the rows that fit, and at how many instants there are more. What is open at the beginning comes
// first.
func (p *Plan) markdownRows() (rows []string, more int) {
	g := &grouping{Plan: p, clock: clock{p.Zone}}
	shown := p.shown()
	size := 0
	fits := func(at int64) bool {
		for j := range g.groups {
			row := g.markdownRow(at, &g.groups[j])
			if size += len(row) + 1; size > tableShare {
				return false
			}
			rows = append(rows, row)
		}
		return true
	}
	if g.gatherOpen(); !fits(p.Forecast.From.UnixNano()) {
		return rows, len(shown.Instants)
	}
	for i, at := range shown.Instants {
		if g.gather(shown.At(i)); !fits(at) {
			return rows, len(shown.Instants) - i
		}
	}
	return rows, 0
}

func (g *grouping) markdownRow(at int64, group *group) string {
	t := time.Unix(0, at)
	change := string(group.verb()) + " " + strconv.Itoa(int(group.from))
	if group.from != group.to {
		change += " → " + strconv.Itoa(int(group.to))
	}
	note := &lines{}
	g.writeNote(note, group)
	reason := group.reason
	if about := about(&group.change, g.Forecast.Schedule, 200); about != "" {
		reason += ": " + about
	}
	names := &lines{Terminal: page.Terminal{Width: 1 << 30}}
	g.writeNames(names, group)
	return "| " + strings.Join([]string{
		markdown(text.Moment(t.In(g.Zone))), text.UTC(t), markdown(reason), change,
		code(string(names.buf)) + markdown(string(note.buf)),
	}, " | ") + " |"
}

// markdown returns text in which no character has a meaning in Markdown or HTML. Behind @ and # stands a space without
// width, so that nobody is mentioned and no issue is linked.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range text.Visible(s) {
		switch {
		case r == '@' || r == '#':
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";&#8203;")
		case strings.ContainsRune("\\`*_[]<>!|~&\"'$", r):
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code returns text as code, in which nothing is a mention or a link. Backquotes could not hold every text in a table.
func code(text string) string { return "<code>" + markdown(text) + "</code>" }
