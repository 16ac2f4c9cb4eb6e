package monitoring

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAlertsFire plays nights to each alert: promtool, which is part of Prometheus, reports which alerts fire in them.
func TestAlertsFire(t *testing.T) {
	const nights = "testdata/alerts_test.yaml"
	if out, err := exec.CommandContext(t.Context(), tool(t, "promtool"), "test", "rules", nights).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	text := read(t, nights)
	for _, a := range alerts(t) {
		if !strings.Contains(text, `alertname="`+a.Name+`", alertstate="firing"`) {
			t.Errorf("no test lets %s fire", a.Name)
		}
	}
}

// Prometheus of the Debian package is older than the parser that alerts is read with: both must take the rules.
func TestAlertsAreValidForAnOlderPrometheus(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), tool(t, "promtool"), "check", "rules", "--lint=all", "--lint-fatal", alertsFile).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// TestEachAlertHasARunbook: a summary, a description, a severity, and a page that is in the table of all.
func TestEachAlertHasARunbook(t *testing.T) {
	table := read(t, filepath.Join(runbooks, "README.md"))
	pages := map[string]bool{"README": true}
	for _, a := range alerts(t) {
		pages[a.Name] = true
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s lacks a summary or a description: %q", a.Name, a.Annotations)
		}
		const address = "https://github.com/floorkeeper/floorkeeper/blob/main/docs/runbooks/"
		if got := a.Annotations["runbook_url"]; got != address+a.Name+".md" {
			t.Errorf("the runbook of %s is %q", a.Name, got)
		}
		severity := a.Labels["severity"]
		if !slices.Contains([]string{"critical", "warning", "info"}, severity) {
			t.Errorf("%s has the severity %q", a.Name, severity)
		}
		if row := "| [" + a.Name + "](" + a.Name + ".md) | " + severity + " |"; !strings.Contains(table, row) {
			t.Errorf("the table of runbooks has no row %s", row)
		}
		page := read(t, filepath.Join(runbooks, a.Name+".md"))
		if !strings.Contains(page, "Severity: "+severity+".") {
			t.Errorf("the runbook of %s does not name its severity, %s", a.Name, severity)
		}
		sections := regexp.MustCompile(`(?m)^#.*$`).FindAllString(page, -1)
		if want := []string{"# " + a.Name, "## Symptom", "## Check", "## Fix", "## Verify"}; !slices.Equal(sections, want) {
			t.Errorf("the runbook of %s has the sections %q", a.Name, sections)
		}
	}
	files, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil || len(files) != len(pages) {
		t.Fatalf("%d pages for %d alerts: %v", len(files), len(pages)-1, err)
	}
}

// TestLinksOfRunbooksLeadSomewhere: to another page, and to a heading of it.
func TestLinksOfRunbooksLeadSomewhere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(read(t, file), -1) {
			path, anchor, _ := strings.Cut(link[1], "#")
			page := read(t, filepath.Join(filepath.Dir(file), cmp.Or(path, filepath.Base(file))))
			if anchor != "" && !slices.Contains(anchors(page), anchor) {
				t.Errorf("%s leads to %s, and there is no such heading", file, link[1])
			}
		}
	}
}

// anchors returns those of the headings of a page, as GitHub makes them.
func anchors(page string) []string {
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		words := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(words, " ", "-"))
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
