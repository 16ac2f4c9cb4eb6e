package validate

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

type diagnostic struct {
	source.Problem
	entry   string
	hpas    []string // the first of them, as NAMESPACE/NAME
	count   int      // of findings that are alike
	entries int      // how many further entries it is about
}

type report struct {
	cli.ScheduleSource
	diagnostics []diagnostic
	unchecked   bool   // what needs HPAs was not checked
	elsewhere   string // which entries were not checked in full, as a line
}

func (r *report) addFindings(v *cli.Preview, most int) {
	r.unchecked = v.Snapshot == nil && len(r.Schedule.Names()) > 0
	r.elsewhere = cli.Unchecked(v.Forecast)
	if v.Snapshot != nil {
		for _, problem := range v.Snapshot.Problems {
			r.diagnostics = append(r.diagnostics, diagnostic{Problem: problem})
		}
	}
	findings := v.Forecast.Findings()
	for _, group := range findings.Groups(cmp.Or(most, forecast.ForPeople)) {
		r.diagnostics = append(r.diagnostics, newDiagnostic(v, findings, group))
	}
	for _, note := range v.UnusedComments() {
		r.diagnostics = append(r.diagnostics, diagnostic{Problem: note})
	}
	slices.SortStableFunc(r.diagnostics, func(a, b diagnostic) int {
		return a.Compare(b.Place)
	})
}

func (r *report) problems() source.Problems {
	var problems source.Problems
	for _, d := range r.diagnostics {
		problems = append(problems, d.Problem)
	}
	return problems
}

// write writes the report in a format. What was not checked goes to standard error, whatever the format.
func (r *report) write(format string, stdout, stderr io.Writer) (err error) {
	out := bufio.NewWriter(stdout) // its error is that of Flush
	switch {
	case format == "text":
		if problems := r.problems(); len(problems) > 0 {
			cli.PrintProblems(stderr, r.Texts, problems)
		}
		var contents []content
		contents, err = r.contents()
		for _, c := range contents {
			fmt.Fprintf(out, "%s: valid, %s, %s\n", c.Title, text.Count(c.Windows, "window"), text.Count(c.Events, "event"))
		}
	case format == "github":
		r.writeGitHub(out, stderr)
	case r.Unread != nil: // a document would look as if all had been checked
	case format == "json":
		err = r.writeJSON(out)
	default:
		err = r.writeSARIF(out)
	}
	err = cmp.Or(err, out.Flush())
	if r.unchecked {
		fmt.Fprintln(stderr, "not checked without HPAs: matches-nothing, clamped-floor and other rules (validate --rules); give --hpas FILE or --live")
	}
	fmt.Fprint(stderr, r.elsewhere)
	return err
}

type content struct {
	Title   string `json:"file"`
	Windows int    `json:"windows"`
	Events  int    `json:"events"`
}

func (r *report) contents() ([]content, error) {
	if r.Schedule == nil {
		return nil, nil
	}
	contents := make([]content, 0, len(r.Files))
	for _, file := range r.Files {
		schedule, err := config.OpenPart(file)
		if err != nil {
			return nil, err
		}
		contents = append(contents, content{text.Masked(file.Title()), len(schedule.Windows()), len(schedule.Events())})
	}
	return contents, nil
}

func newDiagnostic(v *cli.Preview, findings *forecast.Findings, group *forecast.Group) diagnostic {
	style := forecast.Style{
		Few: 3, HPA: "HPA ", Nameless: v.Snapshot == nil, Moment: func(t time.Time) string { return text.Minute(t.In(v.Zone)) },
	}
	if group.Rule == forecast.ClockChange {
		style.Few = 4 // two years
	}
	severity := source.SeverityNote
	if group.Severity == forecast.Warning {
		severity = source.SeverityWarning
	}
	d := diagnostic{
		Problem: v.Places[group.Entry].Problem(severity, string(group.Rule), findings.Sentence(group, v.Forecast.From, style)),
		entry:   group.Entry, count: group.Count, entries: group.Further,
	}
	if v.Snapshot != nil {
		d.hpas = group.Names()
	}
	if group.Entry == "" && group.HPA != nil {
		d.Place = v.PlaceOf(group.HPA)
	}
	if group.Further > 0 {
		d.entry, d.hpas = "", nil
	}
	return d
}

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
	Count    int      `json:"count,omitempty"`
	Entries  int      `json:"entries,omitempty"`
}

func (r *report) writeJSON(w io.Writer) error {
	contents, err := r.contents()
	if err != nil {
		return err
	}
	d := document{Valid: r.Schedule != nil, Files: append([]content{}, contents...), Problems: []documentProblem{}, NotChecked: []string{}}
	for _, found := range r.diagnostics {
		d.Problems = append(d.Problems, documentProblem{
			found.Severity.String(), found.Rule, found.Message, found.File, found.Line, found.Column, found.entry, found.hpas,
			found.count, found.entries,
		})
	}
	switch {
	case r.unchecked:
		d.NotChecked = cli.RulesThatNeedHPAs()
	case r.elsewhere != "":
		d.NotChecked = []string{string(forecast.MatchesNothing)}
	}
	return cli.WriteJSON(w, d)
}
