package schedules

import "time"

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

// DateRange is a range of dates, both ends included.
type DateRange struct{ First, Last Date }

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
