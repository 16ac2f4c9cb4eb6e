package status

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// statusReport is what status prints. The names of its fields in JSON are documented in docs/operations.md; a field is
// left out where it is empty or not known.
type statusReport struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	At         time.Time        `json:"at"`
	Leader     leaderReport     `json:"leader"`
	Schedule   scheduleReport   `json:"schedule"`
	FloorGuard floorGuardReport `json:"floorGuard"`
	Unknown    []string         `json:"unknown,omitempty"` // what else could not be asked, and why
	HPAs       []hpaReport      `json:"horizontalPodAutoscalers"`
	Others     int              `json:"others"` // HPAs that are not shown, because no entry covers them

	location *time.Location // to show times in
	stale    string         // since when the API server does not answer, and why; "" where it does
}

type leaderReport struct {
	Lease     string     `json:"lease"`
	Leading   bool       `json:"leading"`
	Identity  string     `json:"identity,omitempty"` // of the leader, or of the last one that did not give the Lease back
	RenewedAt *time.Time `json:"renewedAt,omitempty"`
	Limits    string     `json:"limits,omitempty"`  // of floors, as its flags
	Unknown   string     `json:"unknown,omitempty"` // why it is unknown

	ClockAheadSeconds int `json:"clockAheadSeconds,omitempty"` // of this machine before the leader
}

// The values of scheduleReport.State.
const (
	scheduleInSync  = "inSync"  // the leader runs what the ConfigMap holds
	scheduleAhead   = "ahead"   // the ConfigMap holds a valid revision that the leader does not run
	scheduleInvalid = "invalid" // the ConfigMap holds an invalid revision
	scheduleUnknown = "unknown" // one of the two is unknown
)

type scheduleReport struct {
	State          string              `json:"state"`
	LeaderRevision string              `json:"leaderRevision,omitempty"` // the first 40 digits of its SHA-256
	LeaderRefused  bool                `json:"leaderRefused,omitempty"`  // the leader has read a later revision and refused it
	ConfigMap      string              `json:"configMap"`
	Revision       string              `json:"revision,omitempty"` // the SHA-256 of what it holds
	ChangedAt      *time.Time          `json:"changedAt,omitempty"`
	Windows        int                 `json:"windows"`
	Events         int                 `json:"events"`
	Suspended      int                 `json:"suspended,omitempty"` // of both
	Problems       source.Problems     `json:"problems,omitempty"`
	Unknown        string              `json:"unknown,omitempty"` // why the ConfigMap's content is unknown
	files          []source.File       // that the problems lie in
	held           *schedules.Schedule // by the ConfigMap; nil if that is not known or invalid
	running        *schedules.Schedule // what the leader runs, as far as it is known
}

type floorGuardReport struct {
	State  string `json:"state"` // inForce, notInForce or unknown
	Reason string `json:"reason,omitempty"`
}

// The values of floorGuardReport.State.
const (
	guardInForce    = "inForce"
	guardNotInForce = "notInForce"
	guardUnknown    = "unknown"
)

type hpaReport struct {
	Namespace       string          `json:"namespace"`
	Name            string          `json:"name"`
	State           string          `json:"state"` // free, held, damaged or notFound
	Ramp            string          `json:"ramp,omitempty"`
	MinReplicas     int32           `json:"minReplicas"`
	MaxReplicas     int32           `json:"maxReplicas"`
	Baseline        *int32          `json:"baseline,omitempty"`
	Floor           int32           `json:"floor,omitempty"` // as last written, after the clamp
	Because         string          `json:"because,omitempty"`
	Since           *time.Time      `json:"since,omitempty"`
	Until           *time.Time      `json:"until,omitempty"`
	Ends            *time.Time      `json:"ends,omitempty"` // where that is later
	Next            *nextReport     `json:"next,omitempty"`
	Entries         []string        `json:"entries,omitempty"` // that select it, open or not
	DesiredReplicas int32           `json:"desiredReplicas"`   // that the HPA asks for
	CurrentReplicas int32           `json:"currentReplicas"`
	Problems        []troubleReport `json:"problems,omitempty"`
}

type troubleReport struct {
	autoscaler.Trouble
	LastAt *time.Time `json:"lastAt,omitempty"` // of what is over, and may come again
}

// The values of hpaReport.State.
const (
	stateFree     = "free"
	stateHeld     = "held"
	stateDamaged  = "damaged"
	stateNotFound = "notFound"
)

type nextReport struct {
	At          time.Time `json:"at"`
	MinReplicas int32     `json:"minReplicas"`
	Because     string    `json:"because,omitempty"` // left out where the baseline is given back
}

// clockSkew is how far two clocks may be apart without a word.
const clockSkew = 2 * time.Second

func (l leaderReport) text(now time.Time) string {
	switch {
	case l.Unknown != "" && l.Lease == "":
		return "unknown: " + l.Unknown
	case l.Unknown != "":
		return fmt.Sprintf("unknown, Lease %s: %s", l.Lease, l.Unknown)
	case l.RenewedAt == nil:
		return "no leader (the Lease was never renewed)"
	case l.Leading:
		return l.Identity + l.clock(now)
	case l.Identity == "":
		return fmt.Sprintf("no leader (the Lease was given back %s)", text.Ago(now.Sub(*l.RenewedAt)))
	case l.RenewedAt.After(now):
		return fmt.Sprintf("no leader (%s renews the Lease no longer)", l.Identity)
	default:
		return fmt.Sprintf("no leader (the Lease was last renewed %s by this machine's clock, by %s)", text.Ago(now.Sub(*l.RenewedAt)), l.Identity)
	}
}

// clock describes how this machine's clock fits to that of the leader.
func (l leaderReport) clock(now time.Time) string {
	switch ahead := l.ClockAheadSeconds; {
	case ahead > 0:
		return fmt.Sprintf("; this machine's clock is about %d s ahead", ahead)
	case ahead < 0:
		return fmt.Sprintf("; this machine's clock is about %d s behind", -ahead)
	default:
		return ", renewed " + text.Ago(now.Sub(*l.RenewedAt))
	}
}

func (s *scheduleReport) text(r *statusReport) string {
	runs := "the leader runs " + abbreviate(s.LeaderRevision)
	switch {
	case s.LeaderRevision == "":
		runs = "it is unknown which revision the leader runs"
	case !r.Leader.Leading:
		runs = "the last leader ran " + abbreviate(s.LeaderRevision)
	}
	holds := fmt.Sprintf("ConfigMap %s holds %s", s.ConfigMap, abbreviate(s.Revision))
	suspended := ""
	if s.Suspended > 0 {
		suspended = fmt.Sprintf(", %d of them suspended", s.Suspended)
	}
	entries := fmt.Sprintf(" (%s, %s%s)", text.Count(s.Windows, "window"), text.Count(s.Events, "event"), suspended)
	switch {
	case s.Unknown != "" && s.ConfigMap == "":
		return runs + "; " + s.Unknown
	case s.Unknown != "":
		return fmt.Sprintf("%s; ConfigMap %s, where it comes from: %s", runs, s.ConfigMap, s.Unknown)
	case s.State == scheduleInvalid:
		return runs + "; " + holds + ", which is INVALID" + s.refused(r) + ":"
	case s.State == scheduleInSync:
		return abbreviate(s.Revision) + ", in sync with ConfigMap " + s.ConfigMap + entries + s.refused(r)
	case s.State == scheduleAhead:
		return runs + "; " + holds + entries + ", which it has not read yet" + s.delay(r.At) + s.refused(r)
	default:
		return runs + "; " + holds + entries
	}
}

func (s *scheduleReport) refused(r *statusReport) string {
	switch {
	case s.State == scheduleInvalid && s.LeaderRefused:
		return " and was refused"
	case s.State == scheduleInvalid && r.Leader.Leading:
		return " and which it has not read yet"
	case s.LeaderRefused:
		return "; what it read last it refused, see its log"
	default:
		return ""
	}
}

func (s *scheduleReport) delay(now time.Time) string {
	const refreshed = 3 * time.Minute // by the kubelet, at the latest
	switch {
	case s.ChangedAt == nil:
		return ""
	case now.Sub(*s.ChangedAt) > refreshed:
		return fmt.Sprintf(" although it was changed %s: does it read another file? see its --schedule, or give --configmap", text.Ago(now.Sub(*s.ChangedAt)))
	default:
		return fmt.Sprintf(" (changed %s; the kubelet takes up to 2 min)", text.Ago(now.Sub(*s.ChangedAt)))
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

func (r *statusReport) clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return text.MomentAt(t.In(r.location).Truncate(time.Second), r.At)
}

func abbreviate(revision string) string { return revision[:min(12, len(revision))] }

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
	if r.Leader.Limits != "" {
		fmt.Fprintf(w, "Limits:       %s\n", text.Visible(r.Leader.Limits))
	}
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
	until := r.clock(h.Until)
	if h.Ends != nil {
		until += ", ends " + r.clock(h.Ends)
	}
	var kinds []string
	for _, problem := range h.Problems {
		kinds = append(kinds, string(problem.Kind))
	}
	return []string{
		h.Namespace, h.Name, state, fmt.Sprint(h.MinReplicas), baseline, floor, cmp.Or(h.Because, "-"), until, next,
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
