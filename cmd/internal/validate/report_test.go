package validate

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
	"github.com/floorkeeper/floorkeeper/test/kit/golden"
)

const validateDir = "testdata/"

// inRepository sets where GitHub Actions would say that the repository is.
func inRepository(t *testing.T) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_WORKSPACE", root)
}

func TestValidateTellsWhatIsWorthKnowing(t *testing.T) {
	inRepository(t)
	for name, c := range map[string]struct {
		args string
		code int
	}{
		"night":              {"night.yaml", 0},
		"night-hpas":         {"night.yaml --hpas hpas.yaml", 0},
		"night-fails":        {"night.yaml --hpas hpas.yaml --fail-on-warn --from 2026-12-18 --for 1d", 3},
		"night-does-not":     {"night.yaml --fail-on-warn --for 7d", 0},
		"night-elsewhere":    {"night.yaml --hpas hpas.yaml --exclude-namespaces video --for 7d --tz Asia/Tokyo", 0},
		"night-hpas-json":    {"night.yaml --hpas hpas.yaml -o json", 0},
		"night-json":         {"night.yaml -o json --for 30d", 0},
		"night-hpas-github":  {"night.yaml --hpas hpas.yaml -o github", 0},
		"configmap":          {"night-in-configmap.yaml", 0},
		"configmap-fails":    {"night-in-configmap.yaml --fail-on-warn", 3},
		"configmap-github":   {"night-in-configmap.yaml -o github", 0},
		"hostile":            {"hostile.yaml", 1},
		"hostile-github":     {"hostile.yaml -o github", 1},
		"hostile-json":       {"hostile.yaml -o json", 1},
		"invalid-and-absent": {"hostile.yaml no.yaml -o json", 2},
		"hpas-are-no-hpas":   {"night.yaml --hpas night.yaml", 2},
	} {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(c.args)
			for i, arg := range args {
				if strings.HasSuffix(arg, ".yaml") {
					args[i] = validateDir + arg
				}
			}
			code, stdout, stderr := runValidate(t, "", args...)
			if code != c.code {
				t.Errorf("the exit code is %d, want %d", code, c.code)
			}
			golden.Compare(t, validateDir+name+".golden", stdout+"--- standard error\n"+stderr)
		})
	}
}

func TestManyHPAsAtOneBoundary(t *testing.T) {
	var hpas strings.Builder
	for i := range 200 {
		fmt.Fprintf(&hpas, "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h%03d, namespace: n}\n"+
			"spec: {minReplicas: 2, maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}\n", i)
	}
	path := filepath.Join(t.TempDir(), "schedule.yaml")
	schedule := command.Head + "timeZone: UTC\nevents: [{name: e, start: 2026-12-01T10:00, duration: 1h, targets: [{namespace: n, minReplicas: 20}]}]\n"
	if err := os.WriteFile(path, []byte(schedule), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := runValidate(t, hpas.String(), path, "--hpas", "-")
	for _, want := range []string{
		"200 HorizontalPodAutoscalers rise together", "[short-lead-time]", "up to 1600 Pods are added together", "[slow-scheduling]",
		"HPA n/h000, from 2026-12-01 10:00 UTC: the floor 20 is above maxReplicas 10",
		"likewise n/h001, n/h002, n/h003 and 196 more [clamped-floor]", "5 warnings\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("standard error lacks %q:\n%s", want, stderr)
		}
	}
	if code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
}

// TestSARIFIsWhatCodeScanningReads checks what GitHub asks of a file, beyond the schema of SARIF 2.1.0.
func TestSARIFIsWhatCodeScanningReads(t *testing.T) {
	inRepository(t)
	for _, args := range []string{"night.yaml --hpas hpas.yaml", "hostile.yaml", "../../../../config/testdata/manifests/directory", "../../../../config/testdata/broken/dates.yaml"} {
		fields := strings.Fields(args)
		for i := range fields {
			if !strings.HasPrefix(fields[i], "-") {
				fields[i] = validateDir + fields[i]
			}
		}
		_, stdout, _ := runValidate(t, "", append(fields, "-o", "sarif")...)
		var log sarifLog
		if err := json.Unmarshal([]byte(stdout), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if log.Version != "2.1.0" || run.ColumnKind != "unicodeCodePoints" || run.Tool.Driver.Name != "floorkeeper" || len(run.Results) == 0 {
			t.Errorf("%s: %s", args, stdout)
		}
		for _, result := range run.Results {
			rule := run.Tool.Driver.Rules[max(result.RuleIndex, 0)]
			at := result.Locations[0].Physical
			switch {
			case rule.ID != result.RuleID || rule.ShortDescription.Text == "" || rule.Help.Text == "":
				t.Errorf("%s: the rule of %v is %v", args, result, rule)
			case rule.Default.Level != result.Level && rule.ID != "clock-change": // which is a note where it matters less
				t.Errorf("%s: %s is a %s, and its rule says %s", args, result.RuleID, result.Level, rule.Default.Level)
			case at.Region.StartLine < 1 || at.Region.EndColumn <= at.Region.StartColumn || at.Region.StartColumn < 1:
				t.Errorf("%s: %v has no region", args, result)
			case !strings.HasPrefix(at.Artifact.URI, "cmd/internal/validate/testdata/") && !strings.HasPrefix(at.Artifact.URI, "config/testdata/"),
				at.Artifact.URIBaseID != "%SRCROOT%":
				t.Errorf("%s: %v is no place in the repository", args, at.Artifact)
			case strings.ContainsAny(result.Message.Text, "\x1b\x07") || strings.Contains(result.Message.Text, "]("):
				t.Errorf("%s: the message is %q", args, result.Message.Text)
			}
		}
	}
}

func TestEveryRuleHasAName(t *testing.T) {
	if code, _, stderr := runValidate(t, "", "--rules", "-o", "json"); code != 2 || !strings.Contains(stderr, "leave --output out") {
		t.Errorf("--rules -o json: exit code %d: %s", code, stderr)
	}
	_, stdout, _ := runValidate(t, "", "--rules")
	for _, rule := range cli.Rules() {
		if strings.Count(stdout, "\n"+rule.ID+" ") != 1 && !strings.HasPrefix(stdout, rule.ID+" ") {
			t.Errorf("--rules does not list %s once:\n%s", rule.ID, stdout)
		}
	}
	if len(cli.Rules()) < len(config.Rules())+8 {
		t.Errorf("there are %d rules", len(cli.Rules()))
	}
}

func TestWorkflowCommandsAreEscaped(t *testing.T) {
	const hostile = "100%\r\n::error::a, b: c\x1b[31m"
	if got, want := commandData(hostile), "100%25%0A::error::a, b: c\ufffd[31m"; got != want {
		t.Errorf("data is %q, want %q", got, want)
	}
	if got, want := property(hostile), "100%25%0A%3A%3Aerror%3A%3Aa%2C b%3A c\ufffd[31m"; got != want {
		t.Errorf("a property is %q, want %q", got, want)
	}
}

func TestValidateRefusesFormats(t *testing.T) {
	code, stdout, stderr := runValidate(t, "", validateDir+"night.yaml", "-o", "xml")
	if code != 2 || stdout != "" || !strings.Contains(stderr, "text, json, github, sarif") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}
