package timeline

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorkeeper/floorkeeper/controller"
)

// finding is what was found of one entry, on the HPAs of which that is true. Message is that of the first.
type finding struct {
	Kind, Entry, Place string
	Message, Since     string
	On                 string
	Others             []told
	More               string
}

// told is the same on one more HPA.
type told struct {
	HPA, Message string
}

// standing is an HPA that is not as planned, and why.
type standing struct {
	HPA, Why string
}

// findings returns the warnings and the notes, those of one kind and entry together.
func (d *Document) findings() (warnings, notes []finding, more string) {
	index := make(map[string]*finding)
	var order []controller.Finding
	for _, f := range d.Findings {
		key := about(f)
		if index[key] == nil {
			index[key] = d.finding(f)
			order = append(order, f)
		} else if f.HPA != nil {
			index[key].Others = append(index[key].Others, told{nameOf(f.HPA), sentence(f.Message)})
		}
	}
	if len(order) > maxFindings {
		more = fmt.Sprintf("%s more%s.", counted(len(order)-maxFindings, "finding"), d.remedy())
		order = order[:maxFindings]
	}
	for _, f := range order {
		told := *index[about(f)]
		if n := len(told.Others); n > maxOthers {
			told.Others, told.More = told.Others[:maxOthers], fmt.Sprintf("and %s more", counted(n-maxOthers, "HPA"))
		}
		if f.Warning() {
			warnings = append(warnings, told)
		} else {
			notes = append(notes, told)
		}
	}
	return warnings, notes, more
}

// about returns what findings that belong together have in common. Overlaps of one entry name others.
func about(f controller.Finding) string {
	key := string(f.Kind) + " " + f.Entry
	if f.Kind == controller.Overlap {
		key += " " + f.Message
	}
	return key
}

func (d *Document) finding(f controller.Finding) *finding {
	told := &finding{Kind: string(f.Kind), Entry: plain(f.Entry), Message: sentence(f.Message)}
	if f.HPA != nil {
		told.On = nameOf(f.HPA)
	}
	if d.Places != nil {
		told.Place = plain(d.Places(f.Entry))
	}
	if d.Forecast != nil {
		told.Entry = plain(d.Forecast.Schedule.Title(f.Entry))
	}
	if !f.From.IsZero() && f.Kind != controller.PastEntry {
		told.Since = exact(d.at(f.From), momentLayout)
	}
	return told
}

// sentence returns a message as a sentence.
func sentence(message string) string {
	message = shortened(plain(message), 600)
	first, size := utf8.DecodeRuneInString(message)
	if strings.HasPrefix(message, "minReplicas") || strings.HasPrefix(message, "maxReplicas") {
		return message + "."
	}
	return string(unicode.ToUpper(first)) + message[size:] + "."
}

// standing lists the HPAs whose lanes have notes.
func (d *Document) standing(lanes []*strip) (all []standing, more string) {
	for _, l := range lanes {
		if len(l.notes) == 0 {
			continue
		}
		if len(all) == maxFindings {
			return all, "and more" + d.remedy()
		}
		all = append(all, standing{l.name, sentence(tell(l.notes))})
	}
	return all, ""
}

// tell joins notes.
func tell(notes []note) string {
	texts := make([]string, len(notes))
	for i, n := range notes {
		texts[i] = n.String()
	}
	return strings.Join(texts, "; ")
}
