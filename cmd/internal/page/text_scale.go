package page

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// spacing is how far apart the marks below the lanes are, and how they are named.
type spacing struct {
	hours, days, months int // one of them
	layout              string
	width               int // of the widest name
}

// spacings returns the choice, the closest first.
func spacings() (all []spacing) {
	for _, hours := range []int{1, 2, 3, 4, 6, 12} {
		all = append(all, spacing{hours: hours, layout: "15:04", width: 5})
	}
	for _, days := range []int{1, 2, 7} {
		all = append(all, spacing{days: days, layout: "Mon 2 Jan", width: 10})
	}
	for _, months := range []int{1, 3, 6, 12} {
		all = append(all, spacing{months: months, layout: "Jan 2006", width: 8})
	}
	return all
}

func (s spacing) least() time.Duration {
	return time.Duration(s.hours+s.days*23+s.months*28*24) * time.Hour
}

// spacing returns the closest spacing that leaves room for names, else the widest.
func (p *textPicture) spacing() spacing {
	all := spacings()
	for _, s := range all {
		if float64(p.columns)*float64(s.least()) >= float64(p.length())*float64(s.width+1) {
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
	for _, t := range p.ticks(hours) {
		if p.marked(t, chosen) {
			line.put(p.column(t.at), p.choose("┬", "+"))
			names.write(p.column(t.at), t.at.Format(chosen.layout))
		}
		if p.marked(t, day) {
			dates.write(p.column(t.at), t.at.Format(day.layout))
		}
	}
	rows, notes := []*row{line, names}, ""
	if chosen.hours > 0 {
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
	hour := t.at.Hour()
	switch {
	case s.months > 0:
		return t.unit >= months && (int(t.at.Month())-1)%s.months == 0
	case s.days == 7:
		return t.unit >= days && t.at.Weekday() == time.Monday
	case s.days > 0:
		return t.unit >= days && int(schedules.DateOf(t.at, p.loc)-schedules.DateOf(p.from, p.loc))%s.days == 0
	default:
		once := time.Date(t.at.Year(), t.at.Month(), t.at.Day(), hour, 0, 0, 0, p.loc)
		return t.unit >= days || hour > 0 && hour%s.hours == 0 && once.Equal(t.at)
	}
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
