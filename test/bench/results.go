package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// results is what was measured, as it is written to a file.
type results struct {
	Commit  string    `json:"commit"`
	Go      string    `json:"go"`
	CPUs    int       `json:"cpus"`
	Began   time.Time `json:"began"`
	Short   bool      `json:"short"`
	Results []result  `json:"results"`
	Points  []point   `json:"points"`
}

// point is one of the plot: what it shows, of whom, against what.
type point struct {
	Panel  string  `json:"panel"` // boundary, in s; memory, in MiB; at, in µs
	Series string  `json:"series"`
	By     string  `json:"by"` // HPAs or entries
	X      int     `json:"x"`
	Y      float64 `json:"y"`
}

func (r *results) point(panel, series, by string, x int, y float64) {
	r.Points = append(r.Points, point{panel, series, by, x, y})
}

// result is one line of the table. Its value, which is at most its target where that is met, is computed from what
// floorkeeper and the limit took.
type result struct {
	Name        string             `json:"name"`
	Unit        string             `json:"unit"`
	Floorkeeper stats              `json:"floorkeeper"`
	Limit       *stats             `json:"limit,omitempty"`
	LimitIs     string             `json:"limitIs,omitempty"`
	Value       float64            `json:"value"`
	ValueIs     string             `json:"valueIs"`
	Target      *float64           `json:"target,omitempty"` // nil if the value is only reported
	Details     map[string]float64 `json:"details,omitempty"`
	At          string             `json:"at,omitempty"` // the commit, where results of several were put together
}

// stats are those of several measurements.
type stats struct {
	N      int     `json:"n"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// outcome is what has become of the target.
func (r *result) outcome() string {
	if r.Value <= *r.Target {
		return "met"
	}
	return "missed"
}

func statsOf[T any](of []T, value func(T) float64) stats {
	if len(of) == 0 {
		return stats{}
	}
	values := make([]float64, len(of))
	for i := range of {
		values[i] = value(of[i])
	}
	slices.Sort(values)
	n := len(values)
	return stats{
		N: n, Min: values[0], Max: values[n-1], P99: values[(n*99+99)/100-1],
		Median: (values[(n-1)/2] + values[n/2]) / 2,
	}
}

func newResults(ctx context.Context, o *options) *results {
	commit, _ := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output() // none outside a checkout
	return &results{
		Commit: strings.TrimSpace(string(commit)), Go: runtime.Version(), CPUs: runtime.NumCPU(), Began: time.Now().UTC(), Short: o.short,
	}
}

// ratio adds a result whose value is the ratio of two medians. The target may be nil.
func (r *results) ratio(name, limitIs string, target *float64, keeper, limit stats, details map[string]float64) {
	r.Results = append(r.Results, result{
		Name: name, Unit: "s", Floorkeeper: keeper, Limit: &limit, LimitIs: limitIs,
		Value: keeper.Median / limit.Median, ValueIs: "times the limit, median", Target: target, Details: details,
	})
}

// slow reports whether a result exceeds three times its target.
func (r *results) slow() bool {
	return slices.ContainsFunc(r.Results, func(one result) bool { return one.Target != nil && one.Value > 3**one.Target })
}

// print prints the table.
func (r *results) print(out io.Writer) error {
	if len(r.Results) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ROW\tUNIT\tFLOORKEEPER\tLIMIT\tVALUE\tTARGET\t")
	for _, one := range r.Results {
		limit, target := "", ""
		if one.Limit != nil {
			limit = one.Limit.String()
		}
		if one.Target != nil {
			target = number(*one.Target) + ", " + one.outcome()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s %s\t%s\t\n", one.Name, one.Unit, one.Floorkeeper, limit, number(one.Value), one.ValueIs, target)
	}
	return w.Flush()
}

func (s stats) String() string {
	if s.N == 1 {
		return number(s.Median)
	}
	return number(s.Min) + " / " + number(s.Median) + " / " + number(s.Max)
}

// write writes the results to a file, if there is one.
func (r *results) write(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("cannot write the results: %w", err)
	}
	return nil
}
