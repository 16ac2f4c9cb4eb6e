package plan

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// JSONFields describes what JSON writes, for people who read it with a program.
const JSONFields = `from, to, timeZone, now   of the plan; all times are RFC 3339 in timeZone
assumed                   true: the HPAs stand for the schedule's targets
hpas[]                    namespace, name, baseline, maxReplicas, refusal (why no entry may cover it), and
                          what stands at the beginning: minReplicas, floor, entry, ramp
changes[]                 in the order of time: time, namespace, name, baseline, verb (raise, lower, release,
                          hold, stay), minReplicasBefore, minReplicas, floor (what is asked for), entry,
                          entryBefore, ramp (climbing, descending), clamped (true: maxReplicas < floor)
findings[]                severity (warning, note), kind, entry, namespace, name, time, message
sums                      added over the baselines at the peak: total and namespaces[], each of pods, cpu,
                          memory with sum (CPU in cores, memory in bytes) and time; unknown[], exceeded[]
What does not apply is left out.`

// JSON writes the plan for programs; see JSONFields.
func (p *Plan) JSON(w io.Writer) error {
	l := &lines{w: w}
	l.buf = append(l.buf, "{\n"...)
	l.field("from", p.stamp(p.Forecast.From))
	l.field("to", p.stamp(p.Forecast.To))
	l.field("timeZone", p.Zone.String())
	l.field("now", p.stamp(p.Now))
	l.field("assumed", p.Assumed)
	prefixes := p.jsonHPAs(l)
	p.jsonChanges(l, prefixes)
	l.list("findings", len(p.Findings), func(i int) { l.value(p.jsonFinding(p.Findings[i])) })
	l.buf = append(l.buf, "\"sums\": "...)
	l.value(p.jsonSums())
	l.text("\n}")
	l.flush(0)
	return l.err
}

// stamp returns an instant in RFC 3339.
func (p *Plan) stamp(t time.Time) string { return t.In(p.Zone).Format(time.RFC3339Nano) }

// value appends a value that json can encode: those here are made of text and numbers.
func (l *lines) value(v any) {
	encoded, err := json.Marshal(v)
	if l.err == nil {
		l.err = err
	}
	l.buf = append(l.buf, encoded...)
}

func (l *lines) field(name string, v any) {
	l.value(name)
	l.buf = append(l.buf, ": "...)
	l.value(v)
	l.buf = append(l.buf, ",\n"...)
}

// list appends a list with a line for each of n.
func (l *lines) list(name string, n int, write func(i int)) {
	l.value(name)
	l.buf = append(l.buf, ": ["...)
	for i := range n {
		if i > 0 {
			l.buf = append(l.buf, ',')
		}
		l.buf = append(l.buf, '\n')
		write(i)
		l.flush(full)
	}
	l.buf = append(l.buf, "\n],\n"...)
}

type jsonHPA struct {
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	Baseline    int32  `json:"baseline"`
	MaxReplicas int32  `json:"maxReplicas,omitempty"`
	Refusal     string `json:"refusal,omitempty"`
	MinReplicas int32  `json:"minReplicas"`
	Floor       int32  `json:"floor"`
	Entry       string `json:"entry,omitempty"`
	Ramp        string `json:"ramp,omitempty"`
}

// jsonHPAs appends the HPAs and returns, for each, the fields that are in all of its changes.
func (p *Plan) jsonHPAs(l *lines) []string {
	prefixes := make([]string, len(p.Forecast.Outlooks))
	l.list("hpas", len(prefixes), func(i int) {
		o := &p.Forecast.Outlooks[i]
		hpa := jsonHPA{Namespace: o.HPA.Namespace, Name: o.HPA.Name, Baseline: o.State.Baseline(), Refusal: o.Refusal}
		name, _ := json.Marshal(struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
			Baseline  int32  `json:"baseline"`
		}{hpa.Namespace, hpa.Name, hpa.Baseline})
		prefixes[i] = string(name[1 : len(name)-1])
		if !p.Assumed {
			hpa.MaxReplicas = o.State.MaxReplicas
		}
		first := o.Stretch(0)
		if hpa.MinReplicas = first.MinReplicas; o.Refusal == "" {
			hpa.Floor, hpa.Entry, hpa.Ramp = first.Floor, first.Because, string(first.Ramp)
		}
		l.value(hpa)
	})
	return prefixes
}

// jsonChanges appends the changes. Names of entries, verbs and ramps need no escaping.
func (p *Plan) jsonChanges(l *lines, prefixes []string) {
	l.buf = append(l.buf, "\"changes\": ["...)
	stamp := []byte(nil)
	comma := "\n{\"time\":\""
	for i, at := range p.steps.Instants {
		stamp = time.Unix(0, at).In(p.Zone).AppendFormat(stamp[:0], time.RFC3339Nano)
		for _, change := range p.steps.At(i) {
			l.buf = append(append(append(l.buf, comma...), stamp...), "\","...)
			l.buf = append(l.buf, prefixes[change.HPA]...)
			step := p.Forecast.Outlooks[change.HPA].Step(int(change.Index))
			l.jsonChange(&step)
			l.flush(full)
			comma = ",\n{\"time\":\""
		}
	}
	l.buf = append(l.buf, "\n],\n"...)
}

func (l *lines) jsonChange(c *forecast.Change) {
	l.jsonText("verb", string(c.Verb()))
	l.jsonNumber("minReplicasBefore", c.Before.MinReplicas)
	l.jsonNumber("minReplicas", c.After.MinReplicas)
	l.jsonNumber("floor", c.After.Floor)
	l.jsonText("entry", c.After.Because)
	l.jsonText("entryBefore", c.Before.Because)
	l.jsonText("ramp", string(c.After.Ramp))
	if c.Clamped() {
		l.buf = append(l.buf, ",\"clamped\":true"...)
	}
	l.buf = append(l.buf, '}')
}

func (l *lines) jsonText(name, value string) {
	if value != "" {
		l.buf = append(append(append(append(append(l.buf, ",\""...), name...), "\":\""...), value...), '"')
	}
}

func (l *lines) jsonNumber(name string, value int32) {
	l.buf = append(append(append(l.buf, ",\""...), name...), "\":"...)
	l.buf = strconv.AppendInt(l.buf, int64(value), 10)
}

type jsonFinding struct {
	Severity  string               `json:"severity"`
	Kind      forecast.FindingKind `json:"kind"`
	Entry     string               `json:"entry,omitempty"`
	Namespace string               `json:"namespace,omitempty"`
	Name      string               `json:"name,omitempty"`
	Time      string               `json:"time,omitempty"`
	Message   string               `json:"message"`
}

func (p *Plan) jsonFinding(f forecast.Finding) jsonFinding {
	shown := jsonFinding{Severity: "note", Kind: f.Kind, Entry: f.Entry, Message: f.Message}
	if f.Warning() {
		shown.Severity = "warning"
	}
	if f.HPA != nil {
		shown.Namespace, shown.Name = f.HPA.Namespace, f.HPA.Name
	}
	if !f.From.IsZero() {
		shown.Time = p.stamp(f.From)
	}
	return shown
}
