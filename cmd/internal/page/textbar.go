package page

import (
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
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

func inkOf(s forecast.Stretch, maxReplicas int32, events map[string]bool) string {
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

// legend says what the characters mean, on as few lines as they fit on.
func (p *picture) legend() {
	words := []string{
		p.choose("·", ".") + " no entry is open", p.choose("▁", "_") + " held at its baseline",
		p.choose("▂▄▆█", "-=#") + " raised above it, up to max",
	}
	inks := []string{plainInk, plainInk, plainInk}
	if p.clamped {
		words, inks = append(words, "! clamped to maxReplicas"), append(inks, plainInk)
	}
	if p.Colour {
		words, inks = append(words, "window", "event"), append(inks, windowInk, eventInk)
		if p.clamped {
			words, inks = append(words, "clamped"), append(inks, clampInk)
		}
	}
	at := 0
	for i, word := range words {
		width := utf8.RuneCountInString(word)
		switch {
		case at > 0 && at+3+width > p.Width:
			p.out, at = append(p.out, '\n'), 0
		case at > 0:
			p.out, at = append(p.out, "   "...), at+3
		}
		at += width
		if p.out = append(append(p.out, inks[i]...), word...); inks[i] != plainInk {
			p.out = append(p.out, endOfInk...)
		}
	}
	p.out = append(p.out, '\n')
}
