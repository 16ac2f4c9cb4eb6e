package status

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/text"
)

func (o *options) print(w io.Writer, r *statusReport) error {
	switch o.output {
	case "json":
		return cli.WriteJSON(w, r)
	case "yaml":
		return printYAML(w, r)
	default:
		above, rows, below := o.parts(r)
		_, err := io.WriteString(w, above+rows+below)
		return err
	}
}

func (o *options) parts(r *statusReport) (above, rows, below string) {
	var head, table, foot strings.Builder
	r.header(&head)
	o.table(&table, r)
	r.footer(&foot, o)
	return head.String(), table.String(), foot.String()
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

func (r *statusReport) header(w io.Writer) {
	if r.stale != "" {
		fmt.Fprintf(w, "No answer:    %s\n", text.Visible(r.stale))
	}
	fmt.Fprintf(w, "Leader:       %s\n", text.Visible(r.Leader.text(r.At)))
	fmt.Fprintf(w, "Schedule:     %s\n", text.Visible(r.Schedule.text(r)))
	if len(r.Schedule.Problems) > 0 {
		var b strings.Builder
		cli.PrintProblems(&b, r.Schedule.files, r.Schedule.Problems)
		for line := range strings.Lines(b.String()) {
			fmt.Fprintln(w, text.Visible(strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", " ")))
		}
	}
	fmt.Fprintf(w, "Floor guard:  %s\n", text.Visible(r.FloorGuard.text()))
	for _, unknown := range r.Unknown {
		fmt.Fprintf(w, "Unknown:      %s\n", text.Visible(unknown))
	}
	fmt.Fprintln(w)
}

func (o *options) table(w io.Writer, r *statusReport) {
	if len(r.HPAs) == 0 {
		return
	}
	columns := 10
	if o.output == "wide" {
		columns = 15
	}
	table := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells[:columns], "\t")) }
	row("NAMESPACE", "NAME", "STATE", "MIN", "BASELINE", "FLOOR", "BECAUSE", "UNTIL", "NEXT", "PROBLEM", "MAX", "SINCE", "DESIRED", "CURRENT", "ENTRIES")
	for _, h := range r.HPAs {
		cells := h.cells(r)
		for i := range cells {
			cells[i] = text.Visible(cells[i])
		}
		row(cells...)
	}
	_ = table.Flush() // to a buffer
}

func (h hpaReport) cells(r *statusReport) []string {
	if h.State == stateNotFound {
		return append([]string{h.Namespace, h.Name, "not found"}, slices.Repeat([]string{"-"}, 12)...)
	}
	state, baseline, floor, next := h.State, "?", "-", "-"
	if h.Ramp != "" {
		state += ", " + h.Ramp
	}
	if h.Baseline != nil {
		baseline = fmt.Sprint(*h.Baseline)
	}
	if h.State == stateHeld {
		floor = fmt.Sprint(h.Floor)
	}
	if h.Next != nil {
		next = fmt.Sprintf("%d at %s", h.Next.MinReplicas, r.clock(&h.Next.At))
		if h.Next.Because != "" && h.Next.Because != h.Because {
			next += " (" + h.Next.Because + ")"
		}
	}
	var kinds []string
	for _, problem := range h.Problems {
		kinds = append(kinds, string(problem.Kind))
	}
	return []string{
		h.Namespace, h.Name, state, fmt.Sprint(h.MinReplicas), baseline, floor, cmp.Or(h.Because, "-"), r.clock(h.Until), next,
		cmp.Or(strings.Join(kinds, ","), "-"),
		fmt.Sprint(h.MaxReplicas), r.clock(h.Since), fmt.Sprint(h.DesiredReplicas), fmt.Sprint(h.CurrentReplicas), cmp.Or(strings.Join(h.Entries, ","), "-"),
	}
}

func (r *statusReport) footer(w io.Writer, o *options) {
	gap := len(r.HPAs) > 0
	for _, h := range r.HPAs {
		for _, problem := range h.Problems {
			if gap {
				fmt.Fprintln(w)
			}
			gap = false
			kind := string(problem.Kind)
			if problem.LastAt != nil {
				kind += ", " + text.Ago(r.At.Sub(*problem.LastAt))
			}
			fmt.Fprintf(w, "%s/%s %s: %s\n", text.Visible(h.Namespace), text.Visible(h.Name), kind, text.Visible(problem.Message))
		}
	}
	where := "in namespace " + o.namespace
	if o.allNamespaces {
		where = "in any namespace"
	}
	if len(r.HPAs) == 0 {
		fmt.Fprintf(w, "No HorizontalPodAutoscaler %s is covered by the schedule or held.\n", text.Visible(where))
	}
	others := "that no entry covers"
	if r.Schedule.running == nil {
		fmt.Fprintln(w, "The schedule that the leader runs is not known, so only what the HPAs themselves show is reported: "+
			"not what comes next, and not every problem.")
		others = "without floorkeeper annotations"
	}
	if r.Others > 0 {
		fmt.Fprintf(w, "Not shown: %s %s; --all shows them.\n", text.Count(r.Others, "other HPA"), others)
	}
	if len(r.HPAs)+r.Others == 0 && !o.allNamespaces {
		fmt.Fprintln(w, "--all-namespaces shows those of all namespaces.")
	}
}
