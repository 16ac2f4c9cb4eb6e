package page

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// spacing is how far apart the marks below the lanes stand, and how they are named.
type spacing struct {
	hours, days, months int // one of them
	layout              string
	width               int // of the widest name
}

// spacings are tried from the first on: the first that leaves room for its names is taken.
func spacings() []spacing {
	all := []spacing{}
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

// about returns the shortest time between two marks.
func (s spacing) about() time.Duration {
	const hour = time.Hour
	return time.Duration(s.hours)*hour + time.Duration(s.days)*23*hour + time.Duration(s.months)*28*24*hour
}

// mark is an instant with a name.
type mark struct {
	at   time.Time
	name string
}

// scaleBelow draws the line below the lanes with its marks, their names, the dates where the marks are hours, and the
// changes of the clock.
func (p *picture) scaleBelow() {
	chosen := p.spacing()
	line, names, dates := newRow(p.columns), newRow(p.columns), newRow(p.columns)
	for i := range p.columns {
		line.put(i, p.choose("─", "-"))
	}
	for _, m := range p.marks(chosen) {
		line.put(p.column(m.at), p.choose("┬", "+"))
		names.write(p.column(m.at), m.name)
	}
	rows := []*row{line, names}
	if chosen.hours > 0 {
		dates.write(0, p.forecast.From.In(p.zone).Format("Mon 2 Jan"))
		for _, m := range p.marks(spacing{days: 1, layout: "Mon 2 Jan"}) {
			dates.write(p.column(m.at), m.name)
		}
		rows = append(rows, dates)
	}
	changes, told := p.clockChanges()
	if len(told) > 0 {
		rows = append(rows, changes)
	}
	margin := strings.Repeat(" ", p.names+p.low+3)
	for _, row := range rows {
		p.out = append(p.out, strings.TrimRight(margin+row.String(), " ")+"\n"...)
	}
	for _, text := range told {
		p.out = append(p.out, text+"\n"...)
	}
}

// spacing returns the closest spacing that leaves room for names.
func (p *picture) spacing() spacing {
	length := p.forecast.To.Sub(p.forecast.From)
	all := spacings()
	for _, s := range all {
		if float64(p.columns)*float64(s.about()) >= float64(length)*float64(s.width+1) {
			return s
		}
	}
	return all[len(all)-1]
}

// marks returns where local clocks show what the spacing counts. What a clock skips has no mark.
func (p *picture) marks(s spacing) []mark {
	var all []mark
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
				all = append(all, mark{at, at.Format(s.layout)})
			}
		}
	}
}

// hoursFrom returns the beginning of a day and the hours of it that come every so many, as clocks show them.
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

// clockChanges marks and tells where the zone's offset changes.
func (p *picture) clockChanges() (*row, []string) {
	marks, told := newRow(p.columns), []string(nil)
	for _, shift := range schedules.Shifts(p.zone, p.forecast.From, p.forecast.To) {
		marks.put(p.column(shift.At), "^")
		told = append(told, "^ "+text.ClockShift(shift))
	}
	return marks, told
}

// row is a line of characters that starts blank.
type row struct {
	cells []rune
	end   int // of what was written last
}

func newRow(width int) *row {
	r := &row{cells: make([]rune, width), end: -1}
	for i := range r.cells {
		r.cells[i] = ' '
	}
	return r
}

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

func (r *row) String() string { return string(r.cells) }
