package plan

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	pieces = 1 << 16 // how much is written at once, in bytes
	few    = 3       // how many names a list gives

	indent    = "              "                    // where a change begins
	continued = "                                 " // where its HPAs begin

	unchecked = "Without --hpas or --live each lane represents a target of the schedule, with a baseline of 1, or of 100 where " +
		"floors are relative to it. Clamps, refusals, targets that match nothing and the Pods that floors add are not checked."
)

type screen struct {
	*bufio.Writer
	page.Terminal
}

// Text writes the plan for a terminal: the lanes, every change, the findings, and the sums.
func (p *Plan) Text(w io.Writer, t page.Terminal) error {
	s := screen{bufio.NewWriterSize(w, pieces), t}
	size := "no change of " + text.Count(len(p.Forecast.Outlooks), "HPA")
	if p.changes > 0 {
		size = text.Count(p.changes, "change") + " of " + text.Count(p.changing, "HPA")
	}
	s.wrapped(p.span() + ": " + size + ".")
	s.line("")
	if err := page.Lanes(s, p.Forecast, p.Zone, p.Now, t); err != nil {
		return err
	}
	p.textUncovered(s)
	p.textChanges(s)
	var findings []string
	for _, m := range p.messages() {
		findings = append(findings, fmt.Sprintf("%s: %s [%s]", m.level, m.text, m.rule))
	}
	s.paragraph(findings...)
	if p.assumed {
		s.paragraph(unchecked)
	}
	s.paragraph(p.loads()...)
	return s.Flush()
}

func (s screen) line(line string) { fmt.Fprintln(s, line) }

func (s screen) wrapped(line string) { s.line(text.Wrap(line, max(s.Width, 40), "  ")) }

// paragraph writes lines below an empty one.
func (s screen) paragraph(lines ...string) {
	for i, line := range lines {
		if i == 0 {
			s.line("")
		}
		s.wrapped(line)
	}
}

func (s screen) heading(line string) {
	if s.Colour {
		line = "\x1b[1m" + line + "\x1b[0m"
	}
	s.line("\n" + line)
}

func (p *Plan) textUncovered(s screen) {
	var uncovered []string
	refused, nothing := make(map[string][]string), p.findings.HPAs(forecast.PercentOfZero)
	for i := range p.Forecast.Outlooks {
		switch o := &p.Forecast.Outlooks[i]; {
		case o.Refusal != "":
			refused[o.Refusal] = append(refused[o.Refusal], p.names[i])
		case o.Len() == 1 && o.Stretch(0).Floor == 0 && !nothing[o.HPA]:
			uncovered = append(uncovered, p.names[i])
		}
	}
	if len(uncovered) > 0 {
		s.paragraph("No entry covers " + text.List(uncovered, ", ", few) + " in this time.")
	}
	for _, refusal := range slices.Sorted(maps.Keys(refused)) {
		s.paragraph("No entry may cover " + text.List(refused[refusal], ", ", few) + ": " + text.Visible(refusal) + ".")
	}
}

// textChanges writes every change, by day, instant and reason, and where clocks change.
func (p *Plan) textChanges(s screen) {
	shifts, today := schedules.Shifts(p.Zone, p.Forecast.From, p.Forecast.To), ""
	day := func(t time.Time) {
		if day := text.Day(t.In(p.Zone)); day != today {
			today = day
			s.heading(day)
		}
	}
	shiftsUntil := func(at int64) {
		for ; len(shifts) > 0 && shifts[0].At.UnixNano() <= at; shifts = shifts[1:] {
			day(shifts[0].At)
			s.line("  " + text.ClockShift(shifts[0]))
		}
	}
	shown := p.shown(p.Forecast.To)
	for i, at := range shown.instants {
		rows, t := shown.rowsAt(at), time.Unix(0, at)
		switch {
		case i > 0:
			shiftsUntil(at)
			day(t)
		case len(rows) > 0:
			s.heading("Open at the beginning")
		}
		p.textRows(s, rows, t)
	}
	shiftsUntil(p.lastStep()) // a ramp may go on behind the last change
}

// lastStep returns the instant of the last change, each step of a ramp counted, and 0 for none.
func (p *Plan) lastStep() (last int64) {
	for i := range p.Forecast.Outlooks {
		if o := &p.Forecast.Outlooks[i]; o.Len() > 1 && o.Refusal == "" {
			last = max(last, o.Stretch(o.Len()-1).From.UnixNano())
		}
	}
	return last
}

// textRows writes the time, each reason, and below it what changes.
func (p *Plan) textRows(s screen, rows []*row, at time.Time) {
	clock, reason, last := text.Clock(at.In(p.Zone)), "", ""
	for _, r := range rows {
		if r.reason != reason {
			fmt.Fprintf(s, "  %-10s  %s\n", clock, r.reason)
			clock, reason = "", r.reason
			if description := p.description(&r.change, max(s.Width, 40)-len(indent)); description != "" && description != last {
				s.line(indent + strings.Map(func(r rune) rune {
					if s.ASCII && r > unicode.MaxASCII {
						return '?'
					}
					return r
				}, description))
				last = description
			}
		}
		if r.effect == "" {
			to := ""
			if r.change.Before.MinReplicas != r.change.After.MinReplicas {
				to = fmt.Sprintf(" -> %d", r.change.After.MinReplicas)
			}
			r.effect = fmt.Sprintf("%s%-7s%6d%-10s", indent, r.verb(), r.change.Before.MinReplicas, to)
		}
		s.WriteString(r.effect)
		s.WriteString(p.list(r, s.Width))
		s.line(r.note(p.Zone))
	}
}
