package imports

import (
	"cmp"
	"fmt"
	"slices"
)

// toggle plays two cron lines through the calendar. Meant is what they evidently mean: from each start to the next end.
// Held is what KEDA's rule makes of them: active whenever the line that comes due next is an end, or both at once.
func toggle(days []calendarDay, start, end *cronLine) (meant, held []stretch) {
	p := &player{began: -1}
	for i, day := range days {
		if len(p.meant) > maxPieces*len(days) {
			break // so many stretches are too many windows
		}
		p.day(i*dayLength, start.dueOn(day), end.dueOn(day))
	}
	if p.began >= 0 && len(p.meant) > 0 {
		p.meant = join(p.meant, stretch{p.began, len(days) * dayLength})
	}
	return p.meant, p.held
}

// player is at a moment of the calendar.
type player struct {
	began       int // when the stretch began that is on; -1 if none is
	last        int // when a line last came due
	meant, held []stretch
}

// day plays one day, on which the lines come due at these times. An end goes before a start at the same time.
func (p *player) day(midnight int, starts, ends []int) {
	for len(starts)+len(ends) > 0 {
		if len(starts) == 0 || len(ends) > 0 && ends[0] <= starts[0] {
			p.end(midnight + ends[0])
			ends = ends[1:]
			continue
		}
		p.start(midnight + starts[0])
		starts = starts[1:]
	}
}

func (p *player) start(now int) {
	if p.last = now; p.began < 0 {
		p.began = now
	}
}

func (p *player) end(now int) {
	if p.began >= 0 {
		p.meant = join(p.meant, stretch{p.began, now})
	}
	p.held = join(p.held, stretch{p.last, now})
	p.began, p.last = -1, now
}

// join adds a stretch to those before it, to the last one where they touch.
func join(all []stretch, s stretch) []stretch {
	if n := len(all); n > 0 && all[n-1].to >= s.from {
		all[n-1].to = max(all[n-1].to, s.to)
		return all
	}
	return append(all, s)
}

// beyond returns the stretches of a that b does not cover and that are longer than the tolerance, in minutes, in the
// years that count.
func beyond(days []calendarDay, a, b []stretch, tolerance int) []stretch {
	var gaps []stretch
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
				gaps = append(gaps, gap)
			}
		}
	}
	return gaps
}

// latest returns the window that began last at a minute of the calendar.
func latest(days []calendarDay, windows []*Entry, now int) *Entry {
	for day := now / dayLength; day >= 0; day-- {
		var found *Entry
		for _, e := range windows {
			begun := e.Dates.admits(days[day]) && (day < now/dayLength || e.Start <= clock(now%dayLength))
			if begun && (found == nil || e.Start > found.Start) {
				found = e
			}
		}
		if found != nil {
			return found
		}
	}
	return windows[0]
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
