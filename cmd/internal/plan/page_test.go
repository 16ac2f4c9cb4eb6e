package plan

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// TestPlanPageReadsAnew edits the schedule behind a page's back.
func TestPlanPageReadsAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(command.AllDay)
	o := &cli.PreviewOptions{Span: "7d", Now: time.Now}
	first, err := o.Load(t.Context(), []string{file}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &livePage{options: o, args: []string{file}, last: first}
	_, body := command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "video/*", "all-day", "each lane represents a target")

	write(strings.ReplaceAll(command.AllDay, "all-day", "around-the-clock"))
	_, body = command.Page(t, page.Handler(p.render, o.Span), "/?for=1d")
	command.Expect(t, body, "around-the-clock", "!all-day")

	write(strings.ReplaceAll(command.AllDay, "start:", "begin:"))
	_, body = command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "The schedule was refused", "schedule.yaml:5:", "around-the-clock")
	if status, body := command.Page(t, page.Handler(p.render, o.Span), "/?from=2026-13-01"); status != 400 || !strings.Contains(body, `value="2026-13-01"`) {
		t.Errorf("a date that is none is answered %d %q", status, body)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	_, body = command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "Not everything can be read", "schedule.yaml", "around-the-clock", "!The schedule was refused")
}

// TestPlanPageKeepsItsHPAs: manifests that become unreadable behind a page's back are reported, and those before stay.
func TestPlanPageKeepsItsHPAs(t *testing.T) {
	dir := t.TempDir()
	file, hpas := filepath.Join(dir, "schedule.yaml"), filepath.Join(dir, "hpas.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, command.AllDay)
	write(hpas, "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {namespace: video, name: images}\n"+
		"spec: {minReplicas: 4, maxReplicas: 40, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}}\n")
	o := &cli.PreviewOptions{Span: "7d", Now: time.Now, HPASource: cli.HPASource{HPAs: []string{hpas}}}
	first, err := o.Load(t.Context(), []string{file}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &livePage{options: o, args: []string{file}, last: first}
	_, body := command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "video/images", "+21 Pods", "<title>Plan of schedule.yaml</title>", "!Not everything can be read")

	write(hpas, "kind: [HorizontalPodAutoscaler\n")
	status, body := command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "Not everything can be read", "hpas.yaml:", "video/images", "!1 problem")
	if status != 200 {
		t.Errorf("the page is %d, want 200", status)
	}
}

// TestThePageOfANamespaceAlone: a reload shows no more of other namespaces than the first look.
func TestThePageOfANamespaceAlone(t *testing.T) {
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(schedule, []byte(command.EachNamespace), 0o600); err != nil {
		t.Fatal(err)
	}
	o, flags := &cli.PreviewOptions{Now: command.Midday}, pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Bind(flags, "7d")
	if err := flags.Parse([]string{"--live", "--namespace=video", "--kubeconfig=" + command.Kubeconfig(t)}); err != nil {
		t.Fatal(err)
	}
	first, err := o.Load(t.Context(), []string{schedule}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &livePage{options: o, args: []string{schedule}, last: first}
	_, body := command.Page(t, page.Handler(p.render, o.Span), "/")
	command.Expect(t, body, "video/images", "!matches-nothing")
}
