package schedules

import (
	"fmt"
	"math"
	"time"
)

// Clock is a time of day on the wall, in seconds since 00:00. EndOfDay, written 24:00, is legal as an end.
type Clock int

// EndOfDay is 24:00, the first instant of the next day.
const EndOfDay Clock = secondsPerDay

// ClockOf returns the time of day that a clock in the zone of t shows at it, whole seconds only.
func ClockOf(t time.Time) Clock {
	return Clock(t.Hour()*3600 + t.Minute()*60 + t.Second())
}

// String returns the time of day as a schedule writes it: "19:30", and the seconds where there are any.
func (c Clock) String() string {
	text := fmt.Sprintf("%02d:%02d", c/3600, c/60%60)
	if c%60 != 0 {
		text += fmt.Sprintf(":%02d", c%60)
	}
	return text
}

// No zone of the IANA database is this far from UTC, and none was ever shifted further.
const maxOffset = 26 * 60 * 60

// StartInstant returns the instant at which a span starts whose start is written as this wall-clock time.
//
// A wall time that a clock shift skips or repeats has two readings, one with the offset before the shift and one with
// the offset after it. A start takes the earlier reading and an end the later, so that a window which starts or ends
// inside a shift is never shorter than written. time.Date does not promise either.
func StartInstant(d Date, c Clock, loc *time.Location) time.Time {
	earlier, _ := readings(d, c, loc)
	return time.Unix(earlier, 0).In(loc)
}

// EndInstant returns the instant at which a span ends whose end is written as this wall-clock time: the later reading,
// where [StartInstant] takes the earlier.
func EndInstant(d Date, c Clock, loc *time.Location) time.Time {
	_, later := readings(d, c, loc)
	return time.Unix(later, 0).In(loc)
}

// readings returns the earliest and the latest Unix time that a clock in loc can mean by d and c. It checks every
// period of constant offset nearby; nearly always there is only one, and the readings are equal.
func readings(d Date, c Clock, loc *time.Location) (earlier, later int64) {
	wall := int64(d)*secondsPerDay + int64(c)
	var found bool
	var skipped int64 // the reading of a period that ended before the wall clock showed the time
	for period := time.Unix(wall-maxOffset, 0).In(loc); ; {
		_, offset := period.Zone()
		begin, end := bounds(period)
		reading := wall - int64(offset)
		switch {
		case !end.IsZero() && reading >= end.Unix():
			skipped = reading
		case begin.IsZero() || reading >= begin.Unix():
			if !found {
				earlier, found = reading, true
			}
			later = reading
		case !found: // the period before had ended, this one begins later: the time does not exist
			return reading, skipped
		}
		if end.IsZero() || end.Unix() > wall+maxOffset {
			return earlier, later
		}
		period = end
	}
}

// zone resolves wall-clock times near an instant. On almost every day no shift is near, and one offset serves for all of
// them.
type zone struct {
	loc        *time.Location
	offset     int
	begin, end int64 // of the time over which the offset is constant, or a part of it
	margin     int64 // how far from these a wall-clock time has one reading
}

// shiftMargin is how far a shift whose size is unknown must be from an instant not to matter to it.
const shiftMargin = 2 * maxOffset

func zoneAt(t time.Time, loc *time.Location) zone {
	local := t.In(loc)
	_, offset := local.Zone()
	z := zone{loc: loc, offset: offset, begin: math.MinInt64, end: math.MaxInt64, margin: shiftMargin}
	begin, end := bounds(local)
	if !begin.IsZero() {
		z.begin = begin.Unix()
	}
	if !end.IsZero() {
		z.end = end.Unix()
	}
	return z
}

// extended returns the zone with an end that is a shift, which one beyond the shifts that the database lists need not be, and
// with the margin of its own shifts. It pays for who asks for many instants.
func (z zone) extended() zone {
	margin := int64(0)
	for range 4 { // New Year, and the end of the year of a rule
		if z.end == math.MaxInt64 {
			break
		}
		next := zoneAt(time.Unix(z.end, 0), z.loc)
		if next.offset != z.offset {
			margin = max(margin, z.shift(next))
			break
		}
		z.end = next.end
	}
	if z.begin > math.MinInt64 {
		margin = max(margin, z.shift(zoneAt(time.Unix(z.begin-1, 0), z.loc)))
	}
	z.margin = margin
	return z
}

// shift returns how far clocks are put at a shift between two zones, or the most that they could be where the other zone is
// so short that the shift beyond it matters as well.
func (z zone) shift(other zone) int64 {
	if other.begin > math.MinInt64 && other.end < math.MaxInt64 && other.end-other.begin < 2*shiftMargin {
		return shiftMargin
	}
	return max(int64(z.offset-other.offset), int64(other.offset-z.offset))
}

// holds reports whether it is the zone at an instant of a location.
func (z *zone) holds(t time.Time, loc *time.Location) bool {
	unix := t.Unix()
	return z.loc == loc && z.begin <= unix && unix < z.end
}

// steady reports whether no shift matters to these Unix times, to those between them, and to the day after.
func (z *zone) steady(from, to int64) bool {
	return z.begin < from-z.margin && to+secondsPerDay+z.margin < z.end
}

// dates returns the local dates on which a span may start that begins between t-back and t+ahead, and an instant before
// which none starts that is written to start later.
func (z *zone) dates(t time.Time, back, ahead time.Duration) (first, last Date, later time.Time) {
	from, to := t.Add(-back), t.Add(ahead)
	if z.steady(from.Unix(), to.Unix()) {
		last = dateAt(to, z.offset)
		return dateAt(from, z.offset), last, z.plain(last+1, 0)
	}
	last = dateAt(to.Add(maxOffset*time.Second), z.offset)
	return dateAt(from.Add(-maxOffset*time.Second), z.offset), last, z.plain(last+1, -maxOffset)
}

// certain reports whether a wall-clock time that the offset makes this Unix time has no other reading.
func (z *zone) certain(unix int64) bool {
	return z.begin < unix-z.margin && unix+z.margin < z.end
}

func (z *zone) starts(d Date, c Clock) time.Time {
	if plain := z.plain(d, c); z.certain(plain.Unix()) {
		return plain
	}
	return StartInstant(d, c, z.loc)
}

func (z *zone) ends(d Date, c Clock) time.Time {
	if plain := z.plain(d, c); z.certain(plain.Unix()) {
		return plain
	}
	return EndInstant(d, c, z.loc)
}

func (z *zone) plain(d Date, c Clock) time.Time {
	return time.Unix(int64(d)*secondsPerDay+int64(c)-int64(z.offset), 0).In(z.loc)
}

const secondsPerDay = 24 * 60 * 60

// Date is a calendar date without a time zone, as the number of days since 1970-01-01. Dates compare with < and move
// by days with +.
type Date int

// NewDate returns the date of a year, month and day; values outside their range are carried over as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return Date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsPerDay))
}

// DateOf returns the date that a calendar in loc shows at the instant t.
func DateOf(t time.Time, loc *time.Location) Date {
	_, offset := t.In(loc).Zone()
	return dateAt(t, offset)
}

// Civil returns the date's year, month and day.
func (d Date) Civil() (year int, month time.Month, day int) {
	return d.midnight().Date()
}

// Weekday returns the date's day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((int(d)+int(time.Thursday))%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// String returns the date as YYYY-MM-DD.
func (d Date) String() string {
	return d.midnight().Format(time.DateOnly)
}

func (d Date) midnight() time.Time {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC()
}

func dateAt(t time.Time, offset int) Date {
	return Date(floorDiv(t.Unix()+int64(offset), secondsPerDay))
}

// DateRange is a range of dates, both ends included. Holidays is the name of the list that it comes from, or "".
type DateRange struct {
	First, Last Date
	Holidays    string
}

// Contains reports whether d lies in the range.
func (r DateRange) Contains(d Date) bool {
	return r.First <= d && d <= r.Last
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
