package plan

import (
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Text writes the plan for a terminal: the lanes, every change, what is found, and the sums.
func (p *Plan) Text(w io.Writer, t page.Terminal) error {
	l := &lines{w: w, Terminal: t}
	l.wrapped(p.headline())
	l.text("")
	l.flush(0)
	if l.err == nil {
		l.err = page.Lanes(w, p.Forecast, p.Zone, p.Now, t)
	}
	p.textQuiet(l)
	p.textChanges(l)
	p.textFindings(l)
	p.textSums(l)
	l.flush(0)
	return l.err
}

// lines gathers text and writes it in large pieces.
type lines struct {
	page.Terminal
	w   io.Writer
	buf []byte
	err error
}

// full is from how many bytes on a piece is written.
const full = 1 << 16

func (l *lines) flush(limit int) {
	if len(l.buf) <= limit {
		return
	}
	if l.err == nil {
		_, l.err = l.w.Write(l.buf)
	}
	l.buf = l.buf[:0]
}

func (l *lines) text(line string) {
	l.buf = append(append(l.buf, line...), '\n')
	l.flush(full)
}

// inked returns text in characters that the terminal is to have.
func (l *lines) inked(text string) string {
	if !l.ASCII {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, text)
}

// bold makes a line stand out.
func (l *lines) bold(line string) {
	if l.Colour {
		line = "\x1b[1m" + line + "\x1b[0m"
	}
	l.text(line)
}

// wrapped writes words, and breaks lines between them at the width.
func (l *lines) wrapped(words string) { l.text(text.Wrap(words, max(l.Width, 40), "  ")) }

// headline says what the plan is of.
func (p *Plan) headline() string {
	return "From " + text.Moment(p.Forecast.From.In(p.Zone)) + " to " + text.Moment(p.Forecast.To.In(p.Zone)) + " (" + p.Zone.String() + "): " +
		p.size() + "."
}

// size says how much changes.
func (p *Plan) size() string {
	if p.Len() == 0 {
		return "no change of " + text.Count(len(p.Forecast.Outlooks), "HPA")
	}
	return text.Count(p.Len(), "change") + " of " + text.Count(p.changing(), "HPA")
}

// changing returns how many HPAs change.
func (p *Plan) changing() int {
	n := 0
	for i := range p.Forecast.Outlooks {
		if o := &p.Forecast.Outlooks[i]; o.Len() > 1 && o.Refusal == "" {
			n++
		}
	}
	return n
}

// textQuiet names the HPAs that have no lane.
func (p *Plan) textQuiet(l *lines) {
	var quiet []string
	refused := make(map[string][]string)
	for i := range p.Forecast.Outlooks {
		switch o := &p.Forecast.Outlooks[i]; {
		case o.Refusal != "":
			refused[o.Refusal] = append(refused[o.Refusal], p.names[i])
		case o.Len() == 1 && o.Stretch(0).Floor == 0:
			quiet = append(quiet, p.names[i])
		}
	}
	if len(quiet) > 0 {
		l.text("")
		l.wrapped("No entry covers " + text.List(quiet, ", ", few) + " in this time.")
	}
	for _, why := range sortedKeys(refused) {
		l.text("")
		l.wrapped("No entry may cover " + text.List(refused[why], ", ", few) + ": " + text.Visible(why) + ".")
	}
}

// textChanges writes every change, by day, instant and reason, and where clocks change.
func (p *Plan) textChanges(l *lines) {
	g := &grouping{Plan: p, clock: clock{p.Zone}}
	p.textOpen(l, g)
	shifts := schedules.Shifts(p.Zone, p.Forecast.From, p.Forecast.To)
	day := ""
	upTo := func(at int64) {
		for len(shifts) > 0 && shifts[0].At.UnixNano() <= at {
			l.day(&day, g.clock.at(shifts[0].At.UnixNano()))
			l.text("  " + text.ClockShift(shifts[0]))
			shifts = shifts[1:]
		}
	}
	shown := p.shown()
	for i, at := range shown.Instants {
		upTo(at)
		g.gather(shown.At(i))
		now := g.clock.at(at)
		l.day(&day, now)
		g.write(l, now)
	}
	if n := len(p.steps.Instants); n > 0 { // a ramp may go on
		upTo(p.steps.Instants[n-1])
	}
}

// day writes the date where it is another than before.
func (l *lines) day(before *string, now shownTime) {
	if now.day != *before {
		*before = now.day
		l.text("")
		l.bold(now.day)
	}
}

// textOpen says what is open when the plan begins.
func (p *Plan) textOpen(l *lines, g *grouping) {
	if g.gatherOpen(); len(g.groups) > 0 {
		l.text("")
		l.bold("Open at the beginning")
		g.write(l, g.clock.at(p.Forecast.From.UnixNano()))
	}
}

// clock shows instants in a zone.
type clock struct{ zone *time.Location }

// shownTime is an instant as people read it.
type shownTime struct{ day, time string }

func (c clock) at(nanoseconds int64) shownTime {
	t := time.Unix(0, nanoseconds).In(c.zone)
	return shownTime{text.Day(t), text.Clock(t)}
}
