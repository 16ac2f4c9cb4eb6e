package plan

import (
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

func TestPlanCommand(t *testing.T) {
	const schedule, hpas = "../explain/testdata/schedule.yaml", "../explain/testdata/hpas.yaml"
	for sentence, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string // parts of them
	}{
		"text":                      {[]string{schedule, "--for", "1d"}, 0, "event cup-final opens", ""},
		"markdown":                  {[]string{schedule, "--hpas", hpas, "-o", "markdown"}, 0, "| --- |", ""},
		"json":                      {[]string{schedule, "--hpas", hpas, "-o", "json"}, 0, `"changes": [`, ""},
		"svg":                       {[]string{schedule, "--hpas", hpas, "-o", "svg"}, 0, "<svg", ""},
		"html":                      {[]string{schedule, "--hpas", hpas, "-o", "html"}, 0, "<!DOCTYPE html>", ""},
		"ics":                       {[]string{schedule, "--hpas", hpas, "-o", "ics"}, 0, "BEGIN:VEVENT\r\n", ""},
		"every step":                {[]string{schedule, "--for", "1d", "--steps"}, 0, "23:59 CET   event cup-final, ramp down\n              lower", ""},
		"ASCII":                     {[]string{schedule, "--for", "1d", "--ascii"}, 0, "....####", ""},
		"warnings that fail":        {[]string{schedule, "--hpas", hpas, "--fail-on-warn"}, 3, "warning: ", ""},
		"warnings that do not fail": {[]string{schedule, "--hpas", hpas}, 0, "warning: ", ""},
		"the past":                  {[]string{schedule, "--from", "2020-01-01", "--for", "1d"}, 0, "From Wed 1 Jan 2020 00:00 CET", ""},
		"no schedule":               {nil, 2, "", "plan needs a schedule: a file, a directory or -; see plan --help\n"},
		"a day of 25 hours":         {[]string{schedule, "--from", "2026-10-25", "--for", "1d"}, 0, "to Mon 26 Oct 2026 00:00 CET", ""},
		"24 hours of it":            {[]string{schedule, "--from", "2026-10-25", "--for", "24h"}, 0, "to Sun 25 Oct 2026 23:00 CET", ""},
		"an empty range":            {[]string{schedule, "--for", "0s"}, 2, "", "--for"},
		"too long a range":          {[]string{schedule, "--for", "2000d"}, 2, "", "--for"},
		"a range that is none":      {[]string{schedule, "--for", "a week"}, 2, "", "cannot use --for: "},
		"a beginning that is none":  {[]string{schedule, "--from", "yesterday"}, 2, "", "cannot use --from: "},
		"an unknown zone":           {[]string{schedule, "--tz", "Mars"}, 2, "", "cannot use --tz: "},
		"an unknown format":         {[]string{schedule, "-o", "pdf"}, 2, "", "cannot use --output \"pdf\": it is one of text, markdown, json, svg, html, ics\n"},
		"manifests without an HPA":  {[]string{schedule, "--hpas", schedule}, 2, "", "no HorizontalPodAutoscaler"},
		"a schedule that is none":   {[]string{hpas}, 1, "", "hpas.yaml"},
		"an unknown flag":           {[]string{schedule, "--format", "x"}, 2, "", "unknown flag: --format\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, stdout, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", c.args...)
			if code != c.code {
				t.Errorf("the exit code is %d, want %d; standard error:\n%s", code, c.code, stderr)
			}
			if !strings.Contains(stdout, c.stdout) || c.code == cli.ExitFailed && stdout != "" {
				t.Errorf("standard output lacks %q:\n%s", c.stdout, stdout)
			}
			if !strings.Contains(stderr, c.stderr) || c.code == 0 && stderr != "" {
				t.Errorf("standard error lacks %q:\n%s", c.stderr, stderr)
			}
		})
	}
}
