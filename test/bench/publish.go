package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The place of the table in docs/performance.md.
const (
	tableBegins = "<!-- results: written by make bench-docs -->\n"
	tableEnds   = "<!-- end of results -->\n"
)

// publish writes the results of files into docs/performance.md, and their plot beside it. Rows of later files replace those
// of the first.
func publish(files []string) error {
	r, err := readResults(files[0])
	for _, file := range files[1:] {
		later, err1 := readResults(file)
		err = errors.Join(err, err1)
		r.add(later)
	}
	if err != nil {
		return err
	}
	page := filepath.Join("docs", "performance.md")
	before, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("cannot read the page: run this in the root of the checkout: %w", err)
	}
	head, rest, found1 := strings.Cut(string(before), tableBegins)
	_, tail, found2 := strings.Cut(rest, tableEnds)
	if !found1 || !found2 {
		return fmt.Errorf("cannot find the place of the results in %s: write the lines %q and %q", page, tableBegins, tableEnds)
	}
	err = errors.Join(
		os.WriteFile(page, []byte(head+tableBegins+r.markdown()+tableEnds+tail), 0o644),
		os.WriteFile(filepath.Join("docs", "performance.svg"), []byte(r.plot()), 0o644),
	)
	if err != nil {
		return fmt.Errorf("cannot write the results: %w", err)
	}
	return nil
}

func readResults(file string) (r results, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		err = fmt.Errorf("cannot read the results: %w", err)
	}
	return r, err
}

// add replaces and adds rows and points that were measured later.
func (r *results) add(later results) {
	for _, one := range later.Results {
		one.At = later.Commit
		i := slices.IndexFunc(r.Results, func(before result) bool { return before.Name == one.Name })
		if i < 0 {
			r.Results = append(r.Results, one)
		} else {
			r.Results[i] = one
		}
	}
	r.Points = slices.DeleteFunc(r.Points, func(before point) bool {
		return slices.ContainsFunc(later.Points, func(p point) bool { p.Y = before.Y; return p == before })
	})
	r.Points = append(r.Points, later.Points...)
}

// markdown returns the table.
func (r *results) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\nMeasured on %s at %s, on %d cores, with %s; rows with another commit at that.\n\n", r.Began.Format("2 January 2006"), r.Commit, r.CPUs, r.Go)
	out.WriteString("| row | floorkeeper: min, median, max | limit: min, median, max | value | target |\n| --- | --- | --- | --- | --- |\n")
	for i := range r.Results {
		one := &r.Results[i]
		limit := "none"
		if one.Limit != nil {
			limit = fmt.Sprintf("%s %s (%s)", one.Limit, one.Unit, one.LimitIs)
		}
		target := "reported"
		if one.Target != nil {
			target = fmt.Sprintf("%s, %s", number(*one.Target), one.outcome())
		}
		name := one.Name
		if one.At != "" && one.At != r.Commit {
			name += " (" + one.At + ")"
		}
		fmt.Fprintf(&out, "| %s | %s %s | %s | %s %s | %s |\n", name, one.Floorkeeper, one.Unit, limit, number(one.Value), one.ValueIs, target)
	}
	out.WriteString("\n![Boundary time, resident memory and the cost of a decision, by the number of HPAs and of entries](performance.svg)\n\n")
	return out.String()
}
