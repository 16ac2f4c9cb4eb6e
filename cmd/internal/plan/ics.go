package plan

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// calendar writes content lines (RFC 5545).
type calendar struct{ *bufio.Writer }

// ICS writes a calendar (RFC 5545) with one event for each time that an entry is open within the plan, its lead and ramps
// included. The UID of a one-off event is made of its name alone, that of a window's occurrence of the name and the local
// date, so that a calendar that reads a later plan moves what has moved. SEQUENCE grows with time for the same reason.
func (p *Plan) ICS(w io.Writer) error {
	c := calendar{bufio.NewWriterSize(w, pieces)}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//floorkeeper//floorkeeper plan//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("X-WR-CALNAME", "floorkeeper")
	floors := make(map[string][]string) // the same for each occurrence of an entry
	occurrences := p.occurrences()
	if len(occurrences) == 0 {
		c.anyComponent()
	}
	for _, o := range occurrences {
		if floors[o.Name] == nil {
			floors[o.Name] = p.floors(o)
		}
		c.line("BEGIN", "VEVENT")
		c.line("UID", o.uid+"@floorkeeper.dev")
		c.line("DTSTAMP", utcStamp(p.Now))
		c.line("LAST-MODIFIED", utcStamp(p.Now))
		c.line("SEQUENCE", strconv.FormatInt(sequence(p.Now), 10))
		c.line("DTSTART", utcStamp(o.Opens()))
		c.line("DTEND", utcStamp(o.Closes()))
		c.line("SUMMARY", icsText("floorkeeper: "+p.Forecast.Schedule.Title(o.Name)))
		var lines []string
		for line := range strings.Lines(strings.TrimSpace(o.Description)) {
			lines = append(lines, text.Visible(strings.TrimRight(line, "\r\n")))
		}
		lines = append(lines, "The full floor is in effect from "+text.Moment(o.From.In(o.Location))+" to "+text.Moment(o.To.In(o.Location))+".")
		c.line("DESCRIPTION", icsText(strings.Join(append(lines, floors[o.Name]...), "\n")))
		c.line("TRANSP", "TRANSPARENT")
		c.line("END", "VEVENT")
	}
	c.line("END", "VCALENDAR")
	return c.Flush()
}

// anyComponent writes a component that shows nothing: a calendar without any is not legal (RFC 5545, 3.6).
func (c calendar) anyComponent() {
	for _, line := range [][2]string{
		{"BEGIN", "VTIMEZONE"},
		{"TZID", "UTC"},
		{"BEGIN", "STANDARD"},
		{"DTSTART", "19700101T000000"},
		{"TZOFFSETFROM", "+0000"},
		{"TZOFFSETTO", "+0000"},
		{"END", "STANDARD"},
		{"END", "VTIMEZONE"},
	} {
		c.line(line[0], line[1])
	}
}

// sequence returns the seconds since 2020, which fit into the 32 bits of a SEQUENCE until 2088.
func sequence(now time.Time) int64 {
	return max(0, now.Unix()-time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
}

// line writes a content line, folded so that none is longer than 75 octets (RFC 5545, 3.1), and no character is torn apart.
func (c calendar) line(name, value string) {
	const longest = 75
	line := name + ":" + value
	for room := longest; len(line) > room; room = longest - 1 {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		fmt.Fprint(c, line[:cut], "\r\n ")
		line = line[cut:]
	}
	fmt.Fprint(c, line, "\r\n")
}

// icsText escapes a value of type TEXT (RFC 5545, 3.3.11).
func icsText(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

func utcStamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

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
	seen, uids := make(map[[2]int64]bool), make(map[string]bool)
	for t := p.Forecast.From; !t.IsZero() && t.Before(p.Forecast.To); {
		open, next := window.Spans(t)
		for _, span := range open {
			bounds := [2]int64{span.From.UnixNano(), span.To.UnixNano()}
			if seen[bounds] {
				continue
			}
			uid := window.Name + "." + startDate(window, span) // a name holds no dot
			if uids[uid] {                                     // two dates begin at one instant where a zone skips a day
				uid += "-" + utcStamp(span.To)
			}
			seen[bounds], uids[uid] = true, true
			all = append(all, occurrence{&window.Entry, span, uid})
		}
		t = next
	}
	return all
}

// startDate returns the local date on which an occurrence starts as written. A start that a shift at midnight skips lies on
// the day before.
func startDate(window *schedules.Window, span schedules.Span) string {
	start := span.From.Add(window.LeadTime)
	date := schedules.DateOf(start, window.Location)
	if !schedules.StartInstant(date, window.Start, window.Location).Equal(start) {
		date++
	}
	return date.String()
}

func (p *Plan) floors(o occurrence) []string {
	const most = 200
	var lines []string
	for i := range p.Forecast.Outlooks {
		outlook := &p.Forecast.Outlooks[i]
		if outlook.Refusal != "" {
			continue
		}
		for _, claim := range p.Forecast.Schedule.Claims(outlook.Subject(), o.From) {
			if claim.Because != o.Name || claim.Full == 0 {
				continue
			}
			clamped := ""
			if ceiling := outlook.State.Ceiling(); claim.Full > ceiling.Replicas {
				clamped = ", clamped to " + ceiling.String()
			}
			lines = append(lines, fmt.Sprintf("%s: %d%s; baseline %d", p.names[i], claim.Full, clamped, outlook.State.Baseline()))
			break
		}
	}
	if len(lines) == 0 {
		return []string{"It covers no HPA."}
	}
	if more := len(lines) - most; more > 0 {
		return append(lines[:most], fmt.Sprintf("and %d more", more))
	}
	return lines
}
