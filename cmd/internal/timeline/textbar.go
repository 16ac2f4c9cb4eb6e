package timeline

import (
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
)

// The colours of bars, as terminals are told them.
const (
	plainInk  = ""
	windowInk = "\x1b[36m"
	eventInk  = "\x1b[35m"
	clampInk  = "\x1b[31m"
	endOfInk  = "\x1b[0m"
)

// cell is a column of a bar: the largest minReplicas in its time, and what asks for it.
type cell struct {
	minReplicas int32
	covered     bool
	ink         string
}

// bar draws the columns of a lane.
func (p *picture) bar(l lane) {
	ink := plainInk
	for _, c := range p.cells(l) {
		if p.Colour && c.ink != ink {
			if ink != plainInk {
				p.out = append(p.out, endOfInk...)
			}
			p.out = append(p.out, c.ink...)
			ink = c.ink
		}
		p.out = append(p.out, p.height(l, c)...)
	}
	if ink != plainInk {
		p.out = append(p.out, endOfInk...)
	}
}

// cells goes through the stretches and the columns side by side. A stretch counts in every column that it touches, so
// that none is too short to be seen.
func (p *picture) cells(l lane) []cell {
	cells := make([]cell, p.columns)
	for i := range cells {
		cells[i].minReplicas = -1
	}
	events := make(map[string]bool)
	for _, event := range p.forecast.Schedule.Events() {
		events[event.Name] = true
	}
	for s := range l.outlook.Stretches() {
		from, to := p.column(s.From), p.columnBefore(s.To)
		for i := from; i <= to; i++ {
			if c := &cells[i]; s.MinReplicas > c.minReplicas || s.MinReplicas == c.minReplicas && !c.covered {
				*c = cell{s.MinReplicas, s.Floor > 0, inkOf(s, l.outlook.State.MaxReplicas, events)}
			}
		}
	}
	return cells
}

// columnBefore returns the last column that lies before an instant, in part at least.
func (p *picture) columnBefore(t time.Time) int {
	return min(p.columns-1, max(0, p.column(t.Add(-time.Millisecond))))
}

func inkOf(s controller.Stretch, maxReplicas int32, events map[string]bool) string {
	switch {
	case s.Floor == 0:
		return plainInk
	case s.Floor > maxReplicas:
		return clampInk
	case events[s.Because]:
		return eventInk
	default:
		return windowInk
	}
}

// height returns the character for a column.
func (p *picture) height(l lane, c cell) string {
	blocks := []rune(p.choose("▂▃▄▅▆▇█", "--==##"))
	switch {
	case !c.covered && c.minReplicas <= l.low:
		return p.choose("·", ".")
	case c.minReplicas <= l.low:
		return p.choose("▁", "_")
	default: // the lowest block for the least above the baseline, the highest for the largest minReplicas
		part := (int64(c.minReplicas-l.low)*int64(len(blocks)) + int64(l.high-l.low) - 1) / int64(l.high-l.low)
		return string(blocks[part-1])
	}
}

// legend says what the characters mean.
func (p *picture) legend() {
	p.out = append(p.out, p.choose(
		"· no entry is open   ▁ held at its baseline   ▂▄▆█ raised above it, up to max",
		". no entry is open   _ held at its baseline   -=# raised above it, up to max")...)
	if p.clamped {
		p.out = append(p.out, "   ! clamped to maxReplicas"...)
	}
	if p.Colour {
		p.out = append(p.out, "\n"+windowInk+"window"+endOfInk+" "+eventInk+"event"+endOfInk...)
		if p.clamped {
			p.out = append(p.out, " "+clampInk+"clamped"+endOfInk...)
		}
	}
	p.out = append(p.out, '\n')
}
