package validate

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/text"
)

type diagnostic struct {
	config.Problem
	entry string
	hpas  []string // NAMESPACE/NAME
}

type report struct {
	cli.ScheduleSource
	diagnostics []diagnostic
	unchecked   bool   // what needs HPAs was not checked
	elsewhere   string // which entries were not checked in full, as a line
}

func (r *report) addProblems(problems config.Problems) {
	for _, problem := range problems {
		r.diagnostics = append(r.diagnostics, diagnostic{Problem: problem})
	}
}

// addFindings adds what is worth knowing of a valid schedule, at the places of its entries.
func (r *report) addFindings(v *cli.Preview) {
	r.unchecked = v.Snapshot == nil && len(r.Schedule.Names()) > 0
	r.elsewhere = cli.Unchecked(v.Forecast)
	r.diagnostics = append(r.diagnostics, diagnose(v)...)
	slices.SortStableFunc(r.diagnostics, func(a, b diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, a.Within-b.Within)
	})
}

func (r *report) warns() bool {
	return slices.ContainsFunc(r.diagnostics, func(d diagnostic) bool { return d.Severity == config.SeverityWarning })
}

// write writes the report in a format. What was not checked is told on standard error, whatever the format.
func (r *report) write(format string, stdout, stderr io.Writer) (err error) {
	out := bufio.NewWriter(stdout) // it remembers what could not be written
	switch {
	case format == "text":
		err = r.writeText(out, stderr)
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
		fmt.Fprintln(stderr, "not checked without HPAs: "+strings.Join(needHPAs(), ", ")+"; give --hpas FILE or --live")
	}
	fmt.Fprint(stderr, r.elsewhere)
	return err
}

func needHPAs() []string {
	return []string{
		string(forecast.MatchesNothing), string(forecast.ClampedFloor), string(forecast.OwnedByKEDA),
		string(forecast.LostBaseline), string(forecast.SuddenRelease), string(forecast.ShortLeadTime),
	}
}

// writeText writes problems as compilers do, and what each file holds.
func (r *report) writeText(stdout, stderr io.Writer) error {
	problems := make(config.Problems, len(r.diagnostics))
	for i, d := range r.diagnostics {
		problems[i] = d.Problem
	}
	if len(problems) > 0 {
		cli.PrintProblems(stderr, r.Texts, problems)
	}
	contents, err := r.contents()
	for _, c := range contents {
		fmt.Fprintf(stdout, "%s: valid, %s, %s\n", c.Title, text.Count(c.Windows, "window"), text.Count(c.Events, "event"))
	}
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
		schedule, err := config.Parse(file)
		if err != nil {
			return nil, err
		}
		contents = append(contents, content{text.Masked(file.Title()), len(schedule.Windows()), len(schedule.Events())})
	}
	return contents, nil
}

func rules() []config.Rule {
	return append(config.Rules(), []config.Rule{
		{ID: string(forecast.MatchesNothing), Severity: config.SeverityWarning, Asks: "an entry covers an HPA"},
		{ID: string(forecast.ClampedFloor), Severity: config.SeverityWarning, Asks: "a floor is at most the HPA's maxReplicas"},
		{ID: string(forecast.OwnedByKEDA), Severity: config.SeverityWarning, Asks: "an entry covers no HPA of a KEDA ScaledObject"},
		{ID: string(forecast.LostBaseline), Severity: config.SeverityWarning, Asks: "the annotations of an HPA that an entry covers are not damaged"},
		{ID: string(forecast.SuddenRelease), Severity: config.SeverityWarning, Asks: "a floor falls slowly: by rampDown, or by behavior.scaleDown of the HPA"},
		{ID: string(forecast.ShortLeadTime), Severity: config.SeverityWarning, Asks: "the leadTime suffices for all HPAs that rise together"},
		{ID: string(forecast.ClockChange), Severity: config.SeverityWarning, Asks: "no daylight-saving change touches an occurrence of an entry"},
		{ID: string(forecast.Overlap), Severity: config.SeverityNote, Asks: "no larger floor of another entry stands over an entry"},
		{ID: string(forecast.PastEntry), Severity: config.SeverityNote, Asks: "an entry is not over"},
	}...)
}

func printRules(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, rule := range rules() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, rule.Severity, rule.Asks)
	}
	return table.Flush()
}
