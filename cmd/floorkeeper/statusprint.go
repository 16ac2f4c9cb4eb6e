package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// print writes a report as the options say.
func (o *statusOptions) print(w io.Writer, r *statusReport) error {
	switch o.output {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	case "yaml":
		return printYAML(w, r)
	default:
		var b strings.Builder
		r.header(&b)
		o.table(&b, r)
		r.footer(&b, o)
		_, err := io.WriteString(w, b.String())
		return err
	}
}

// printYAML writes the fields of the JSON form as YAML.
func printYAML(w io.Writer, r *statusReport) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	object := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &object.Object); err != nil {
		return err
	}
	return serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, nil, nil, serializer.SerializerOptions{Yaml: true}).Encode(object, w)
}

// header says who leads, what the leader runs and what is not known.
func (r *statusReport) header(w io.Writer) {
	fmt.Fprintf(w, "Leader:       %s\n", visible(r.Leader.text(r.At)))
	fmt.Fprintf(w, "Schedule:     %s\n", visible(r.Schedule.text(r)))
	if len(r.Schedule.problems) > 0 {
		printProblems(w, r.Schedule.files, r.Schedule.problems)
	}
	fmt.Fprintf(w, "Floor guard:  %s\n", visible(r.FloorGuard.text()))
	for _, unknown := range r.Unknown {
		fmt.Fprintf(w, "Unknown:      %s\n", visible(unknown))
	}
	fmt.Fprintln(w)
}

func (l leaderReport) text(now time.Time) string {
	switch {
	case l.Unknown != "":
		return fmt.Sprintf("unknown, Lease %s: %s; --leader-election-namespace says where floorkeeper is installed", l.Lease, l.Unknown)
	case l.Leading && now.Before(*l.RenewedAt):
		return l.Identity + ", renewed just now"
	case l.Leading:
		return fmt.Sprintf("%s, renewed %s", l.Identity, ago(now.Sub(*l.RenewedAt)))
	case l.RenewedAt == nil:
		return "no leader (the Lease was never renewed)"
	case l.Identity == "":
		return fmt.Sprintf("no leader (the Lease was given back %s)", ago(now.Sub(*l.RenewedAt)))
	default:
		return fmt.Sprintf("no leader (the Lease was last renewed %s, by %s)", ago(now.Sub(*l.RenewedAt)), l.Identity)
	}
}

// text says in one line what the leader runs, and what the ConfigMap holds.
func (s *scheduleReport) text(r *statusReport) string {
	held := fmt.Sprintf("ConfigMap %s holds %s (%s, %s)", s.ConfigMap, short(s.Revision), count(s.Windows, "window"), count(s.Events, "event"))
	runs := "the leader runs " + short(s.LeaderRevision)
	switch {
	case s.LeaderRevision == "":
		runs = "it is unknown which revision the leader runs"
	case !r.Leader.Leading:
		runs = "the last leader ran " + short(s.LeaderRevision)
	}
	switch {
	case s.Unknown != "":
		return fmt.Sprintf("%s; ConfigMap %s, where it comes from: %s", runs, s.ConfigMap, s.Unknown)
	case s.State == scheduleInvalid && s.LeaderRefused:
		return fmt.Sprintf("%s; ConfigMap %s holds %s, which is INVALID and was refused:", runs, s.ConfigMap, short(s.Revision))
	case s.State == scheduleInvalid:
		return fmt.Sprintf("%s; ConfigMap %s holds %s, which is INVALID:", runs, s.ConfigMap, short(s.Revision))
	case s.State == scheduleInSync:
		return fmt.Sprintf("%s, in sync with ConfigMap %s (%s, %s)", short(s.Revision), s.ConfigMap, count(s.Windows, "window"), count(s.Events, "event"))
	case s.State == scheduleAhead:
		return fmt.Sprintf("%s; %s, which it has not read yet%s", runs, held, s.delay(r.At))
	default:
		return runs + "; " + held
	}
}

// delay says how long a revision may wait to be read.
func (s *scheduleReport) delay(now time.Time) string {
	const refreshed = 3 * time.Minute // by the kubelet, at the latest
	switch {
	case s.ChangedAt == nil:
		return ""
	case now.Sub(*s.ChangedAt) > refreshed:
		return fmt.Sprintf(" although it was changed %s: does it read another file? see its --schedule, or give --configmap", ago(now.Sub(*s.ChangedAt)))
	default:
		return fmt.Sprintf(" (changed %s; the kubelet takes up to 2 min)", ago(now.Sub(*s.ChangedAt)))
	}
}

func (g floorGuardReport) text() string {
	switch g.State {
	case guardInForce:
		return "in force"
	case guardNotInForce:
		return "not in force: " + g.Reason
	default:
		return "unknown: " + g.Reason
	}
}

// table prints a row for each HPA.
func (o *statusOptions) table(w io.Writer, r *statusReport) {
	if len(r.HPAs) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")) }
	heads := []string{"NAMESPACE", "NAME", "STATE", "MIN", "BASELINE", "FLOOR", "BECAUSE", "UNTIL", "NEXT", "PROBLEM"}
	if o.output == "wide" {
		heads = append(heads, "MAX", "SINCE", "DESIRED", "CURRENT", "ENTRIES")
	}
	row(heads...)
	for _, h := range r.HPAs {
		cells := h.cells(r)
		if o.output == "wide" {
			cells = append(cells, h.wide(r)...)
		}
		for i := range cells {
			cells[i] = visible(cells[i])
		}
		row(cells...)
	}
	_ = table.Flush() // to a buffer
}

func (h hpaReport) cells(r *statusReport) []string {
	if h.State == stateNotFound {
		return []string{h.Namespace, h.Name, "not found", "-", "-", "-", "-", "-", "-", "-"}
	}
	state, baseline, floor, next := h.State, "?", "-", "-"
	if h.Ramp != "" {
		state += ", " + h.Ramp
	}
	if h.Baseline != nil {
		baseline = number(*h.Baseline)
	}
	if h.State == stateHeld {
		floor = number(h.Floor)
	}
	if h.Next != nil {
		next = number(h.Next.MinReplicas) + " at " + r.clock(&h.Next.At)
		if h.Next.Because != "" && h.Next.Because != h.Because {
			next += " (" + h.Next.Because + ")"
		}
	}
	kinds := make([]string, len(h.Problems))
	for i, problem := range h.Problems {
		kinds[i] = string(problem.Kind)
	}
	return []string{
		h.Namespace, h.Name, state, number(h.MinReplicas), baseline, floor, or(h.Because), r.clock(h.Until), next,
		or(strings.Join(kinds, ",")),
	}
}

func (h hpaReport) wide(r *statusReport) []string {
	if h.State == stateNotFound {
		return []string{"-", "-", "-", "-", "-"}
	}
	return []string{
		number(h.MaxReplicas), r.clock(h.Since), number(h.DesiredReplicas), number(h.CurrentReplicas), or(strings.Join(h.Entries, ",")),
	}
}

// footer explains each problem and says what is not shown.
func (r *statusReport) footer(w io.Writer, o *statusOptions) {
	gap := len(r.HPAs) > 0
	for _, h := range r.HPAs {
		for _, problem := range h.Problems {
			if gap {
				fmt.Fprintln(w)
			}
			gap = false
			fmt.Fprintf(w, "%s/%s %s: %s\n", visible(h.Namespace), visible(h.Name), visible(string(problem.Kind)), visible(problem.Message))
		}
	}
	where := "in namespace " + o.namespace
	if o.allNamespaces {
		where = "in any namespace"
	}
	if len(r.HPAs) == 0 {
		fmt.Fprintf(w, "No HorizontalPodAutoscaler %s is covered by the schedule or held.\n", visible(where))
	}
	if r.Schedule.running == nil {
		fmt.Fprintln(w, "The schedule that the leader runs is not known, so only what the HPAs themselves tell is shown: not what comes next.")
	}
	if r.Others > 0 {
		fmt.Fprintf(w, "Not shown: %s that no entry covers; --all shows them.\n", count(r.Others, "other HPA"))
	}
	if len(r.HPAs)+r.Others == 0 && !o.allNamespaces {
		fmt.Fprintln(w, "--all-namespaces shows those of all namespaces.")
	}
}

// clock shows an instant to a person who reads at the time of the report.
func (r *statusReport) clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	at, now := t.In(r.location), r.At.In(r.location)
	layout := "15:04"
	if at.Second() != 0 {
		layout = "15:04:05"
	}
	switch {
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
	case at.Sub(now).Abs() < 6*24*time.Hour:
		layout = "Mon " + layout
	default:
		layout = "2006-01-02 " + layout
	}
	return at.Format(layout + " MST")
}

// ago says how long ago something was, as exactly as a person wants to know it.
func ago(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s ago", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

// short is as much of a revision as a person compares.
func short(revision string) string { return revision[:min(12, len(revision))] }

func number(n int32) string { return strconv.Itoa(int(n)) }

// or returns a dash for nothing.
func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// visible returns text of a cluster for a terminal: on one line, without characters that steer it or hide others.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}
