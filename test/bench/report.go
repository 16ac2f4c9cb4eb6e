package main

import "fmt"

// tell shows a round.
func (m *meeting) tell(who string, warmUp bool, r round) {
	text := fmt.Sprintf("  %d HPAs, %s", m.n, who)
	if warmUp {
		text += " (warm-up)"
	}
	text += fmt.Sprintf(": first sent %.3f s, last raise %.3f s, last Event %.3f s, all done %.3f s", r.first, r.last, r.events, r.settled)
	if m.targets {
		text += fmt.Sprintf(", last scale %.3f s", r.tally.since(r.tally.Scale))
	}
	if r.released != nil {
		text += fmt.Sprintf("; release %.3f s, all done %.3f s", releasedOf(r), r.released.since(r.released.Last))
	}
	if r.after[0].CPU > 0 {
		text += fmt.Sprintf("; leader %.2f s CPU, RSS %.0f -> %.0f MiB (anonymous %.0f -> %.0f), standby %.0f -> %.0f MiB; %v", cpuOf(r),
			r.before[0].RSS, r.after[0].RSS, r.before[0].Anon, r.after[0].Anon, r.before[1].RSS, r.after[1].RSS, r.tally.Writes)
	}
	if r.after[0].CPU > 0 && r.released != nil {
		text += fmt.Sprintf(", of the release %v", r.released.Writes)
	}
	m.progress.say("%s", text)
}

// report adds the results of a boundary row.
func (m *meeting) report() {
	best := m.best()
	limit := m.loops[best]
	limitIs := fmt.Sprintf("client-go loop, %d at a time, beside two bare informers", best)
	details := map[string]float64{"first raise sent after, median": median(m.keepers, firstOf)}
	for level, rounds := range m.loops {
		details[fmt.Sprintf("loop, %d at a time, median", level)] = median(rounds, lastOf)
	}
	raises, work := new(1.15), new(1.3)
	if m.n < 100 || m.n > 10000 { // for the plot
		raises, work = nil, nil
	}
	m.ratio(fmt.Sprintf("boundary of %d HPAs, to the last raise", m.n), limitIs, raises,
		statsOf(m.keepers, lastOf), statsOf(limit, lastOf), details)
	m.ratio(fmt.Sprintf("boundary of %d HPAs, all work done", m.n), limitIs+", with the same Events and hand-backs", work,
		statsOf(m.keepers, settledOf), statsOf(limit, settledOf), map[string]float64{"CPU of the leader, median": median(m.keepers, cpuOf)})
	m.point("boundary", "floorkeeper", "HPAs", m.n, median(m.keepers, lastOf))
	m.point("boundary", "limit", "HPAs", m.n, median(limit, lastOf))
	m.memoryPoints("HPAs", m.n)
	if m.n == 1000 && m.releases() {
		m.reportEdit(limit, limitIs)
	}
}

// memoryPoints adds the memory after the last boundary to the plot.
func (m *meeting) memoryPoints(by string, x int) {
	last := m.keepers[len(m.keepers)-1]
	m.point("memory", "leader", by, x, leaderOf(last))
	m.point("memory", "standby", by, x, standbyOf(last))
}

// reportEdit adds how soon an edit of the schedule has an effect: the edit that ends each round.
func (m *meeting) reportEdit(limit []round, limitIs string) {
	keepers, loops := statsOf(m.keepers, releasedOf), statsOf(limit, releasedOf)
	m.Results = append(m.Results, result{
		Name: "edit of the schedule to the last patch, 1000 HPAs", Unit: "s", Floorkeeper: keepers, Limit: &loops, LimitIs: limitIs,
		Value: keepers.Median - loops.Median, ValueIs: "s above the limit, median", Target: new(0.5),
	})
}
