package plan

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// ICS writes a calendar (RFC 5545) with one event for each time that an entry is open within the plan, its lead and ramps
// included. The UID of a one-off event is made of its name alone, so that a calendar moves it when the schedule does.
func (p *Plan) ICS(w io.Writer) error {
	l := &lines{w: w}
	l.content("BEGIN", "VCALENDAR")
	l.content("VERSION", "2.0")
	l.content("PRODID", "-//floorkeeper//floorkeeper plan//EN")
	l.content("CALSCALE", "GREGORIAN")
	l.content("METHOD", "PUBLISH")
	l.content("X-WR-CALNAME", "floorkeeper")
	subjects, asked := p.subjects(), make(map[string][]string)
	for _, o := range p.occurrences() {
		if asked[o.Name] == nil { // each occurrence asks for the same
			asked[o.Name] = p.asked(o, subjects)
		}
		l.event(p, o, asked[o.Name])
	}
	l.content("END", "VCALENDAR")
	l.flush(0)
	return l.err
}

// occurrence is one time that an entry is open.
type occurrence struct {
	*schedules.Entry
	schedules.Span
	uid string
}

// occurrences returns those of all unsuspended entries that touch the plan, in the order of entries and time.
func (p *Plan) occurrences() []occurrence {
	var all []occurrence
	for i := range p.Forecast.Schedule.Windows() {
		if window := &p.Forecast.Schedule.Windows()[i]; !window.Suspend {
			all = append(all, p.occurrencesOf(window)...)
		}
	}
	for i := range p.Forecast.Schedule.Events() {
		event := &p.Forecast.Schedule.Events()[i]
		if span := event.Span(); !event.Suspend && span.Opens().Before(p.Forecast.To) && span.Closes().After(p.Forecast.From) {
			all = append(all, occurrence{&event.Entry, span, event.Name})
		}
	}
	return all
}

// occurrencesOf walks from edge to edge of a window.
func (p *Plan) occurrencesOf(window *schedules.Window) []occurrence {
	var all []occurrence
	seen := make(map[[2]int64]bool)
	named := make(map[string]bool)
	for t := p.Forecast.From; !t.IsZero() && t.Before(p.Forecast.To); {
		open, next := window.Spans(t)
		for _, span := range open {
			about := [2]int64{span.From.UnixNano(), span.To.UnixNano()}
			if seen[about] {
				continue
			}
			uid := window.Name + "-" + utcStamp(span.From)
			if named[uid] { // two dates begin at one instant where a zone skips a day
				uid += "-" + utcStamp(span.To)
			}
			seen[about], named[uid] = true, true
			all = append(all, occurrence{&window.Entry, span, uid})
		}
		t = next
	}
	return all
}

// subjects returns the HPAs as the schedule knows them. One that no entry may cover has no name.
func (p *Plan) subjects() []schedules.HPA {
	all := make([]schedules.HPA, len(p.Forecast.Outlooks))
	for i := range all {
		if o := &p.Forecast.Outlooks[i]; o.Refusal == "" {
			all[i] = o.Subject()
		}
	}
	return all
}

func (l *lines) event(p *Plan, o occurrence, asked []string) {
	l.content("BEGIN", "VEVENT")
	l.content("UID", o.uid+"@floorkeeper.dev")
	l.content("DTSTAMP", utcStamp(p.Now))
	l.content("DTSTART", utcStamp(o.Opens()))
	l.content("DTEND", utcStamp(o.Closes()))
	l.content("SUMMARY", icsText("floorkeeper: "+p.Forecast.Schedule.Title(o.Name)))
	l.content("DESCRIPTION", icsText(describe(o, asked)))
	l.content("TRANSP", "TRANSPARENT")
	l.content("END", "VEVENT")
	l.flush(full)
}

// mostListed is how many HPAs the description of an event lists.
const mostListed = 200

// describe says what an occurrence is for, when its full floor stands, and what it asks of which HPA.
func describe(o occurrence, asked []string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(o.Description)) {
		lines = append(lines, text.Visible(strings.TrimRight(line, "\r\n")))
	}
	lines = append(lines, "The full floor stands from "+text.Moment(o.From.In(o.Location))+" to "+text.Moment(o.To.In(o.Location))+".")
	return strings.Join(append(lines, asked...), "\n")
}

// asked says what an entry asks of which HPA, a line for each.
func (p *Plan) asked(o occurrence, subjects []schedules.HPA) []string {
	var lines []string
	more := 0
	for i := range subjects {
		floor := p.asks(o, subjects[i])
		switch {
		case floor == 0:
		case len(lines) < mostListed:
			lines = append(lines, p.names[i]+": "+p.effect(i, floor))
		default:
			more++
		}
	}
	switch {
	case len(lines) == 0:
		return []string{"It covers no HPA."}
	case more > 0:
		return append(lines, fmt.Sprintf("and %d more", more))
	default:
		return lines
	}
}

// asks returns the full floor that an occurrence asks of an HPA, and 0 if it does not select it.
func (p *Plan) asks(o occurrence, subject schedules.HPA) int32 {
	if subject.Name == "" {
		return 0
	}
	for _, claim := range p.Forecast.Schedule.Claims(subject, o.From) {
		if claim.Because == o.Name {
			return claim.Full
		}
	}
	return 0
}

// effect says what becomes of an HPA under a floor, if no other entry asks for more.
func (p *Plan) effect(i int, floor int32) string {
	state := p.Forecast.Outlooks[i].State
	switch baseline := state.Baseline(); {
	case floor > state.MaxReplicas:
		return fmt.Sprintf("%d, clamped to maxReplicas %d; baseline %d", floor, state.MaxReplicas, baseline)
	default:
		return fmt.Sprintf("%d; baseline %d", floor, baseline)
	}
}

func utcStamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// icsText escapes a value of type TEXT (RFC 5545, 3.3.11).
func icsText(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

// content appends a content line, folded so that no line is longer than 75 octets (RFC 5545, 3.1), and no character is
// torn apart.
func (l *lines) content(name, value string) {
	const longest = 75
	line := name + ":" + value
	for room := longest; len(line) > room; room = longest - 1 {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		l.buf = append(append(l.buf, line[:cut]...), "\r\n "...)
		line = line[cut:]
	}
	l.buf = append(append(l.buf, line...), "\r\n"...)
}
