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
// problems call it; "" stands for the flags that give the fields one by one.
type Target struct{ Namespace, Name, Selector, MinReplicas, Flag string }

// EventProblems are what is wrong with a new event, as opposed to the file that it is for. Their File is the flag of
// floorkeeper event add that gives the value, or that command.
type EventProblems struct{ source.Problems }

// inFlags returns problems in the words of the command line.
func inFlags(problems source.Problems) EventProblems {
	for i := range problems {
		if problems[i].Rule == config.RuleMissingZone {
			problems[i].Message = "the file has no timeZone, so that the event needs one: --time-zone Europe/Paris"
		}
	}
	return EventProblems{problems}
}

// precision returns what the start of an event that starts now is rounded down to: one that is short would be half over.
func (e *Event) precision() time.Duration {
	const short = 10 * time.Minute
	if d, err := config.ParseDuration(e.Duration); err == nil && d < short {
		return time.Second
	}
	return time.Minute
}

// draft returns the event as a value of a document, in the order in which its fields are written.
func (e *Event) draft(out *source.Collector) *source.Node {
	d := drafting{&source.Node{Kind: source.Mapping, Place: source.Place{File: "event add"}}}
	d.text("name", "--name", e.Name)
	d.text("description", "--description", e.Description)
	checkDescription(e.Description, out)
	if e.Suspend {
		d.plain("suspend", "--suspend", "true")
	}
	d.text("timeZone", "--time-zone", e.TimeZone)
	d.text("start", "--start", e.Start)
	d.text("end", "--end", e.End)
	d.plain("duration", "--duration", e.Duration)
	d.plain("leadTime", "--lead-time", e.LeadTime)
	d.plain("rampUp", "--ramp-up", e.RampUp)
	d.plain("rampDown", "--ramp-down", e.RampDown)
	d.plain("multiplier", "--multiplier", e.Multiplier)
	targets := &source.Node{Kind: source.List, Place: source.Place{File: "--target"}}
	for i := range e.Targets {
		targets.Items = append(targets.Items, e.Targets[i].draft(out))
	}
	if len(targets.Items) > 0 {
		d.put("targets", targets)
	}
	return d.Node
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

func (t *Target) draft(out *source.Collector) *source.Node {
	flag := func(name string) string { return cmp.Or(t.Flag, name) }
	d := drafting{&source.Node{Kind: source.Mapping, Place: source.Place{File: flag("--namespace")}}}
	d.text("namespace", flag("--namespace"), t.Namespace)
	d.text("name", flag("--hpa"), t.Name)
	if t.Selector != "" {
		d.put("selector", draftSelector(t.Selector, flag("--selector"), out))
	}
	d.plain("minReplicas", flag("--min-replicas"), t.MinReplicas)
	return d.Node
}

// draftSelector returns a selector as a value of a document.
func draftSelector(text, flag string, out *source.Collector) *source.Node {
	selector, err := metav1.ParseToLabelSelector(text)
	if err != nil {
		out.AddAt(source.Place{File: flag}, config.RuleLabel, source.Quote(text)+" is not a label selector as kubectl takes it, such as "+
			"tier=front,track!=canary or 'tier in (front,back)'")
		selector = &metav1.LabelSelector{MatchLabels: map[string]string{"x": "x"}} // one problem is enough
	} else if key := givenTwice(text); key != "" {
		out.AddAt(source.Place{File: flag}, config.RuleLabel, "the label "+source.Cut(key)+" is given twice, and has but one value; give it once")
	}
	d := drafting{&source.Node{Kind: source.Mapping, Place: source.Place{File: flag}}}
	labels := drafting{&source.Node{Kind: source.Mapping, Place: source.Place{File: flag}}}
	for _, key := range slices.Sorted(maps.Keys(selector.MatchLabels)) {
		labels.put(key, &source.Node{Text: selector.MatchLabels[key], Place: source.Place{File: flag}})
	}
	if len(labels.Fields) > 0 {
		d.put("matchLabels", labels.Node)
	}
	expressions := &source.Node{Kind: source.List, Place: source.Place{File: flag}}
	for _, requirement := range selector.MatchExpressions {
		expressions.Items = append(expressions.Items, draftExpression(requirement, flag))
	}
	if len(expressions.Items) > 0 {
		d.put("matchExpressions", expressions)
	}
	return d.Node
}

// givenTwice returns a label that a selector wants to be equal to two values, of which one would be lost, and "" where
// there is none.
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

func draftExpression(requirement metav1.LabelSelectorRequirement, flag string) *source.Node {
	e := drafting{&source.Node{Kind: source.Mapping, Place: source.Place{File: flag}}}
	e.text("key", flag, requirement.Key)
	e.text("operator", flag, string(requirement.Operator))
	values := &source.Node{Kind: source.List, Place: source.Place{File: flag}}
	for _, value := range requirement.Values {
		values.Items = append(values.Items, &source.Node{Text: value, Place: source.Place{File: flag}})
	}
	if len(values.Items) > 0 {
		e.put("values", values)
	}
	return e.Node
}

// drafting writes the fields of a mapping.
type drafting struct{ *source.Node }

func (d drafting) put(name string, value *source.Node) {
	d.Fields = append(d.Fields, source.Field{Name: &source.Node{Text: name, Plain: true, Place: value.Place}, Value: value})
}

// text writes a field whose value is in quotes where it would not be text without.
func (d drafting) text(name, flag, value string) {
	if value != "" {
		d.put(name, &source.Node{Text: value, Place: source.Place{File: flag}})
	}
}

// plain writes a field whose value never needs quotes.
func (d drafting) plain(name, flag, value string) {
	if value != "" {
		d.put(name, &source.Node{Text: value, Plain: true, Place: source.Place{File: flag}})
	}
}

// wallClock writes an instant, whole seconds only, as the start of an event: on the wall clock of the zone, or with an
// offset where the clock shows that time twice and a reader would take it for the other one.
func wallClock(now time.Time, location *time.Location) string {
	layout := "2006-01-02T15:04"
	if now.Second() > 0 {
		layout += ":05"
	}
	if location == nil {
		return now.UTC().Format(time.RFC3339)
	}
	text := now.In(location).Format(layout)
	if read, err := config.ParseTime(text, location); err != nil || !read.Equal(now) {
		return now.In(location).Format(time.RFC3339)
	}
	return text
}
