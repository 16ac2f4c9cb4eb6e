package explain

import (
	"time"
)

type explained struct {
	At          string        `json:"at"`
	Reading     string        `json:"reading,omitempty"`
	HPA         explainedHPA  `json:"hpa"`
	MinReplicas int32         `json:"minReplicas"`
	Floor       int32         `json:"floor"`
	Entry       string        `json:"entry,omitempty"`
	Clamped     bool          `json:"clamped"`
	Claims      []jsonClaim   `json:"claims"`
	Next        []jsonNext    `json:"next"`
	Waiting     []jsonWaiting `json:"waiting"`
	Near        []string      `json:"near"`
}

type explainedHPA struct {
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	Source       string `json:"source"`
	Baseline     int32  `json:"baseline"`
	BaselineFrom string `json:"baselineFrom"`
	MinReplicas  int32  `json:"minReplicas"`
	MaxReplicas  int32  `json:"maxReplicas"`
	Refusal      string `json:"refusal,omitempty"`
}

type jsonClaim struct {
	Entry    string `json:"entry"`
	Kind     string `json:"kind"`
	Floor    int32  `json:"floor"`
	Full     int32  `json:"full"`
	Ramp     string `json:"ramp,omitempty"`
	Position string `json:"position"`
	Amount   string `json:"amount"`
	Opens    string `json:"opens"`
	From     string `json:"from"` // the full floor stands from here
	To       string `json:"to"`   // up to here
	Closes   string `json:"closes"`
	Applies  bool   `json:"applies"`
	Why      string `json:"why"`
}

type jsonNext struct {
	Time              string `json:"time"`
	MinReplicasBefore int32  `json:"minReplicasBefore"`
	MinReplicas       int32  `json:"minReplicas"`
	Steps             int    `json:"steps"`
	Until             string `json:"until"`
	Why               string `json:"why"`
}

type jsonWaiting struct {
	Entry string `json:"entry"`
	Opens string `json:"opens,omitempty"`
	Note  string `json:"note,omitempty"`
}

func (e *explanation) encoded() explained {
	state := e.look.State
	x := explained{
		At: e.stamp(e.at), Reading: e.reading,
		HPA: explainedHPA{
			Namespace: e.hpa.Namespace, Name: e.hpa.Name, Source: e.origin, Baseline: state.Baseline(), BaselineFrom: e.baseline(),
			MinReplicas: state.MinReplicas, MaxReplicas: state.MaxReplicas, Refusal: e.look.Refusal,
		},
		MinReplicas: e.look.Desired.MinReplicas, Floor: e.look.Applies.Floor, Entry: e.look.Applies.Because, Clamped: e.clamped(),
		Claims: []jsonClaim{}, Next: []jsonNext{}, Waiting: []jsonWaiting{}, Near: append([]string{}, e.near...),
	}
	for i, c := range e.claims {
		kind := e.schedule.Kind(c.Because)
		x.Claims = append(x.Claims, jsonClaim{
			Entry: c.Because, Kind: kind, Floor: c.Floor, Full: c.Full, Ramp: string(c.Ramp), Position: e.position(c), Amount: c.amount,
			Opens: e.stamp(c.span.Opens()), From: e.stamp(c.span.From), To: e.stamp(c.span.To), Closes: e.stamp(c.span.Closes()),
			Applies: i == 0 && e.look.Refusal == "" && !e.look.State.Lost(), Why: e.why(i),
		})
	}
	for i := range e.next {
		change := &e.next[i]
		x.Next = append(x.Next, jsonNext{
			e.stamp(change.After.From), change.Before.MinReplicas, change.After.MinReplicas, max(1, len(change.Steps)),
			e.stamp(change.Last()), change.Reason(e.schedule),
		})
	}
	for _, w := range e.waiting {
		x.Waiting = append(x.Waiting, jsonWaiting{w.name, e.stamp(w.opens), w.note})
	}
	return x
}

// stamp returns an instant in RFC 3339, and nothing for the zero time.
func (e *explanation) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(e.zone).Format(time.RFC3339)
}
