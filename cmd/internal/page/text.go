package page

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Terminal is what a picture in text may use.
type Terminal struct {
	Width  int // in characters; what is too narrow to draw in is exceeded
	Colour bool
	ASCII  bool
}

// The narrowest parts of a picture that can be read.
const (
	narrowestBar  = 10
	narrowestName = 8
)

// The colours of bars, as escape sequences of terminals.
const (
	plainInk  = ""
	windowInk = "\x1b[36m"
	eventInk  = "\x1b[35m"
	clampInk  = "\x1b[31m"
	endOfInk  = "\x1b[0m"
)

// Lanes draws one line for each HPA that an entry covers within the forecast: its name, its baseline, a bar and the
// largest minReplicas. Every column is the same time in all lanes and as much of it as any other, also on days of 23 and
// 25 hours; the hours below are those of the zone.
func Lanes(w io.Writer, forecast *forecast.Forecast, zone *time.Location, now time.Time, t Terminal) error {
	p := newTextPicture(forecast, zone, t)
	if len(p.lanes) == 0 {
		return nil
	}
	p.line("HPA", "base", p.nowMark(now), "max", "")
	for _, l := range p.lanes {
		name, mark := strings.Replace(text.CutMiddle(l.name, p.names), "…", p.choose("…", "~"), 1), ""
		if l.clamped {
			mark = "!"
		}
		p.line(name, strconv.Itoa(int(l.low)), p.bar(l), strconv.Itoa(int(l.high)), mark)
	}
	p.scaleBelow()
	p.legend()
	_, err := w.Write(p.Bytes())
	return err
}

type textPicture struct {
	bytes.Buffer
	Terminal
	scale
	schedule         *schedules.Schedule
	lanes            []textLane
	names, low, high int // the widths of what is beside the bars
	columns          int
	clamped, limited bool // limited by something else than maxReplicas
}

// textLane is one HPA. Low is its baseline, high the largest minReplicas.
type textLane struct {
	name      string
	outlook   *forecast.Outlook
	low, high int32
	clamped   bool
}

func newTextPicture(forecast *forecast.Forecast, zone *time.Location, t Terminal) *textPicture {
	p := &textPicture{Terminal: t, scale: scale{forecast.From, forecast.To, zone}, schedule: forecast.Schedule, names: len("HPA"), low: len("base"), high: len("max")}
	for i := range forecast.Outlooks {
		l, covered := newTextLane(&forecast.Outlooks[i])
		if !covered {
			continue
		}
		if t.ASCII {
			quoted := strconv.QuoteToASCII(l.name)
			l.name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(quoted[1 : len(quoted)-1])
		}
		p.names = max(p.names, utf8.RuneCountInString(l.name))
		p.low = max(p.low, len(strconv.Itoa(int(l.low))))
		p.high = max(p.high, len(strconv.Itoa(int(l.high)))+1)
		p.clamped = p.clamped || l.clamped
		p.limited = p.limited || l.clamped && l.outlook.State.Ceiling().By != autoscaler.ByMaxReplicas
		p.lanes = append(p.lanes, l)
	}
	p.names = min(p.names, max(narrowestName, t.Width/3))
	p.columns = max(narrowestBar, t.Width-p.names-p.low-p.high-len("    "))
	return p
}

// newTextLane returns the lane of an HPA, and whether any entry covers it within the forecast.
func newTextLane(o *forecast.Outlook) (l textLane, covered bool) {
	low := min(o.State.Baseline(), o.State.MaxReplicas)
	l = textLane{o.Name(), o, low, low, false}
	if o.Refusal != "" {
		return l, false
	}
	for s := range o.Stretches() {
		covered = covered || s.Floor > 0
		l.high = max(l.high, s.MinReplicas)
		l.clamped = l.clamped || s.Floor > o.State.Ceiling().Replicas
	}
	return l, covered
}

func (p *textPicture) line(name, low, bar, high, mark string) {
	fmt.Fprintf(p, "%-*s%*s  %s%*s%s\n", p.names, name, p.low+1, low, bar, p.high, high, mark)
}

func (p *textPicture) nowMark(now time.Time) string {
	line := newRow(p.columns)
	if !now.Before(p.from) && now.Before(p.to) {
		if at := p.column(now); at+len("v now") <= p.columns {
			line.put(at, p.choose("▼ now", "v now"))
		} else {
			line.put(at-len("now "), p.choose("now ▼", "now v"))
		}
	}
	return string(line.cells)
}

func (p *textPicture) column(t time.Time) int {
	length := p.length() / time.Millisecond // five years of nanoseconds times columns are too many
	return int(time.Duration(p.columns) * (t.Sub(p.from) / time.Millisecond) / max(1, length))
}

func (p *textPicture) choose(text, ascii string) string {
	if p.ASCII {
		return ascii
	}
	return text
}

// cell is a column of a bar: the largest minReplicas in its time, and the colour of what asks for it, plain for nothing.
type cell struct {
	minReplicas int32
	ink         string
}

func (p *textPicture) bar(l textLane) string {
	var b strings.Builder
	ink := plainInk
	change := func(to string) {
		if !p.Colour || to == ink {
			return
		}
		if ink != plainInk {
			b.WriteString(endOfInk)
		}
		b.WriteString(to)
		ink = to
	}
	for _, c := range p.cells(l) {
		change(c.ink)
		b.WriteString(p.block(l, c))
	}
	change(plainInk)
	return b.String()
}

// cells returns the columns of a lane. A stretch counts in every column that it touches, so that none is too short to be
// seen.
func (p *textPicture) cells(l textLane) []cell {
	cells := make([]cell, p.columns)
	for i := range cells {
		cells[i].minReplicas = -1
	}
	for s := range l.outlook.Stretches() {
		ink := windowInk
		switch {
		case s.Floor == 0:
			ink = plainInk
		case s.Floor > l.outlook.State.Ceiling().Replicas:
			ink = clampInk
		case p.schedule.Event(s.Because) != nil:
			ink = eventInk
		}
		last := min(p.columns-1, max(0, p.column(s.To.Add(-time.Millisecond))))
		for i := p.column(s.From); i <= last; i++ {
			if c := &cells[i]; s.MinReplicas > c.minReplicas || s.MinReplicas == c.minReplicas && c.ink == plainInk {
				*c = cell{s.MinReplicas, ink}
			}
		}
	}
	return cells
}

// block returns the character for a column: above the baseline the lowest block for the least, and the highest for the
// largest minReplicas.
func (p *textPicture) block(l textLane, c cell) string {
	switch {
	case c.ink == plainInk && c.minReplicas <= l.low:
		return p.choose("·", ".")
	case c.minReplicas <= l.low:
		return p.choose("▁", "_")
	default:
		blocks := []rune(p.choose("▂▃▄▅▆▇█", "--==##"))
		part := (int64(c.minReplicas-l.low)*int64(len(blocks)) + int64(l.high-l.low) - 1) / int64(l.high-l.low)
		return string(blocks[part-1])
	}
}

func (p *textPicture) legend() {
	at, clamped := 0, "! clamped to maxReplicas"
	if p.limited {
		clamped += " or a limit"
	}
	for _, each := range []struct {
		words, ink string
		shown      bool
	}{
		{p.choose("·", ".") + " no entry is open", plainInk, true},
		{p.choose("▁", "_") + " held at its baseline", plainInk, true},
		{p.choose("▂▄▆█", "-=#") + " raised above it, up to max", plainInk, true},
		{clamped, plainInk, p.clamped},
		{"window", windowInk, p.Colour},
		{"event", eventInk, p.Colour},
		{"clamped", clampInk, p.Colour && p.clamped},
	} {
		width := utf8.RuneCountInString(each.words)
		switch {
		case !each.shown:
			continue
		case at > 0 && at+3+width > p.Width:
			p.WriteByte('\n')
			at = 0
		case at > 0:
			p.WriteString("   ")
			at += 3
		}
		at += width
		if p.WriteString(each.ink + each.words); each.ink != plainInk {
			p.WriteString(endOfInk)
		}
	}
	p.WriteByte('\n')
}

// spacing is how far apart the marks below the lanes are, and how they are named.
type spacing struct {
	minutes, hours, days, months int // one of them
	layout                       string
	width                        int // of the widest name
}

func spacings() (all []spacing) {
	for _, minutes := range []int{1, 2, 5, 10, 15, 30} {
		all = append(all, spacing{minutes: minutes, layout: clockLayout, width: 5})
	}
	for _, hours := range []int{1, 2, 3, 4, 6, 12} {
		all = append(all, spacing{hours: hours, layout: clockLayout, width: 5})
	}
	for _, days := range []int{1, 2, 7} {
		all = append(all, spacing{days: days, layout: "Mon 2 Jan", width: 10})
	}
	for _, months := range []int{1, 3, 6, 12} {
		all = append(all, spacing{months: months, layout: "Jan 2006", width: 8})
	}
	return all
}

// spacing returns the closest spacing that leaves room for names, else the widest.
func (p *textPicture) spacing() spacing {
	all := spacings()
	for _, s := range all {
		least := time.Duration(s.minutes)*time.Minute + time.Duration(s.hours+s.days*23+s.months*28*24)*time.Hour
		if float64(p.columns)*float64(least) >= float64(p.length())*float64(s.width+1) {
			return s
		}
	}
	return all[len(all)-1]
}

// scaleBelow draws the line below the lanes with its marks, their names, the dates where the marks are hours, and the
// clock shifts.
func (p *textPicture) scaleBelow() {
	chosen, day := p.spacing(), spacing{days: 1, layout: "Mon 2 Jan"}
	line, names, dates, shifts := newRow(p.columns), newRow(p.columns), newRow(p.columns), newRow(p.columns)
	line.put(0, strings.Repeat(p.choose("─", "-"), p.columns))
	dates.write(0, p.from.In(p.loc).Format(day.layout))
	mark := func(at time.Time, layout string) {
		line.put(p.column(at), p.choose("┬", "+"))
		names.write(p.column(at), at.Format(layout))
	}
	smallest := hours
	if chosen.minutes > 0 {
		smallest = minutes
	}
	for _, t := range p.ticks(smallest) {
		if p.marked(t, chosen) {
			mark(t.at, chosen.layout)
		}
		if p.marked(t, day) {
			dates.write(p.column(t.at), t.at.Format(day.layout))
		}
	}
	if names.end < 0 { // there is less than a minute, and none begins
		mark(p.from.In(p.loc), time.TimeOnly)
	}
	rows, notes := []*row{line, names}, ""
	if chosen.minutes+chosen.hours > 0 {
		rows = append(rows, dates)
	}
	for _, shift := range p.shifts() {
		shifts.put(p.column(shift.At), "^")
		notes += "^ " + text.ClockShift(shift) + "\n"
	}
	if notes != "" {
		rows = append(rows, shifts)
	}
	margin := strings.Repeat(" ", p.names+p.low+3)
	for _, r := range rows {
		p.WriteString(strings.TrimRight(margin+string(r.cells), " ") + "\n")
	}
	p.WriteString(notes)
}

// marked reports whether a spacing has a mark at a tick. Weeks begin on Mondays. An hour that clocks show twice has one mark.
func (p *textPicture) marked(t tick, s spacing) bool {
	switch {
	case s.months > 0:
		return t.unit >= months && (int(t.at.Month())-1)%s.months == 0
	case s.days == 7:
		return t.unit >= days && t.at.Weekday() == time.Monday
	case s.days > 0:
		return t.unit >= days && int(schedules.DateOf(t.at, p.loc)-schedules.DateOf(p.from, p.loc))%s.days == 0
	case s.minutes > 0:
		return t.unit >= hours || t.at.Minute()%s.minutes == 0
	default:
		return t.unit >= days || t.unit == hours && p.fullHour(t.at, s.hours)
	}
}

// fullHour reports whether n divides the hour of an instant, which clocks show for the first time that day.
func (p *textPicture) fullHour(at time.Time, n int) bool {
	hour := at.Hour()
	return hour > 0 && hour%n == 0 && time.Date(at.Year(), at.Month(), at.Day(), hour, 0, 0, 0, p.loc).Equal(at)
}

type row struct {
	cells []rune
	end   int // of what was written last
}

func newRow(width int) *row { return &row{[]rune(strings.Repeat(" ", width)), -1} }

func (r *row) put(at int, text string) {
	for _, c := range text {
		if at >= 0 && at < len(r.cells) {
			r.cells[at] = c
		}
		at++
	}
}

// write puts a name unless it would touch the one before, or pass the end.
func (r *row) write(at int, name string) {
	if end := at + utf8.RuneCountInString(name); at > r.end && end <= len(r.cells) {
		r.put(at, name)
		r.end = end
	}
}
