package edit_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// page writes schedules in many styles.
type page struct {
	*rapid.T
	indent, width       int
	quote               string
	gaps, flow, inLines bool
}

func (p *page) flip(what string) bool { return rapid.Bool().Draw(p.T, what) }

func (p *page) pick(what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(p.T, what)
}

func newPage(t *rapid.T) *page {
	p := &page{T: t, indent: rapid.SampledFrom([]int{0, 2, 4}).Draw(t, "indent"), width: rapid.SampledFrom([]int{2, 4}).Draw(t, "width")}
	p.quote = p.pick("quote", `"`, `'`, "")
	p.gaps, p.flow, p.inLines = p.flip("gaps"), p.flip("flow"), p.flip("in lines")
	return p
}

// schedule writes a file with these events, and with windows or not. Comments that begin with "goes" stand directly
// above an event that is old, all others say that they stay.
func (p *page) schedule(events []event) string {
	windows := ""
	if p.flip("windows") {
		windows = p.windows()
	}
	written := p.events(events)
	if len(events) == 0 && windows == "" {
		written = "events: []\n"
	}
	parts := []string{windows, written}
	if p.flip("events first") {
		parts = []string{written, windows}
	}
	gap := p.pick("gap of sections", "", "\n", "\n# stays: a section\n", "\n# stays: apart\n\n")
	text := p.pick("beginning", "", "---\n", "# stays: at the top\n\n") +
		"apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\nrampDown: 20m\n" +
		parts[0] + gap + parts[1] + p.pick("end", "", "\n", "\n# stays: the end\n", "# stays: the end\n", "...\n", "...\n# stays: behind\n")
	if p.flip("no end of line") {
		text = strings.TrimSuffix(text, "\n")
	}
	if p.flip("carriage returns") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if p.flip("byte order mark") {
		text = "\ufeff" + text
	}
	return text
}

func (p *page) windows() string {
	margin := strings.Repeat(" ", p.indent)
	return "windows:\n" + margin + "- name: w\n" + margin + "  start: \"19:30\"\n" + margin + "  end: \"23:00\"\n" +
		margin + "  targets: [{namespace: video, minReplicas: 6}]\n"
}

// event is one of a generated schedule.
type event struct {
	name string
	old  bool
}

func (p *page) events(events []event) string {
	switch {
	case len(events) == 0 && p.flip("no events"):
		return ""
	case len(events) == 0:
		return "events: []" + p.pick("behind", "", " # stays") + "\n"
	case p.flow:
		return p.flowEvents(events)
	}
	var b strings.Builder
	b.WriteString("events:" + p.pick("behind", "", " # stays") + "\n")
	margin := strings.Repeat(" ", p.indent)
	for i, e := range events {
		if i > 0 && p.gaps {
			b.WriteString("\n")
		}
		above := []string{"", margin + "# stays: apart\n\n"}
		if e.old {
			above = append(above, margin+"# goes\n", margin+"# goes\n# goes\n")
		}
		b.WriteString(p.pick("above", above...) + p.item(e, margin))
	}
	return b.String()
}

// item writes an event with a hyphen.
func (p *page) item(e event, margin string) string {
	if p.inLines {
		return margin + "- {" + strings.Join(p.fields(e), ", ") + "}" + p.pick("behind", "", " # on the line") + "\n"
	}
	inner := margin + strings.Repeat(" ", p.width)
	last := p.pick("last", "multiplier: 2 # two", "multiplier: 2\ndescription: |\n  # text\n", "multiplier: 2\ndescription: |-\n  text\n\n  # text",
		"multiplier: 2\ndescription: \"a # b\n  # c\"", "targets:\n- {namespace: a, minReplicas: 5}", "targets:\n  - namespace: a\n    minReplicas: 5")
	fields := strings.Join(append(p.fields(e), strings.TrimSuffix(last, "\n")), "\n")
	return margin + "-" + strings.Repeat(" ", p.width-1) + strings.ReplaceAll(fields, "\n", "\n"+inner) + "\n" +
		p.pick("below", "", inner+"# inside\n")
}

func (p *page) fields(e event) []string {
	year := 2027
	if e.old {
		year = 2021
	}
	fields := []string{
		"name: " + e.name, fmt.Sprintf("start: %s%d-12-18T20:00%s", p.quote, year, p.quote), "duration: 2h",
	}
	if !p.flow && !p.inLines {
		return fields
	}
	return append(fields, p.pick("rest", "multiplier: 2", `multiplier: 2, description: "it's }, # [ here"`,
		"targets: [{namespace: a, minReplicas: 5}]", "multiplier: 2, description: it's, suspend: true"))
}

// flowEvents writes events in brackets.
func (p *page) flowEvents(events []event) string {
	var b strings.Builder
	b.WriteString("events: [")
	for i, e := range events {
		if p.inLines {
			b.WriteString("\n  ")
		} else if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString("{" + strings.Join(p.fields(e), ", ") + "}")
		if i+1 < len(events) || p.inLines && p.gaps {
			b.WriteString(",")
		}
	}
	if p.inLines {
		b.WriteString("\n")
	}
	b.WriteString("]" + p.pick("behind", "", " # stays") + "\n")
	return b.String()
}
