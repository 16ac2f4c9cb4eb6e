package plan

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// A comment on a pull request holds 65,536 characters at GitHub. What a table would take beyond its share is left to
// plan -o text. A short table is shown at once, a longer one on a click.
const (
	tableShare    = 40_000
	findingsShare = 12_000
	loadsShare    = 6_000
	namesShare    = 2_000 // of a row: characters, before they are escaped
	shortTable    = 25
)

// within returns the lines that a share has room for, and one with the number of the others.
func within(lines []string, share int, noun string) []string {
	for i, line := range lines {
		if share -= len(line) + len("\n- "); share < 0 {
			return append(lines[:i:i], text.Count(len(lines)-i, "more "+noun)+"; floorkeeper plan -o text shows all.")
		}
	}
	return lines
}

// Markdown writes the plan for a pull request: the findings and the sums, then a table of the changes.
func (p *Plan) Markdown(w io.Writer) error {
	out := bufio.NewWriterSize(w, pieces)
	fmt.Fprintf(out, "### Plan: %s of %s\n\n%s.\n", text.Count(p.changes, "change"), text.Count(p.changing, "HPA"), text.Markdown(p.span()))
	items := func(lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(out, "\n- %s\n", strings.Join(lines, "\n- "))
		}
	}
	var findings, loads []string
	for _, m := range p.messages() {
		findings = append(findings, "**"+string(m.level)+"** "+code(m.rule)+": "+text.Markdown(m.text))
	}
	items(within(findings, findingsShare, "finding"))
	for _, shift := range schedules.Shifts(p.Zone, p.Forecast.From, p.Forecast.To) {
		fmt.Fprintf(out, "\n%s.\n", text.Markdown(text.ClockShift(shift)))
	}
	for _, line := range p.loads() {
		loads = append(loads, text.Markdown(line))
	}
	items(within(loads, loadsShare, "line"))
	p.markdownTable(out)
	if p.assumed {
		fmt.Fprintf(out, "\n%s\n", text.Markdown(unchecked))
	}
	return out.Flush()
}

// markdownTable writes the changes, as many as there is room for. As a year of a fleet has far more, those of a longer and
// longer time are put in rows, until there is no room.
func (p *Plan) markdownTable(w io.Writer) {
	var rows []string
	more := 0
	for hours := time.Duration(24); more == 0; hours *= 8 {
		until := p.Forecast.From.Add(hours * time.Hour)
		if rows, more = p.markdownRows(until); !until.Before(p.Forecast.To) {
			break
		}
	}
	if len(rows) == 0 {
		return
	}
	before, after := "", ""
	if len(rows) > shortTable {
		before, after = "<details><summary>"+text.Count(len(rows), "row")+" of changes</summary>\n\n", "\n</details>\n"
	}
	fmt.Fprintf(w, "\n%s| Time | UTC | Why | minReplicas | HPAs |\n| --- | --- | --- | --- | --- |\n%s\n%s", before, strings.Join(rows, "\n"), after)
	if more > 0 {
		fmt.Fprintf(w, "\nChanges at %d later instants do not fit here; floorkeeper plan -o text shows them all.\n", more)
	}
}

// markdownRows returns the rows up to an instant that fit, and at how many instants there are more if not all of these do.
func (p *Plan) markdownRows(until time.Time) (lines []string, more int) {
	shown, size := p.shown(until), 0
	for i, at := range shown.instants {
		for _, row := range shown.rowsAt(at) {
			line := p.markdownRow(time.Unix(0, at), row)
			if size += len(line) + 1; size > tableShare {
				return lines, len(shown.instants) - max(i, 1) // nothing changes at the beginning
			}
			lines = append(lines, line)
		}
	}
	return lines, 0
}

func (p *Plan) markdownRow(at time.Time, r *row) string {
	from, to := r.change.Before.MinReplicas, r.change.After.MinReplicas
	change := fmt.Sprintf("%s %d", r.verb(), from)
	if from != to {
		change += fmt.Sprintf(" → %d", to)
	}
	reason := r.reason
	if description := p.description(&r.change, 200); description != "" {
		reason += ": " + description
	}
	return "| " + strings.Join([]string{
		text.Markdown(p.moment(at)), text.UTC(at), text.Markdown(reason), change, code(text.Cut(p.list(r, math.MaxInt), namesShare)) + text.Markdown(r.note(p.Zone)),
	}, " | ") + " |"
}

// code returns text as code, in which nothing is a mention or a link. Backquotes could not hold every text in a table.
func code(s string) string { return "<code>" + text.Markdown(s) + "</code>" }
