package main

import "fmt"

// report adds the results of the boundary rows.
func (m *meeting) report() {
	best := m.best()
	limit := m.loops[best]
	limitIs := fmt.Sprintf("a client-go loop, %d at a time, beside two bare informers", best)
	details := map[string]float64{"first raise sent after, median": median(m.keepers, firstOf)}
	for level, rounds := range m.loops {
		details[fmt.Sprintf("loop, %d at a time, median", level)] = median(rounds, lastOf)
	}
	m.ratio(fmt.Sprintf("boundary of %d HPAs, to the last raise", m.n), limitIs, 1.15,
		statsOf(m.keepers, lastOf), statsOf(limit, lastOf), details)
	m.ratio(fmt.Sprintf("boundary of %d HPAs, all work done", m.n), limitIs+", with the same Events and hand-backs", 1.3,
		statsOf(m.keepers, settledOf), statsOf(limit, settledOf), map[string]float64{
			"CPU of the leader, median": median(m.keepers, func(r round) float64 { return r.after[0].CPU - r.before[0].CPU }),
		})
}
