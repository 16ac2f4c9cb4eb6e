package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/config/source"
)

func TestProblemsKeepTerminalsAsTheyAre(t *testing.T) {
	var out strings.Builder
	at := source.Place{File: "a\x1b[31m.yaml", Line: 1, Column: 1}
	PrintProblems(&out, nil, source.Problems{at.Problem(source.SeverityError, "r", "b\x1b]0;c\x07\n::error::d")})
	if want := "a\ufffd[31m.yaml:1:1: error: b\ufffd]0;c\ufffd\ufffd::error::d [r]\n1 problem\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

func TestExcerpts(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	for sentence, c := range map[string]struct {
		source       string
		line, column int
		want         string
	}{
		"a caret below the column":          {"a: 1\nbc: 2\n", 2, 5, " 2 | bc: 2\n   |     ^\n"},
		"a line number of two digits":       {strings.Repeat("\n", 9) + "x", 10, 1, " 10 | x\n    | ^\n"},
		"tabs before the column":            {"\ta:\tb", 1, 5, " 1 | \ta:\tb\n   | \t  \t^\n"},
		"wide characters before the column": {"日本🎬: x", 1, 6, " 1 | 日本🎬: x\n   |         ^\n"},
		"a carriage return":                 {"ab\r\ncd\r\n", 1, 3, " 1 | ab\n   |   ^\n"},
		"an escape sequence":                {"a\x1b[31m", 1, 2, " 1 | a\ufffd[31m\n   |  ^\n"},
		"the line after the last":           {"a", 2, 1, ""},
		"a column behind the end":           {"a", 1, 9, " 1 | a\n   |  ^\n"},
		"no line":                           {"a", 0, 0, ""},
		"the start of a long line":          {long, 1, 3, " 1 | " + long[:100] + "…\n   |   ^\n"},
		"the middle of a long line":         {long, 1, 151, " 1 | …" + long[84:184] + "…\n   | " + strings.Repeat(" ", 67) + "^\n"},
		"the end of a long line":            {long, 1, 300, " 1 | …" + long[233:] + "\n   | " + strings.Repeat(" ", 67) + "^\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			var out bytes.Buffer
			problem := source.Place{File: "f", Line: c.line, Column: c.column}.Problem(source.SeverityError, "r", "m")
			PrintProblems(&out, []source.File{{Name: "f", Data: []byte(c.source)}}, source.Problems{problem})
			want := problem.String() + "\n" + c.want + "1 problem\n"
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}
