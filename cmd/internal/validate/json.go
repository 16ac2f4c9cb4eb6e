package validate

import (
	"io"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// document is what validate writes as JSON. Its fields are stable.
type document struct {
	Valid      bool              `json:"valid"`
	Files      []content         `json:"files"`
	Problems   []documentProblem `json:"problems"`
	NotChecked []string          `json:"notChecked"` // rules that were not checked in full, for lack of HPAs
}

type documentProblem struct {
	Severity string   `json:"severity"`
	Rule     string   `json:"rule"`
	Message  string   `json:"message"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Entry    string   `json:"entry,omitempty"`
	HPAs     []string `json:"hpas,omitempty"`
}

func (r *report) writeJSON(w io.Writer) error {
	contents, err := r.contents()
	if err != nil {
		return err
	}
	d := document{
		Valid: r.Schedule != nil, Files: append([]content{}, contents...), Problems: []documentProblem{}, NotChecked: []string{},
	}
	for _, found := range r.diagnostics {
		d.Problems = append(d.Problems, documentProblem{
			found.Severity.String(), found.Rule, found.Message, found.File, found.Line, found.Column, found.entry, found.hpas,
		})
	}
	switch {
	case r.unchecked:
		d.NotChecked = needHPAs()
	case r.elsewhere != "":
		d.NotChecked = []string{string(forecast.MatchesNothing)}
	}
	return cli.WriteJSON(w, d)
}
