package imports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Draft is a schedule in the making, with comments.
type Draft struct {
	Tool    string   // where it comes from
	Head    []string // comments on all of it, such as on its time zone
	Windows []*Entry
	Events  []*Entry
	Omitted []Note // what could not be carried over at all
	Found   int    // how many of the tool's settings the objects hold, whether or not they could be carried over
	objects []manifests.Object
	options Options
	names   sets.Set[string] // of entries
	seen    map[reference]*manifests.Object
}

// Options fill in what the objects do not contain.
type Options struct {
	Namespace string // of objects that name none; "" is default
	TimeZone  string // of times whose zone the objects do not name; "" is the tool's own default
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

func newDraft(tool string, objects []manifests.Object, options Options) *Draft {
	return &Draft{
		Tool: tool, objects: objects, options: options, names: sets.New[string](), seen: map[reference]*manifests.Object{},
	}
}

func (d *Draft) omit(at, format string, args ...any) {
	d.Omitted = append(d.Omitted, Note{At: at, Text: text.Line(fmt.Sprintf(format, args...))})
}

// duplicate reports whether another object with the kind, namespace and name came before, and notes it.
func (d *Draft) duplicate(o *manifests.Object) bool {
	ref := reference{o.GetKind(), d.namespace(o.GetNamespace()), o.GetName()}
	if first := d.seen[ref]; first != nil && first != o && ref.name != "" {
		d.omit(origin(o), "it is among the objects twice; this one is left out")
		return true
	}
	d.seen[ref] = o
	return false
}

func (d *Draft) namespace(of string) string {
	return cmp.Or(of, d.options.Namespace, metav1.NamespaceDefault)
}

// target returns an HPA by its name, with as many replicas as a schedule can ask for.
func (d *Draft) target(namespace, name string, replicas int64) Target {
	t := Target{Namespace: d.namespace(namespace), Name: name, MinReplicas: min(replicas, schedules.MaxReplicas)}
	if namespace == "" {
		t.Notes = append(t.Notes, fmt.Sprintf("the manifest names no namespace; %s is assumed, --namespace names another", t.Namespace))
	}
	if t.Namespace == metav1.NamespaceSystem {
		t.Notes = append(t.Notes, "floorkeeper leaves HPAs in kube-system alone, unless --exclude-namespaces says otherwise")
	}
	if replicas > schedules.MaxReplicas {
		t.Notes = append(t.Notes, fmt.Sprintf("%d is more than a schedule can ask for; maxReplicas limits either", replicas))
	}
	return t
}

func (d *Draft) addWindow(e *Entry) bool { return d.add(&d.Windows, "windows", e) }

func (d *Draft) addEvent(e *Entry) bool { return d.add(&d.Events, "events", e) }

// add adds an entry under a name that is free, if the schedule's own parser accepts it, without the targets that no HPA can
// be. It reports whether it could; where not, a note gives the reason.
func (d *Draft) add(entries *[]*Entry, list string, e *Entry) bool {
	targeted := len(e.Targets) > 0
	e.Targets = slices.DeleteFunc(e.Targets, func(t Target) bool { return !d.legalTarget(e.Origin, t) })
	if targeted && len(e.Targets) == 0 {
		return false
	}
	e.Name = d.freeName(e.Name)
	w := &writer{}
	w.WriteString(header)
	w.entries(list, []*Entry{e})
	_, err := config.Parse(source.File{Name: "import", Data: []byte(w.String())})
	if problems := source.Problems(nil); errors.As(err, &problems) {
		for _, problem := range problems {
			d.omit(e.Origin, "%s", problem.Message)
		}
		return false
	}
	d.names.Insert(e.Name)
	*entries = append(*entries, e)
	return true
}

func (d *Draft) legalTarget(from string, t Target) bool {
	if len(validation.IsDNS1123Label(t.Namespace)) == 0 && len(validation.IsDNS1123Subdomain(t.Name)) == 0 {
		return true
	}
	d.omit(from, "no HPA can be named %s in the namespace %s", quote(t.Name), quote(t.Namespace))
	return false
}

func legalZone(name string) bool {
	_, err := config.ParseZone(name)
	return err == nil && len(name) <= maxText
}

// maxText is how much of a text from an object is repeated, in characters.
const maxText = 200

// clean returns a text from an object on one line, cut if it is long, and safe in a comment and on a terminal.
func clean(s string) string { return strings.TrimSpace(text.Line(text.Cut(s, maxText))) }

func quote(s string) string { return strconv.Quote(clean(s)) }

func scalar(s string) string { return source.Encode(clean(s), true) }

// parseTime reads a setting that is a time, and returns an error with what such a time is like.
func parseTime(name, layout, value, such string) (time.Time, error) {
	t, err := time.Parse(layout, value)
	if err != nil {
		err = fmt.Errorf("%s is %s, not %s", name, quote(value), such)
	}
	return t, err
}

func parseReplicas(name, value string, bits int, least int64) (int64, error) {
	n, err := strconv.ParseInt(value, 10, bits)
	if err != nil || n < least {
		return n, fmt.Errorf("%s is %s, not a number from %d on", name, quote(value), least)
	}
	return n, nil
}

// freeName returns a DNS label that is as close to the text as can be and that no entry has.
func (d *Draft) freeName(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	base := strings.Join(words, "-")
	base = cmp.Or(strings.TrimRight(base[:min(len(base), validation.DNS1123LabelMaxLength)], "-"), "imported")
	name := base
	for i := 2; d.names.Has(name); i++ {
		suffix := fmt.Sprintf("-%d", i)
		name = strings.TrimRight(base[:min(len(base), validation.DNS1123LabelMaxLength-len(suffix))], "-") + suffix
	}
	return name
}
