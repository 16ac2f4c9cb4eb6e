package plan

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// jsonFields describes -o json in the help of the command.
const jsonFields = `from, to, timeZone, now   of the plan; all times are RFC 3339 in timeZone
assumed                   true: the HPAs are placeholders for the schedule's targets
hpas[]                    namespace, name, baseline, maxReplicas, refusal (why no entry may cover it), and
                          what is in effect at the beginning: minReplicas, floor, entry, ramp
changes[]                 in the order of time: time, namespace, name, baseline, verb (raise, lower, release,
                          hold, stay), minReplicasBefore, minReplicas, floor (what is asked for), entry,
                          entryBefore, ramp (climbing, descending), clamped (true: the floor is not reached) and
                          clampedBy (maxReplicas, annotation, max-floor, max-floor-factor)
findings[]                severity (warning, note), kind (the rule), entry, namespace and name (of the first HPA), hpas
                          (100 at most), count (of HPAs, or of dates), times (how often in the range), time (the
                          first), message; of a rule with very many entries the last has their number in entries
sums                      added over the baselines at the peak: total and namespaces[], each of pods, cpu,
                          memory with sum (CPU in cores, memory in bytes) and time; unknown[], exceeded[]
What does not apply is left out.`

type jsonHPA struct {
	jsonName
	MaxReplicas int32  `json:"maxReplicas,omitempty"`
	Refusal     string `json:"refusal,omitempty"`
	MinReplicas int32  `json:"minReplicas"`
	Floor       int32  `json:"floor"`
	Entry       string `json:"entry,omitempty"`
	Ramp        string `json:"ramp,omitempty"`
}

type jsonName struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Baseline  int32  `json:"baseline"`
}

type jsonChange struct {
	Verb              string `json:"verb"`
	MinReplicasBefore int32  `json:"minReplicasBefore"`
	MinReplicas       int32  `json:"minReplicas"`
	Floor             int32  `json:"floor"`
	Entry             string `json:"entry,omitempty"`
	EntryBefore       string `json:"entryBefore,omitempty"`
	Ramp              string `json:"ramp,omitempty"`
	Clamped           bool   `json:"clamped,omitempty"`

	ClampedBy autoscaler.Limiter `json:"clampedBy,omitempty"`
}

type jsonFinding struct {
	Severity  forecast.Severity `json:"severity"`
	Kind      forecast.Rule     `json:"kind"`
	Entry     string            `json:"entry,omitempty"`
	Namespace string            `json:"namespace,omitempty"` // of the first HPA
	Name      string            `json:"name,omitempty"`
	HPAs      []string          `json:"hpas,omitempty"` // the first of them, as NAMESPACE/NAME
	Count     int               `json:"count"`          // of findings that are alike: HPAs, or dates
	Times     int               `json:"times"`          // how often it is so
	Entries   int               `json:"entries,omitempty"`
	Time      string            `json:"time,omitempty"`
	Message   string            `json:"message"`
}

type jsonSums struct {
	Total      jsonLoad    `json:"total"`
	Namespaces []jsonLoad  `json:"namespaces"`
	Unknown    []string    `json:"unknown"`  // HPAs whose Pods are not known, as NAMESPACE/NAME
	Exceeded   []jsonQuota `json:"exceeded"` // limits that cannot hold what is added
	Notes      []string    `json:"notes"`
}

type jsonLoad struct {
	Namespace string   `json:"namespace,omitempty"`
	Pods      jsonPeak `json:"pods"`
	CPU       jsonPeak `json:"cpu"`
	Memory    jsonPeak `json:"memory"`
}

type jsonPeak struct {
	Sum  float64 `json:"sum"`
	Time string  `json:"time,omitempty"`
}

type jsonQuota struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Resource  string `json:"resource"`
	Hard      string `json:"hard"`
	Used      string `json:"used"`
	Added     string `json:"added"` // to what is used, which holds the floors in effect
}

// JSON writes the plan for programs: an object with a line for each field, and for each element of a list.
func (p *Plan) JSON(w io.Writer) error {
	out := bufio.NewWriterSize(w, pieces)
	field := func(name string, value any) { fmt.Fprintf(out, "%q: %s,\n", name, encoded(value)) }
	list := func(name string, lines iter.Seq[[]byte]) {
		separator := "\n"
		fmt.Fprintf(out, "%q: [", name)
		for line := range lines {
			out.WriteString(separator)
			out.Write(line)
			separator = ",\n"
		}
		fmt.Fprint(out, "\n],\n")
	}
	fmt.Fprintln(out, "{")
	field("from", p.stamp(p.Forecast.From))
	field("to", p.stamp(p.Forecast.To))
	field("timeZone", p.Zone.String())
	field("now", p.stamp(p.Now))
	field("assumed", p.assumed)
	hpas := p.jsonHPAs()
	list("hpas", encodedEach(hpas))
	list("changes", p.jsonChanges(hpas))
	list("findings", encodedEach(p.jsonFindings()))
	fmt.Fprintf(out, "\"sums\": %s\n}\n", encoded(p.jsonSums()))
	return out.Flush()
}

func encoded(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // values are made of text and numbers
	}
	return data
}

func encodedEach[T any](values []T) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, value := range values {
			if !yield(encoded(value)) {
				return
			}
		}
	}
}

// stamp returns an instant in RFC 3339, and "" for none.
func (p *Plan) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Zone).Format(time.RFC3339Nano)
}

func (p *Plan) jsonHPAs() []jsonHPA {
	hpas := make([]jsonHPA, len(p.Forecast.Outlooks))
	for i := range hpas {
		o := &p.Forecast.Outlooks[i]
		first := o.Stretch(0)
		hpa := jsonHPA{jsonName: jsonName{o.HPA.Namespace, o.HPA.Name, o.State.Baseline()}, Refusal: o.Refusal, MinReplicas: first.MinReplicas}
		if !p.assumed {
			hpa.MaxReplicas = o.State.MaxReplicas
		}
		if o.Refusal == "" {
			hpa.Floor, hpa.Entry, hpa.Ramp = first.Floor, first.Because, string(first.Ramp)
		}
		hpas[i] = hpa
	}
	return hpas
}

// jsonChanges yields the changes, and encodes once what many have in common: a year of 1,000 HPAs can have millions.
func (p *Plan) jsonChanges(hpas []jsonHPA) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		names, changes, line := make([][]byte, len(hpas)), make(map[int32][]byte), []byte(nil)
		for i := range hpas {
			names[i] = encoded(hpas[i].jsonName)
		}
		steps := p.timetable(true, p.Forecast.To)
		for _, at := range steps.instants {
			stamp := `{"time":"` + p.stamp(time.Unix(0, at)) + `",`
			for _, place := range steps.at[at] {
				if c := &steps.rows[place.row].change; changes[place.row] == nil {
					changes[place.row] = encoded(jsonChange{
						string(c.Verb()), c.Before.MinReplicas, c.After.MinReplicas, c.After.Floor, c.After.Because, c.Before.Because,
						string(c.After.Ramp), c.Clamped(), clampedBy(c),
					})
				}
				name := names[place.hpa]
				line = append(append(line[:0], stamp...), name[1:len(name)-1]...)
				if line = append(append(line, ','), changes[place.row][1:]...); !yield(line) {
					return
				}
			}
		}
	}
}

func clampedBy(c *forecast.Change) autoscaler.Limiter {
	if !c.Clamped() {
		return ""
	}
	return c.State.Ceiling().By
}

func (p *Plan) jsonFindings() []jsonFinding {
	var findings []jsonFinding
	for _, g := range forecast.Sorted(p.findings.Groups(forecast.ForPrograms)) {
		finding := jsonFinding{
			Severity: g.Severity, Kind: g.Rule, Entry: g.Entry, Time: p.stamp(g.From), Message: g.Message, Count: g.Count, Times: g.Times, Entries: g.Further,
		}
		if g.Further > 0 {
			finding.Entry, finding.Message = "", p.findings.Sentence(g, p.Forecast.From, forecast.Style{Few: few})
		}
		if g.HPA != nil && g.Further == 0 {
			finding.Namespace, finding.Name, finding.HPAs = g.HPA.Namespace, g.HPA.Name, g.Names()
		}
		findings = append(findings, finding)
	}
	return findings
}

// jsonSums returns the sums, and nil for placeholders.
func (p *Plan) jsonSums() *jsonSums {
	s := p.sums
	if s == nil {
		return nil
	}
	shown := &jsonSums{p.jsonLoad(s.Total), []jsonLoad{}, append([]string{}, s.Unknown...), []jsonQuota{}, append([]string{}, s.Notes...)}
	for _, l := range s.Namespaces {
		shown.Namespaces = append(shown.Namespaces, p.jsonLoad(l))
	}
	for _, q := range s.Quotas {
		shown.Exceeded = append(shown.Exceeded, jsonQuota{q.Namespace, q.Name, string(q.Resource), q.Hard.String(), q.Used.String(), q.Added.String()})
	}
	return shown
}

func (p *Plan) jsonLoad(l *sums.Load) jsonLoad {
	peak := func(i int, unit float64) jsonPeak { return jsonPeak{float64(l.Peak[i]) / unit, p.stamp(l.At[i])} }
	return jsonLoad{l.Namespace, peak(sums.Pods, 1), peak(sums.CPU, 1000), peak(sums.Memory, 1)}
}
