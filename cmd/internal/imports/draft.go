package imports

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// Draft is a schedule in the making, with comments.
type Draft struct {
	Tool     string   // where it comes from
	Head     []string // comments on all of it, such as on its time zone
	Windows  []*Entry
	Events   []*Entry
	Left     []Note // what could not be carried over at all
	Found    int    // how many of the tool's settings the objects hold, whether or not they could be carried over
	names    namer
	seen     map[reference]*manifests.Object
	settings Options
}

// Options is what a person says of the objects.
type Options struct {
	Namespace string // of objects that name none; "" is default
	TimeZone  string // of times of which the objects do not say the zone; "" is the tool's own default
}

// Note is a comment on something that was not carried over exactly.
type Note struct {
	At    string // the object, with its file and line
	Entry string // the name of the entry; "" if there is none
	Text  string
}

// String returns the note on one line.
func (n Note) String() string {
	if n.Entry == "" {
		return n.At + ": " + n.Text
	}
	return n.Entry + " (" + n.At + "): " + n.Text
}

// Entry is a window or an event, in the words of the schedule.
type Entry struct {
	Name, Description string
	Origin            string // the object that it comes from, with its file and line
	Suspend           bool
	TimeZone          string
	Dates             dates  // of a window
	Start, End        string // as written in a schedule
	Duration          time.Duration
	RampUp, RampDown  time.Duration
	Multiplier        int64 // of an event; 0 if the targets say how many
	Targets           []Target
	notes             map[string][]string // comments by field; "" is the entry as a whole
}

// Target is an HPA by its name, and what is asked for it.
type Target struct {
	Namespace, Name string
	MinReplicas     int64 // 0 if the entry has a multiplier
	Notes           []string
}

// dates are conditions on the date on which a window starts; one that is empty holds on every date.
type dates struct {
	Days        []time.Weekday
	DaysOfMonth []int
	Months      []time.Month
	Never       bool // all dates are excepted
}

// The fields of an entry that can have comments of their own.
const (
	onEntry   = ""
	onSuspend = "suspend"
	onZone    = "timeZone"
	onDays    = "days"
	onStart   = "start"
	onEnd     = "end"
	onRampUp  = "rampUp"
	onRampDn  = "rampDown"
	onAmount  = "multiplier"
	onTargets = "targets"
)

// note adds a comment to a field of the entry.
func (e *Entry) note(field, format string, args ...any) {
	if e.notes == nil {
		e.notes = map[string][]string{}
	}
	e.notes[field] = append(e.notes[field], fmt.Sprintf(format, args...))
}

// noteAll adds several comments to a field of the entry.
func (e *Entry) noteAll(field string, texts []string) {
	for _, text := range texts {
		e.note(field, "%s", text)
	}
}

// leave notes what of an object is not carried over.
func (d *Draft) leave(at, format string, args ...any) {
	d.Left = append(d.Left, Note{At: at, Text: fmt.Sprintf(format, args...)})
}

// Notes returns all comments on what was not carried over exactly, in the order in which they are written, each on one
// line that is safe on a terminal.
func (d *Draft) Notes() []Note {
	var all []Note
	for _, text := range d.Head {
		all = append(all, Note{At: d.Tool, Text: text})
	}
	for _, entries := range [][]*Entry{d.Windows, d.Events} {
		for _, e := range entries {
			all = append(all, e.allNotes()...)
		}
	}
	all = append(all, d.Left...)
	for i := range all {
		all[i].Text = visible(all[i].Text)
	}
	return all
}

func (e *Entry) allNotes() []Note {
	var all []Note
	add := func(texts []string) {
		for _, text := range texts {
			all = append(all, Note{At: e.Origin, Entry: e.Name, Text: text})
		}
	}
	for _, field := range []string{
		onEntry, onSuspend, onZone, onDays, onStart, onEnd, onRampUp, onRampDn, onAmount, onTargets,
	} {
		add(e.notes[field])
	}
	for _, t := range e.Targets {
		add(t.Notes)
	}
	return all
}

// most returns an amount that a schedule can ask for; false where it is none at all.
func most(amount int64) (asked int64, note string, ok bool) {
	switch {
	case amount < 1:
		return 0, "", false
	case amount > schedules.MaxReplicas:
		return schedules.MaxReplicas, fmt.Sprintf("%d is more than a schedule can ask for; maxReplicas limits either", amount), true
	}
	return amount, "", true
}

// target returns an HPA by its name. One without a namespace is taken to live where the options say.
func (d *Draft) target(namespace, name string, amount int64) Target {
	t := Target{Namespace: namespace, Name: name, MinReplicas: amount}
	if namespace == "" {
		t.Namespace = d.namespace(namespace)
		t.Notes = append(t.Notes, fmt.Sprintf("the manifest names no namespace; %s is assumed, --namespace names another", t.Namespace))
	}
	if t.Namespace == metav1.NamespaceSystem {
		t.Notes = append(t.Notes, "floorkeeper leaves HPAs in kube-system alone, unless --exclude-namespaces says otherwise")
	}
	return t
}

// namespace returns the namespace of an object, or the one that is assumed.
func (d *Draft) namespace(of string) string {
	switch {
	case of != "":
		return of
	case d.settings.Namespace != "":
		return d.settings.Namespace
	}
	return "default"
}

// begin returns an empty draft.
func begin(tool string, options Options) *Draft {
	return &Draft{Tool: tool, settings: options, names: namer{}, seen: map[reference]*manifests.Object{}}
}

// reference names an object by its kind, namespace and name.
type reference struct{ kind, namespace, name string }

// once says whether an object is the first of its name. If it is not, a comment says that it is left out.
func (d *Draft) once(o object) bool {
	ref := reference{o.kind(), d.namespace(o.namespace()), o.name()}
	if first := d.seen[ref]; first != nil && first != o.Object && o.name() != "" {
		d.leave(origin(o.Object), "it is among the objects twice; this one is left out")
		return false
	}
	d.seen[ref] = o.Object
	return true
}

// origin names an object with its place.
func origin(o *manifests.Object) string {
	name := object{o}.name()
	if namespace := (object{o}).namespace(); namespace != "" {
		name = namespace + "/" + name
	}
	place := clean(o.File)
	if o.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, o.Line)
	}
	if place == "" {
		return fmt.Sprintf("%s %s", clean(object{o}.kind()), clean(name))
	}
	return fmt.Sprintf("%s %s (%s)", clean(object{o}.kind()), clean(name), place)
}
