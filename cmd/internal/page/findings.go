package page

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

// finding is what was found of one entry. Message is that of the first HPA, Others are the other HPAs.
type finding struct {
	Kind, Entry, Place string
	Message, Since     string
	On                 string
	Others             []remark
	More               string
}

// remark is a text about one HPA.
type remark struct{ HPA, Text string }

// findings are grouped by kind and entry.
type findings struct {
	Warnings, Notes []finding
	More            string
}

// Found returns the document's findings.
func (p *picture) Found() (all findings) {
	groups := forecast.Grouped(p.Findings)
	if n := len(groups) - maxFindings; n > 0 {
		all.More = fmt.Sprintf("%s more%s.", text.GroupedCount(n, "finding"), p.remedy())
		groups = groups[:maxFindings]
	}
	for _, group := range groups {
		if found := p.finding(group); group[0].Warning() {
			all.Warnings = append(all.Warnings, found)
		} else {
			all.Notes = append(all.Notes, found)
		}
	}
	return all
}

func (d *Document) finding(group []forecast.Finding) finding {
	f := group[0]
	one := finding{Kind: string(f.Kind), Entry: text.Line(f.Entry)}
	if f.HPA != nil {
		one.On = nameOf(f.HPA)
	}
	if d.Places != nil {
		one.Place = text.Line(d.Places(f.Entry))
	}
	if d.Forecast != nil {
		one.Entry = text.Line(d.Forecast.Schedule.Title(f.Entry))
	}
	if !f.From.IsZero() && f.Kind != forecast.PastEntry {
		one.Since = d.moment(f.From)
	}
	messages := []string{f.Message}
	for _, other := range group[1:] {
		if other.HPA == nil { // clocks change again
			messages = append(messages, other.Message)
		} else {
			one.Others = append(one.Others, remark{nameOf(other.HPA), sentence(other.Message)})
		}
	}
	one.Message = sentence(strings.Join(messages, "; "))
	if n := len(one.Others); n > maxOthers {
		one.Others, one.More = one.Others[:maxOthers], fmt.Sprintf("and %s more", text.GroupedCount(n-maxOthers, "HPA"))
	}
	return one
}

// sentence returns a message as a sentence.
func sentence(message string) string {
	message = clean(message)
	if strings.HasPrefix(message, "minReplicas") || strings.HasPrefix(message, "maxReplicas") {
		return message + "."
	}
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + message[size:] + "."
}

// deviations are the HPAs whose lanes have notes: those that are not as anybody wants them, and those that get no floor
// because of what their owners did.
type deviations struct {
	Alarming, Calm []remark
	More           string
}

// Deviations returns those of the lanes.
func (p *picture) Deviations() (all deviations) {
	for _, l := range p.lanes {
		switch about := (remark{l.name, sentence(l.noted())}); {
		case len(l.notes) == 0:
		case len(all.Alarming)+len(all.Calm) == maxFindings:
			all.More = "and more" + p.remedy()
			return all
		case l.lost || l.differs:
			all.Alarming = append(all.Alarming, about)
		default:
			all.Calm = append(all.Calm, about)
		}
	}
	return all
}
