package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

// midday is when the tests of plan and explain take place.
func midday() time.Time { return time.Date(2026, 12, 18, 12, 0, 0, 0, time.UTC) }

// runAt runs a command and returns its exit code and what it printed.
func runAt(t *testing.T, cmd *cobra.Command, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return runCommand(t, cmd, "", args...)
}

func TestExplain(t *testing.T) {
	const dir = "testdata/explain/"
	manifests := []string{"--hpas", dir + "hpas.yaml"}
	for name, args := range map[string][]string{
		"the-larger-of-two-and-a-clamp": append(manifests, "--hpa", "video/images", "--at", "2026-12-18T19:25"),
		"json":                          append(manifests, "--hpa", "video/images", "--at", "2026-12-18T19:25", "-o", "json"),
		"nothing-is-open-now":           append(manifests, "--hpa", "video/images"),
		"a-ramp-up":                     {"--hpa", "shop/web", "--labels", "tier=web", "--at", "2026-12-19T07:30"},
		"a-ramp-down-under-an-event":    {"--hpa", "shop/web", "--labels", "tier=web", "--baseline", "2", "--at", "2026-12-18T22:05"},
		"the-baseline-is-larger":        append(manifests, "--hpa", "shop/web", "--at", "2026-12-20T12:00"),
		"nothing-to-climb":              append(manifests, "--hpa", "shop/web", "--at", "2026-12-20T07:40"),
		"nothing-to-descend":            append(manifests, "--hpa", "shop/web", "--at", "2026-12-20T22:10"),
		"a-held-baseline":               append(manifests, "--hpa", "video/player", "--at", "2026-12-18T00:40"),
		"a-lost-baseline":               append(manifests, "--hpa", "video/lost", "--at", "2026-12-18T20:30"),
		"owned-by-keda":                 append(manifests, "--hpa", "video/scaled", "--at", "2026-12-18T20:30"),
		"equal-floors-in-another-zone":  append(manifests, "--hpa", "billing/invoices", "--at", "2026-11-30T23:30:00+01:00"),
		"excluded":                      {"--hpa", "kube-system/dns", "--labels", "prescale=front", "--at", "2026-12-18T20:30"},
		"suspended":                     {"--hpa", "staging/api", "--at", "2026-12-02T11:00"},
		"nothing-selects-it":            {"--hpa", "video/imagse", "--labels", "tier=web"},
		"nothing-comes-close":           {"--hpa", "kitchen/sink", "--tz", "UTC"},
		"a-time-that-is-twice":          {"--hpa", "video/images", "--at", "2026-10-25T02:30"},
		"a-time-that-is-not":            {"--hpa", "video/images", "--at", "2027-03-28T02:30"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runAt(t, explainCommand(midday), append([]string{dir + "schedule.yaml"}, args...)...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit code %d, standard error:\n%s", code, stderr)
			}
			golden.Compare(t, dir+name+".txt", stdout)
		})
	}
}

func TestExplainRefuses(t *testing.T) {
	const schedule, hpas = "testdata/explain/schedule.yaml", "testdata/explain/hpas.yaml"
	for sentence, c := range map[string]struct {
		args   []string
		stderr string
	}{
		"no schedule":                    {nil, "explain needs a schedule: a file, a directory or -; see explain --help\n"},
		"no HPA":                         {[]string{schedule}, "cannot use --hpa \"\": write NAMESPACE/NAME\n"},
		"an HPA that has no name":        {[]string{schedule, "--hpa", "shop/x/y"}, "cannot use --hpa \"shop/x/y\": write NAMESPACE/NAME\n"},
		"an HPA without a namespace":     {[]string{schedule, "--hpa", "images"}, "cannot use --hpa \"images\": write NAMESPACE/NAME\n"},
		"an HPA that is not there":       {[]string{schedule, "--hpas", hpas, "--hpa", "vidoe/images"}, "there is no HPA vidoe/images; the most similar are video/images, video/player, video/scaled, video/lost, shop/web\n"},
		"a baseline of an HPA looked up": {[]string{schedule, "--hpas", hpas, "--hpa", "video/images", "--baseline", "2"}, "--baseline describes an HPA that is not looked up; leave it out, or leave out --hpas and --live\n"},
		"a negative baseline":            {[]string{schedule, "--hpa", "video/images", "--baseline", "-2"}, "cannot use --baseline -2: give a number from 0 to 999999\n"},
		"a maximum below the baseline":   {[]string{schedule, "--hpa", "video/images", "--baseline", "9", "--max-replicas", "5"}, "cannot use --max-replicas 5: it must be at least 1 and the baseline\n"},
		"labels that are none":           {[]string{schedule, "--hpa", "video/images", "--labels", "x"}, "cannot use --labels \"x\": write key=value, several with commas between\n"},
		"a time that is none":            {[]string{schedule, "--hpa", "video/images", "--at", "tomorrow"}, "cannot use --at: \"tomorrow\" is not a date and time; write it like \"2026-12-18T20:00\"\n"},
		"an unknown zone":                {[]string{schedule, "--hpa", "video/images", "--tz", "Europe/Pariss"}, ""},
		"an unknown format":              {[]string{schedule, "--hpa", "video/images", "-o", "xml"}, "cannot use --output \"xml\": it is one of text, json\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, stdout, stderr := runAt(t, explainCommand(midday), c.args...)
			if code != exitFailed || stdout != "" {
				t.Errorf("exit code %d, standard output %q", code, stdout)
			}
			if c.stderr != "" && c.stderr != stderr || stderr == "" {
				t.Errorf("standard error %q, want %q", stderr, c.stderr)
			}
		})
	}
}

func TestPlanCommand(t *testing.T) {
	const schedule, hpas = "testdata/explain/schedule.yaml", "testdata/explain/hpas.yaml"
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
			code, stdout, stderr := runAt(t, planCommand(midday), c.args...)
			if code != c.code {
				t.Errorf("the exit code is %d, want %d; standard error:\n%s", code, c.code, stderr)
			}
			if !strings.Contains(stdout, c.stdout) || c.code == exitFailed && stdout != "" {
				t.Errorf("standard output lacks %q:\n%s", c.stdout, stdout)
			}
			if !strings.Contains(stderr, c.stderr) || c.code == 0 && stderr != "" {
				t.Errorf("standard error lacks %q:\n%s", c.stderr, stderr)
			}
		})
	}
}
