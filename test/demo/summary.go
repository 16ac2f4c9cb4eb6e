package main

import (
	"fmt"
	"time"
)

// summarize prints what was measured: how long after each boundary all minReplicas were patched, and all Pods were there.
func summarize(p plan, observations []observation, s style) []string {
	const format = "  %-8s  %-24s  %-17s  %s"
	lines := []string{s.paint(bold, fmt.Sprintf(format, "boundary", "", "all patched after", "all Pods there after"))}
	for _, ph := range p.phases()[1:] {
		v := slowest(ph.judge(ph.to, observations))
		pods := seconds(v.ready)
		if v.ready < 0 && !ph.raises {
			pods = "not yet: the HPA decides" // It keeps more without figures of the load, or by its own rules.
		}
		lines = append(lines, fmt.Sprintf(format, ph.from.Format(time.TimeOnly), ph.title, seconds(v.patched), pods))
	}
	return lines
}
