package edit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// Event is an event that is to be added to a file. Each field is written as in a schedule; "" is not given. Start
// may also be "now".
type Event struct {
	Name, Description              string
	Suspend                        bool
	TimeZone, Start, End, Duration string
	LeadTime, RampUp, RampDown     string
	Multiplier                     string
	Targets                        []Target
}

// Target is a target of a new event. Selector is written as kubectl takes it: tier=front,track!=canary. Flag is how
// problems call it; "" means the flags that give the fields one by one.
type Target struct{ Namespace, Name, Selector, MinReplicas, Flag string }

// EventProblems are what is wrong with a new event, as opposed to the file that it is for. Their File is the flag of
// floorkeeper event add that gives the value, or that command.
type EventProblems struct{ source.Problems }

// node returns the event as a value of a document, with its fields in the order in which they are written.
func (e *Event) node(out *source.Collector) *source.Node {
	checkDescription(e.Description, out)
	suspend := ""
	if e.Suspend {
		suspend = "true"
	}
	return mapping("event add",
		field{"name", word("--name", e.Name)},
		field{"description", word("--description", e.Description)},
		field{"suspend", plain("--suspend", suspend)},
		field{"timeZone", word("--time-zone", e.TimeZone)},
		field{"start", word("--start", e.Start)},
		field{"end", word("--end", e.End)},
		field{"duration", plain("--duration", e.Duration)},
		field{"leadTime", plain("--lead-time", e.LeadTime)},
		field{"rampUp", plain("--ramp-up", e.RampUp)},
		field{"rampDown", plain("--ramp-down", e.RampDown)},
		field{"multiplier", plain("--multiplier", e.Multiplier)},
		field{"targets", list("--target", e.Targets, func(t Target) *source.Node { return t.node(out) })},
	)
}

// checkDescription reports the first character that no file can hold. What an escape can write is not refused here.
func checkDescription(text string, out *source.Collector) {
	for i, r := range text {
		switch rule, message := source.CheckRune(r, []byte(text[i:])); {
		case rule == source.RuleInvalidUTF8:
			message = fmt.Sprintf("the byte 0x%02X is not valid UTF-8 here; write the text as UTF-8", text[i])
			fallthrough
		case r == '\ufeff', r == '\ufffe', r == '\uffff':
			out.AddAt(source.Place{File: "--description"}, rule, message)
			return
		}
	}
}

func (t Target) node(out *source.Collector) *source.Node {
	flag := func(name string) string { return cmp.Or(t.Flag, name) }
	return mapping(flag("--namespace"),
		field{"namespace", word(flag("--namespace"), t.Namespace)},
		field{"name", word(flag("--hpa"), t.Name)},
		field{"selector", selector(flag("--selector"), t.Selector, out)},
		field{"minReplicas", plain(flag("--min-replicas"), t.MinReplicas)},
	)
}

// selector returns a selector, given as kubectl takes it, as a value of a document.
func selector(flag, given string, out *source.Collector) *source.Node {
	if given == "" {
		return nil
	}
	at := source.Place{File: flag}
	parsed, err := metav1.ParseToLabelSelector(given)
	if err != nil {
		out.AddAt(at, config.RuleLabel, source.Quote(given)+" is not a label selector as kubectl takes it, such as "+
			"tier=front,track!=canary or 'tier in (front,back)'")
		parsed = &metav1.LabelSelector{MatchLabels: map[string]string{"x": "x"}} // one problem is enough
	} else if key := givenTwice(given); key != "" {
		out.AddAt(at, config.RuleLabel, "the label "+source.Cut(key)+" is given twice, and has but one value; give it once")
	}
	var pairs []field
	for _, key := range slices.Sorted(maps.Keys(parsed.MatchLabels)) {
		pairs = append(pairs, field{key, value(flag, parsed.MatchLabels[key])})
	}
	var matchLabels *source.Node
	if len(pairs) > 0 {
		matchLabels = mapping(flag, pairs...)
	}
	expressions := list(flag, parsed.MatchExpressions, func(r metav1.LabelSelectorRequirement) *source.Node {
		return mapping(flag,
			field{"key", word(flag, r.Key)},
			field{"operator", word(flag, string(r.Operator))},
			field{"values", list(flag, r.Values, func(v string) *source.Node { return value(flag, v) })},
		)
	})
	return mapping(flag, field{"matchLabels", matchLabels}, field{"matchExpressions", expressions})
}

// givenTwice returns a label key with two equality requirements, one of which would be lost, and "" if there is none.
func givenTwice(selector string) string {
	requirements, _ := labels.ParseToRequirements(selector)
	seen := map[string]bool{}
	for _, r := range requirements {
		if equal := r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals; equal && seen[r.Key()] {
			return r.Key()
		} else if equal {
			seen[r.Key()] = true
		}
	}
	return ""
}

// shown returns what the clock of a zone shows, seconds only where there are some.
func shown(at time.Time, location *time.Location) string {
	layout := "2006-01-02T15:04"
	if at.Second() > 0 {
		layout += ":05"
	}
	return at.In(location).Format(layout)
}

// wallClock writes an instant, whole seconds only, as the start of an event: on the wall clock of the zone, or with an
// offset where the clock shows that time twice and a reader would take it for the other one.
func wallClock(now time.Time, location *time.Location) string {
	if location == nil {
		return now.UTC().Format(time.RFC3339)
	}
	text := shown(now, location)
	if read, err := config.ParseTime(text, location); err != nil || !read.Equal(now) {
		return now.In(location).Format(time.RFC3339)
	}
	return text
}

// field is a field of a mapping that is made up. It is left out where it has no value.
type field struct {
	name  string
	value *source.Node
}

func mapping(flag string, fields ...field) *source.Node {
	n := &source.Node{Kind: source.Mapping, Place: source.Place{File: flag}}
	for _, f := range fields {
		if f.value != nil {
			name := &source.Node{Text: f.name, Plain: true, Place: f.value.Place}
			n.Fields = append(n.Fields, source.Field{Name: name, Value: f.value})
		}
	}
	return n
}

// list returns a list of what node makes of the items, and nil where there are none.
func list[T any](flag string, items []T, node func(T) *source.Node) *source.Node {
	if len(items) == 0 {
		return nil
	}
	n := &source.Node{Kind: source.List, Place: source.Place{File: flag}}
	for _, item := range items {
		n.Items = append(n.Items, node(item))
	}
	return n
}

func value(flag, given string) *source.Node {
	return &source.Node{Text: given, Place: source.Place{File: flag}}
}

// word returns a value that is in quotes where it would not be text without, and nil for "".
func word(flag, given string) *source.Node {
	if given == "" {
		return nil
	}
	return value(flag, given)
}

// plain returns a value that never needs quotes, and nil for "".
func plain(flag, given string) *source.Node {
	n := word(flag, given)
	if n != nil {
		n.Plain = true
	}
	return n
}
