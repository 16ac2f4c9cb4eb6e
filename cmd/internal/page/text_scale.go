package page

import (
	"slices"
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

// least returns the shortest time between two marks.
func (s spacing) least() time.Duration {
	return time.Duration(s.hours+s.days*23+s.months*28*24) * time.Hour
}

// spacing returns the closest spacing that leaves room for names, else the widest.
func (p *textPicture) spacing() spacing {
	length, all := p.forecast.To.Sub(p.forecast.From), spacings()
	i := slices.IndexFunc(all, func(s spacing) bool {
		return float64(p.columns)*float64(s.least()) >= float64(length)*float64(s.width+1)
	})
	if i < 0 {
		i = len(all) - 1
	}
	return all[i]
}

// scaleBelow draws the line below the lanes with its marks, their names, the dates where the marks are hours, and the
// clock shifts.
func (p *textPicture) scaleBelow() {
	chosen, day := p.spacing(), spacing{days: 1, layout: "Mon 2 Jan"}
	line, names, dates, shifts := newRow(p.columns), newRow(p.columns), newRow(p.columns), newRow(p.columns)
	line.put(0, strings.Repeat(p.choose("─", "-"), p.columns))
	for _, at := range p.marks(chosen) {
		line.put(p.column(at), p.choose("┬", "+"))
		names.write(p.column(at), at.Format(chosen.layout))
	}
	if chosen.hours > 0 {
		dates.write(0, p.forecast.From.In(p.zone).Format(day.layout))
		for _, at := range p.marks(day) {
			dates.write(p.column(at), at.Format(day.layout))
		}
	}
	rows, notes := []*row{line, names}, ""
	if chosen.hours > 0 {
		rows = append(rows, dates)
	}
	for _, shift := range schedules.Shifts(p.zone, p.forecast.From, p.forecast.To) {
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

// marks returns where local clocks show what the spacing counts. What a clock skips has no mark.
func (p *textPicture) marks(s spacing) (all []time.Time) {
	year, month, day := p.forecast.From.In(p.zone).Date()
	if s.months > 0 {
		day, month = 1, 1
	}
	if s.days == 7 { // weeks begin on Mondays
		day -= (int(p.forecast.From.In(p.zone).Weekday()) + 6) % 7
	}
	for i := 0; ; i++ {
		date := time.Date(year, month+time.Month(i*s.months), day+i*max(s.days, min(s.hours, 1)), 0, 0, 0, 0, time.UTC)
		begin := schedules.DayStart(schedules.DateOf(date, time.UTC), p.zone)
		if !begin.Before(p.forecast.To) {
			return all
		}
		for _, at := range hoursFrom(begin, s.hours) {
			if !at.Before(p.forecast.From) && at.Before(p.forecast.To) {
				all = append(all, at)
			}
		}
	}
}

// hoursFrom returns the beginning of a day and every so many hours of it, as clocks show them.
func hoursFrom(begin time.Time, every int) []time.Time {
	all := []time.Time{begin}
	year, month, day := begin.Date()
	for hour := every; every > 0 && hour < 24; hour += every {
		at := time.Date(year, month, day, hour, 0, 0, 0, begin.Location())
		if at.Hour() == hour && at.Day() == begin.Day() && at.After(begin) {
			all = append(all, at)
		}
	}
	return all
}

// row is a line of characters that starts blank.
type row struct {
	cells []rune
	end   int // of what was written last
}

func newRow(width int) *row { return &row{[]rune(strings.Repeat(" ", width)), -1} }

// put puts a text where it lies, as far as there is room.
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
