package status

import (
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
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
	Problems       []problemReport     `json:"problems,omitempty"`
	Unknown        string              `json:"unknown,omitempty"` // why the ConfigMap's content is unknown
	files          []config.File       // that the problems lie in
	problems       config.Problems     // as the parser made them
	held           *schedules.Schedule // by the ConfigMap; nil if that is not known or invalid
	running        *schedules.Schedule // what the leader runs, as far as it is known
}

type problemReport struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Rule    string `json:"rule"`
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
