package imports

import (
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/config"
)

// addWindow adds a window to the draft, or a comment that says why it cannot be one.
func (d *Draft) addWindow(e *Entry) {
	if d.admit(e, "windows") {
		d.Windows = append(d.Windows, e)
	}
}

// addEvent adds an event to the draft, or a comment that says why it cannot be one.
func (d *Draft) addEvent(e *Entry) {
	if d.admit(e, "events") {
		d.Events = append(d.Events, e)
	}
}

// admit gives an entry its unique name, drops the targets that cannot be named, and lets the schedule's own parser
// judge the rest.
func (d *Draft) admit(e *Entry, list string) bool {
	targeted := len(e.Targets) > 0
	e.Targets = slices.DeleteFunc(e.Targets, func(t Target) bool { return !d.legalTarget(e.Origin, t) })
	if targeted && len(e.Targets) == 0 {
		return false
	}
	e.Name = d.names.name(e.Name)
	text := top + list + ":\n" + e.yaml("")
	_, err := config.Parse(config.File{Name: "import", Data: []byte(text)})
	if problems := config.Problems(nil); errors.As(err, &problems) {
		for _, problem := range problems {
			d.leave(e.Origin, "%s", problem.Message)
		}
		d.names[e.Name] = false
		return false
	}
	return true
}

// legalTarget says whether an HPA can have this name. If not, a comment says so.
func (d *Draft) legalTarget(from string, t Target) bool {
	if len(validation.IsDNS1123Label(t.Namespace)) == 0 && len(validation.IsDNS1123Subdomain(t.Name)) == 0 {
		return true
	}
	d.leave(from, "no HPA can be named %s in the namespace %s", quote(t.Name), quote(t.Namespace))
	return false
}

// zone notes the time zone of an entry. One that a schedule cannot have is replaced, and a comment says so, and how the
// tool behaved.
func (e *Entry) zone(name, otherwise, behaved string) {
	e.TimeZone = name
	if LegalZone(name) {
		return
	}
	if name == "Local" {
		e.TimeZone = "UTC"
		e.note(onZone, "\"Local\" is the clock of the tool's own container, usually UTC, which is assumed")
		return
	}
	if e.TimeZone = otherwise; !LegalZone(otherwise) {
		e.TimeZone = "UTC"
	}
	e.note(onZone, "%s is no IANA time zone, so %s is assumed; %s", quote(name), e.TimeZone, behaved)
}

// LegalZone says whether a schedule can have the time zone.
func LegalZone(name string) bool {
	if name == "" || name == "Local" || len(name) > longest {
		return false
	}
	if _, err := time.LoadLocation(name); err != nil {
		return false
	}
	_, err := config.Parse(config.File{Name: "zone", Data: []byte(top + "timeZone: " + scalar(name) + "\nwindows: []\n")})
	return err == nil
}
