package schedules

import "time"

// Refused returns the date on which the window does not start, though it would be open at t if it did; or else the local date
// of t, if it does not start on that. It returns false where it starts on both.
func (w *Window) Refused(t time.Time) (Date, bool) {
	z := zoneAt(t, w.Location)
	first, last, _ := z.dates(t, w.length()+w.RampDown, w.LeadTime+w.RampUp)
	for date := first; date <= last; date++ {
		if w.spanOn(date, &z).Contains(t) {
			return date, !w.startsOn(date)
		}
	}
	date := DateOf(t, w.Location)
	return date, !w.startsOn(date)
}

// Refusing returns the fields that keep the window from starting on a date, as a schedule writes them.
func (w *Window) Refusing(date Date) (fields []string) {
	_, month, _ := date.Civil()
	for _, field := range []struct {
		name    string
		refuses bool
	}{
		{"firstDate", w.FirstDate != nil && date < *w.FirstDate},
		{"lastDate", w.LastDate != nil && date > *w.LastDate},
		{"months", !w.inMonth(month)},
		{"days", !w.onWeekday(date)},
		{"daysOfMonth", !w.onDayOfMonth(date)},
		{"exceptDates", w.exception(date) >= 0},
		{"onlyDates", !w.only(date)},
	} {
		if field.refuses {
			fields = append(fields, field.name)
		}
	}
	return fields
}
