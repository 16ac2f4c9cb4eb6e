package status

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// statusReport is what status prints. The names of its fields in JSON are documented in docs/operations.md; a field is
// left out where it has nothing to say or is not known.
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
	Unknown   string     `json:"unknown,omitempty"` // why it is unknown
}

// The values of scheduleReport.State.
const (
	scheduleInSync  = "inSync"  // the leader runs what the ConfigMap holds
	scheduleAhead   = "ahead"   // the ConfigMap holds a valid revision that the leader does not run
	scheduleInvalid = "invalid" // the ConfigMap holds an invalid revision
	scheduleUnknown = "unknown" // one of the two is unknown
)

// scheduleReport compares the schedule that the leader runs with what the ConfigMap holds.
type scheduleReport struct {
	State          string              `json:"state"`
	LeaderRevision string              `json:"leaderRevision,omitempty"` // the first 40 digits of its SHA-256
	LeaderRefused  bool                `json:"leaderRefused,omitempty"`  // the leader has read a later revision and refused it
	ConfigMap      string              `json:"configMap"`
	Revision       string              `json:"revision,omitempty"` // the SHA-256 of what it holds
	ChangedAt      *time.Time          `json:"changedAt,omitempty"`
	Windows        int                 `json:"windows"`
	Events         int                 `json:"events"`
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
	Next            *nextReport     `json:"next,omitempty"`
	Entries         []string        `json:"entries,omitempty"` // that select it, open or not
	DesiredReplicas int32           `json:"desiredReplicas"`   // that the HPA asks for
	CurrentReplicas int32           `json:"currentReplicas"`
	Problems        []troubleReport `json:"problems,omitempty"`
}

// troubleReport is what is wrong with an HPA.
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

func (r *statusReport) missing() (names []string) {
	for _, hpa := range r.HPAs {
		if hpa.State == stateNotFound {
			names = append(names, hpa.Namespace+"/"+hpa.Name)
		}
	}
	return names
}

// clockSkew is how far two clocks may be apart without a word.
const clockSkew = 2 * time.Second

func (l leaderReport) text(now time.Time) string {
	switch {
	case l.Unknown != "":
		return fmt.Sprintf("unknown, Lease %s: %s; set --leader-election-namespace to where floorkeeper is installed", l.Lease, l.Unknown)
	case l.RenewedAt == nil:
		return "no leader (the Lease was never renewed)"
	case l.Leading && l.RenewedAt.Sub(now) > clockSkew:
		return fmt.Sprintf("%s, renewed %s ahead of this machine's clock", l.Identity, l.RenewedAt.Sub(now).Round(time.Second))
	case l.Leading:
		return l.Identity + ", renewed " + text.Ago(now.Sub(*l.RenewedAt))
	case l.Identity == "":
		return fmt.Sprintf("no leader (the Lease was given back %s)", text.Ago(now.Sub(*l.RenewedAt)))
	default:
		return fmt.Sprintf("no leader (the Lease was last renewed %s by this machine's clock, by %s)", text.Ago(now.Sub(*l.RenewedAt)), l.Identity)
	}
}

// text describes what the leader runs, and what the ConfigMap holds.
func (s *scheduleReport) text(r *statusReport) string {
	runs := "the leader runs " + abbreviate(s.LeaderRevision)
	switch {
	case s.LeaderRevision == "":
		runs = "it is unknown which revision the leader runs"
	case !r.Leader.Leading:
		runs = "the last leader ran " + abbreviate(s.LeaderRevision)
	}
	holds := fmt.Sprintf("ConfigMap %s holds %s", s.ConfigMap, abbreviate(s.Revision))
	entries := fmt.Sprintf(" (%s, %s)", text.Count(s.Windows, "window"), text.Count(s.Events, "event"))
	switch {
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

// refused describes what the leader made of a later content of the schedule.
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

// delay describes how long a revision may wait to be read.
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

// clock shows an instant to a person who reads at the time of the report.
func (r *statusReport) clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return text.MomentAt(t.In(r.location).Truncate(time.Second), r.At)
}

// abbreviate is as much of a revision as a person compares.
func abbreviate(revision string) string { return revision[:min(12, len(revision))] }
