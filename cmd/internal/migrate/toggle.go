package migrate

import (
	"cmp"
	"fmt"
	"slices"
)

// toggle plays two cron lines through the calendar. Meant is what they evidently mean: from each start to the next end.
// Held is what KEDA's rule makes of them: active whenever the line that comes due next is an end, or both at once.
func toggle(days []calendarDay, start, end *cronLine) (meant, held []stretch) {
	began, last := -1, 0
	for i, day := range days {
		if len(meant) > maxPieces*len(days) {
			break // so many stretches are too many windows
		}
		var starts, ends []int
		if start.on(day) {
			starts = start.minutes
		}
		if end.on(day) {
			ends = end.minutes
		}
		for len(starts)+len(ends) > 0 {
			if len(ends) > 0 && (len(starts) == 0 || ends[0] <= starts[0]) {
				now := i*dayLength + ends[0]
				if began >= 0 {
					meant = join(meant, stretch{began, now})
				}
				held = join(held, stretch{last, now})
				began, last, ends = -1, now, ends[1:]
				continue
			}
			last = i*dayLength + starts[0]
			if began < 0 {
				began = last
			}
			starts = starts[1:]
		}
	}
	if began >= 0 && len(meant) > 0 {
		meant = join(meant, stretch{began, len(days) * dayLength})
	}
	return meant, held
}

// join adds a stretch to those before it, to the last one where they touch.
func join(all []stretch, s stretch) []stretch {
	if n := len(all); n > 0 && all[n-1].to >= s.from {
		all[n-1].to = max(all[n-1].to, s.to)
		return all
	}
	return append(all, s)
}

// beyond returns the first stretch of a that b does not cover and that is longer than the tolerance, in minutes, in the
// years that count.
func beyond(days []calendarDay, a, b []stretch, tolerance int) (stretch, bool) {
	rest := b
	for _, s := range a {
		for len(rest) > 0 && rest[0].to <= s.from {
			rest = rest[1:]
		}
		from := s.from
		for i := 0; i <= len(rest) && from < s.to; i++ {
			gap := stretch{from, s.to}
			if i < len(rest) {
				gap.to = min(s.to, rest[i].from)
				from = max(from, rest[i].to)
			} else {
				from = s.to
			}
			if days[min(gap.from/dayLength, len(days)-1)].settled() && gap.to-gap.from > tolerance {
				return gap, true
			}
		}
	}
	return stretch{}, false
}

// tell writes a stretch for people: with weekdays where every week is the same, else with dates.
func (s stretch) tell(days []calendarDay, weekly bool) string {
	return "from " + tell(days, s.from, weekly) + " to " + tell(days, s.to, weekly)
}

func tell(days []calendarDay, minute int, weekly bool) string {
	day := days[min(minute/dayLength, len(days)-1)]
	if weekly {
		return fmt.Sprintf("%s %s", day.weekday.String()[:3], clock(minute%dayLength))
	}
	return fmt.Sprintf("%d %s %s", day.day, day.month.String()[:3], clock(minute%dayLength))
}

// clock writes a time of day, given in minutes.
func clock(minute int) string {
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}

// windowsOf turns stretches into windows without names, targets and zones. It returns why it cannot.
func windowsOf(days []calendarDay, stretches []stretch) ([]*Entry, error) {
	byPiece, ok := pieces(days, stretches)
	if !ok {
		return nil, fmt.Errorf("it would take more than %d windows", maxPieces)
	}
	order := make([]piece, 0, len(byPiece))
	for p := range byPiece {
		order = append(order, p)
	}
	first := func(p piece) int { // of the days that count
		return byPiece[p][slices.IndexFunc(byPiece[p], func(day int) bool { return days[day].settled() })]
	}
	slices.SortFunc(order, func(a, b piece) int {
		return cmp.Or(first(a)-first(b), a.start-b.start, a.end-b.end)
	})
	var windows []*Entry
	for _, p := range order {
		found, ok := conditions(days, byPiece[p])
		if !ok {
			return nil, fmt.Errorf("windows cannot say on which dates it starts at %s", clock(p.start))
		}
		for _, d := range found {
			windows = append(windows, &Entry{Dates: d, Start: clock(p.start), End: clock(p.end)})
		}
	}
	return windows, nil
}
