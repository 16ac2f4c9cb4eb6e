package main

import (
	"fmt"
	"strings"
	"time"
)

// view is everything that the live part of the screen shows.
type view struct {
	now      time.Time
	steps    []string // The whole course in a few words each.
	step     int      // The index of the current one.
	next     string
	nextAt   time.Time
	rows     []observation
	replicas string // What the floorkeeper processes do.
}

// style paints text. The zero style leaves it plain.
type style struct{ colour bool }

// The codes of ECMA-48 that the demo uses.
const (
	bold   = "1"
	dim    = "2"
	green  = "32"
	yellow = "33"
	red    = "31"
	block  = "42" // Green background, so that a bar needs no special characters.
)

func (s style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	rowFormat = "  %-8s  %8s  %5s  %11s  %8s  %s  %-9s  %-8s"
	tableSize = 77 // The columns that a row takes.
	barSize   = 32 // The columns that bars need beside it.
)

// render draws the live part as lines of at most width columns. A wide screen has a bar for the Ready Pods.
func render(v view, width int, s style) []string {
	header := fmt.Sprintf(rowFormat, "HPA", "baseline", "floor", "minReplicas", "replicas", "Ready", "because", "until")
	lines := []string{"", course(v, s), countdown(v, s), "", s.paint(bold, strings.TrimRight(header, " "))}
	bars := width >= tableSize+barSize
	for _, o := range v.rows {
		line := row(o, s)
		if bars {
			line += "  " + bar(o, s)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	lines = append(lines, "", "  "+s.paint(dim, "floorkeeper: "+v.replicas))
	for i, line := range lines {
		lines[i] = truncate(line, width)
	}
	return lines
}

// course shows where in the whole the demo is.
func course(v view, s style) string {
	steps := make([]string, len(v.steps))
	for i, step := range v.steps {
		switch {
		case i == v.step:
			steps[i] = s.paint(bold+";7", "["+step+"]")
		case i < v.step:
			steps[i] = s.paint(dim, step)
		default:
			steps[i] = step
		}
	}
	return "  " + strings.Join(steps, s.paint(dim, " > "))
}

// countdown shows the time and how long it is to the next thing.
func countdown(v view, s style) string {
	line := "  " + v.now.UTC().Format(time.TimeOnly) + " UTC"
	if v.next == "" {
		return line
	}
	left := (v.nextAt.Sub(v.now) + time.Second - 1).Truncate(time.Second)
	return line + "   in " + s.paint(bold, fmt.Sprintf("%2.0f s", left.Seconds())) + ": " + v.next
}

// row shows one application. Ready is green once the floor is reached and yellow before.
func row(o observation, s style) string {
	baseline, floor, because, until := fmt.Sprint(o.minReplicas), "-", "-", "-"
	if o.held {
		baseline, floor, because = fmt.Sprint(o.baseline), fmt.Sprint(o.floor), o.because
		until = o.until.UTC().Format(time.TimeOnly)
	}
	ready := s.paint(green, fmt.Sprintf("%5d", o.ready))
	if o.ready < o.minReplicas {
		ready = s.paint(yellow, fmt.Sprintf("%5d", o.ready))
	}
	return fmt.Sprintf(rowFormat, o.app, baseline, floor, fmt.Sprint(o.minReplicas), fmt.Sprint(o.replicas), ready,
		because, until)
}

// bar shows one column for each Ready Pod, and a dot for each that is still to come.
func bar(o observation, s style) string {
	ready := min(int(o.ready), barSize-2)
	missing := max(0, min(int(max(o.replicas, o.minReplicas)), barSize-2)-ready)
	full := strings.Repeat("#", ready)
	if s.colour {
		full = s.paint(block, strings.Repeat(" ", ready))
	}
	return full + s.paint(dim, strings.Repeat(".", missing))
}

// columns is how many columns a line takes. Escape sequences take none.
func columns(line string) int {
	n, escape := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n++
		}
	}
	return n
}

// truncate cuts a line to the columns of the screen.
func truncate(line string, width int) string {
	if columns(line) <= width {
		return line
	}
	cut := []rune(line)
	for columns(string(cut)) > width {
		cut = cut[:len(cut)-1]
	}
	if strings.Contains(line, "\x1b") {
		return string(cut) + "\x1b[0m"
	}
	return string(cut)
}

// plainRow is a row as a line of its own, for an output that is no terminal.
func plainRow(o observation) string {
	line := fmt.Sprintf("%-6s  minReplicas %2d, replicas %2d, Ready %2d; ", o.app, o.minReplicas, o.replicas, o.ready)
	if !o.held {
		return line + "no floor"
	}
	return line + fmt.Sprintf("baseline %d, floor %d because of %s until %s", o.baseline, o.floor, o.because,
		o.until.UTC().Format(time.TimeOnly))
}
