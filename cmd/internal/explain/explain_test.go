package explain

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

func TestExplain(t *testing.T) {
	const dir = "testdata/"
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
			code, stdout, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", append([]string{dir + "schedule.yaml"}, args...)...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit code %d, standard error:\n%s", code, stderr)
			}
			golden.Compare(t, dir+name+".txt", stdout)
		})
	}
}

func TestExplainRefuses(t *testing.T) {
	const schedule, hpas = "testdata/schedule.yaml", "testdata/hpas.yaml"
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
			code, stdout, stderr := command.Run(t, cli.ExitCode, NewCommand(command.Midday), "", c.args...)
			if code != cli.ExitFailed || stdout != "" {
				t.Errorf("exit code %d, standard output %q", code, stdout)
			}
			if c.stderr != "" && c.stderr != stderr || stderr == "" {
				t.Errorf("standard error %q, want %q", stderr, c.stderr)
			}
		})
	}
}
