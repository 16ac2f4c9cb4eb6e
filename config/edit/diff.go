package edit

import (
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// Diff returns the change as a unified diff, and "" where nothing changes. Writing it to memory cannot fail.
func (c *Change) Diff() string {
	diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: lines(c.Before.Data), FromFile: c.Before.Name,
		B: lines(c.After.Data), ToFile: c.After.Name,
		Context: 3,
	})
	return diff
}

// Comments returns the lines of comments that the change removes, in the order of the file.
func (c *Change) Comments() []string {
	before := lines(c.Before.Data)
	var gone []string
	for _, op := range difflib.NewMatcher(before, lines(c.After.Data)).GetOpCodes() {
		if op.Tag != 'd' && op.Tag != 'r' {
			continue
		}
		for _, line := range before[op.I1:op.I2] {
			line, _, _ = strings.Cut(line, "\n")
			if comment := strings.TrimSpace(line); strings.HasPrefix(comment, "#") {
				gone = append(gone, comment)
			}
		}
	}
	return gone
}

// lines returns the lines of a file as a diff writes them, which also shows that the last one has no end.
func lines(data []byte) []string {
	all := slices.Collect(strings.Lines(string(data)))
	if last := len(all) - 1; last >= 0 && !strings.HasSuffix(all[last], "\n") {
		all[last] += "\n\\ No newline at end of file\n"
	}
	return all
}
