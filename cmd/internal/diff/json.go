package diff

import (
	"io"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// The JSON form. Its field names are stable.
type (
	jsonReport struct {
		From     time.Time   `json:"from"`
		To       time.Time   `json:"to"`
		TimeZone string      `json:"timeZone"`
		Same     bool        `json:"same"`
		Assumed  bool        `json:"assumedHorizontalPodAutoscalers"`
		Beyond   []jsonRange `json:"beyond,omitempty"`
		Warnings []string    `json:"warnings"`
		Entries  []jsonEntry `json:"entries"`
		Floors   []jsonFloor `json:"floors"`
	}
	jsonRange struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
	}
	jsonEntry struct {
		Name        string      `json:"name"`
		Title       string      `json:"title"`
		Description string      `json:"description,omitempty"`
		Change      Kind        `json:"change"`
		Moved       string      `json:"moved,omitempty"`
		Like        string      `json:"like,omitempty"`
		Fields      []jsonField `json:"fields"`
	}
	jsonField struct {
		Name string `json:"name"`
		Old  string `json:"old"`
		New  string `json:"new"`
	}
	jsonFloor struct {
		From    time.Time      `json:"from"`
		To      time.Time      `json:"to"`
		Times   int            `json:"times"`
		Last    time.Time      `json:"last"`
		Dates   []string       `json:"dates"` // on which it begins
		Old     string         `json:"oldEntry"`
		New     string         `json:"newEntry"`
		OldRamp schedules.Ramp `json:"oldRamp"` // climbing, descending or ""
		NewRamp schedules.Ramp `json:"newRamp"`
		HPAs    []jsonEffect   `json:"horizontalPodAutoscalers"`
	}
	jsonEffect struct {
		Namespace string       `json:"namespace"`
		Name      string       `json:"name"`
		Old       jsonReplicas `json:"oldMinReplicas"`
		New       jsonReplicas `json:"newMinReplicas"`
	}
	jsonReplicas struct {
		Least int32 `json:"least"`
		Most  int32 `json:"most"`
		Asked int32 `json:"clampedFrom,omitempty"` // the floor above maxReplicas
	}
)

// JSON prints the report for programs, with every HPA of every change.
func (r Report) JSON(w io.Writer) error {
	out := jsonReport{
		From: r.From, To: r.To, TimeZone: r.From.Location().String(), Same: r.Same(), Assumed: r.Assumed,
		Warnings: append([]string{}, r.Warnings...), Entries: []jsonEntry{}, Floors: []jsonFloor{},
	}
	for _, beyond := range r.Beyond {
		out.Beyond = append(out.Beyond, jsonRange(beyond))
	}
	for _, e := range r.Entries {
		entry := jsonEntry{e.Name, e.Title, e.Description, e.Kind, e.Moved, e.Like, []jsonField{}}
		for _, f := range e.Fields {
			entry.Fields = append(entry.Fields, jsonField(f))
		}
		out.Entries = append(out.Entries, entry)
	}
	for _, f := range r.Floors {
		floor := jsonFloor{From: f.From, To: f.To, Times: f.Times, Last: f.Last, Old: f.Old, New: f.New, OldRamp: f.OldRamp, NewRamp: f.NewRamp}
		for _, d := range f.Dates {
			floor.Dates = append(floor.Dates, d.String())
		}
		for _, hpa := range f.HPAs {
			floor.HPAs = append(floor.HPAs, jsonEffect{hpa.Namespace, hpa.Name, hpa.Old.json(), hpa.New.json()})
		}
		out.Floors = append(out.Floors, floor)
	}
	return cli.WriteJSON(w, out)
}

func (r Replicas) json() jsonReplicas { return jsonReplicas{r.least(), r.most(), r.Asked} }
