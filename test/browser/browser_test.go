package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// report is what the driver saw of one page at one width in one colour scheme; see driver/main.go.
type report struct {
	Page, Scheme          string
	Width                 int
	Overflow              int
	Sticking              []string
	Lanes, Scripts        int
	Cut                   []string
	Nameless              int
	Background            string
	Text                  string
	Console, Requests     []string
	Violations            []violation
	Ink                   float64
	Fonts                 []string
	Glyphs                int
	FocusFirst, FocusNext string
}

type violation struct {
	ID, Impact, Help string
	Targets          []string
}

// TestPage looks at every sample as a server sends it and as a file holds it.
func TestPage(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	address := serveSamples(ctx, t)
	var pages []string
	for _, name := range []string{"empty", "one", "forty", "clocks", "hostile", "refused", "unread", "wide", "held", "assumed", "unmatched", "mistaken", "distant"} {
		pages = append(pages, address+"/"+name+"/")
	}
	for _, name := range []string{"one", "clocks", "hostile"} {
		pages = append(pages, address+"/file/"+name+".html")
	}
	reports := look(ctx, t, pages)
	if want := len(pages) * 3 * 2; len(reports) != want {
		t.Fatalf("%d looks, want %d: every page at three widths in two schemes", len(reports), want)
	}
	paper := make(map[string]string)
	for _, r := range reports {
		r.check(t)
		paper[r.Scheme] = r.Background
	}
	if paper["light"] == paper["dark"] {
		t.Errorf("light and dark have the same background, %s", paper["light"])
	}
}

// check returns what is wrong with one look.
func (r *report) check(t *testing.T) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s at %d pixels, %s: "+format, append([]any{r.Page, r.Width, r.Scheme}, args...)...)
	}
	for _, v := range r.Violations {
		fail("axe-core: %s (%s): %s\n\t%s", v.ID, v.Impact, v.Help, strings.Join(v.Targets, "\n\t"))
	}
	if len(r.Console) > 0 {
		fail("the browser said: %q", r.Console)
	}
	for _, request := range r.Requests {
		if !strings.HasSuffix(request, "/icon.svg") {
			fail("it loaded %s", request)
		}
	}
	if r.Overflow > 0 || len(r.Sticking) > 0 {
		fail("it is %d pixels wider than the window: %q", r.Overflow, r.Sticking)
	}
	if len(r.Cut) > 0 {
		fail("words of the picture do not fit: %q", r.Cut)
	}
	if r.Nameless > 0 {
		fail("%d rows do not say what they are about", r.Nameless)
	}
	if r.Scripts > 0 {
		fail("%d elements that could run or load something", r.Scripts)
	}
	if r.Glyphs == 0 || r.Ink < 0.02 || r.Ink > 0.6 {
		fail("the heading is not legible: %d glyphs of %q, ink on %.3f of it", r.Glyphs, r.Fonts, r.Ink)
	}
	if r.FocusFirst != "skip in sight" || r.FocusNext != r.next() {
		fail("the first press of Tab reaches %q, and Enter then leads to %q", r.FocusFirst, r.FocusNext)
	}
	if want := lanes()[r.Page]; r.Lanes != want {
		fail("%d lanes, want %d", r.Lanes, want)
	}
	if reported := texts()[r.Page]; !strings.Contains(strings.Join(strings.Fields(r.Text), " "), reported) {
		fail("it does not say %q", reported)
	}
}

// next is where the skip link leads to: to the table, where there is one.
func (r *report) next() string {
	if r.Page == "unread" || r.Page == "mistaken" {
		return "content in sight"
	}
	return "changes in sight"
}

// lanes are how many HPAs each sample draws.
func lanes() map[string]int {
	return map[string]int{"one": 1, "forty": 35, "clocks": 4, "hostile": 4, "refused": 6, "wide": 3, "held": 4, "assumed": 5, "distant": 1}
}

// telling is what each sample shows at least.
func texts() map[string]string {
	return map[string]string{
		"empty":   "Nothing changes in this time.",
		"one":     "video/images",
		"forty":   "1 HPA not as planned",
		"clocks":  "the clock goes back to 02:00 CET: that day has 25 hours",
		"hostile": "<script>alert(1)</script>",
		"refused": "schedule.yaml:22:9: error: unknown field",
		"unread":  "There is no valid schedule yet",

		"wide": "in 10 steps until", "held": "baseline unknown", "assumed": "No HPAs were given", "unmatched": "There are no HPAs.",
		"mistaken": "This cannot be shown", "distant": "25 changes of minReplicas",
	}
}

// serveSamples writes and serves the samples until the test ends, and returns the address.
func serveSamples(ctx context.Context, t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "samples")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "github.com/floorkeeper/floorkeeper/cmd/internal/page")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the samples: %v\n%s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "FLOORKEEPER_SAMPLES="+t.TempDir())
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // which the kernel closes however this process ends
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server of the samples: %v", err)
		}
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server of the samples says no address: %v", err)
	}
	return strings.TrimSpace(address)
}

// look lets the driver look at the pages.
func look(ctx context.Context, t *testing.T, pages []string) []report {
	t.Helper()
	chromium, err := exec.LookPath("chromium-headless-shell") // draws no window, in half the time
	if err != nil {
		chromium, err = exec.LookPath("chromium")
	}
	if err != nil {
		t.Fatal("there is no chromium; as root: apt-get install --no-install-recommends chromium-headless-shell fonts-dejavu-core, or make browser")
	}
	axe, err := axeCore(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("driver")
	if err != nil {
		t.Fatal(err)
	}
	driver, err := binaries.Program{Name: "driver", Dir: dir, Package: ".", Version: "github.com/chromedp/chromedp"}.Build(ctx, "browser", os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-chromium", chromium, "-axe", axe, "-screenshots", screenshots(t)}, pages...)
	cmd := exec.CommandContext(ctx, driver, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it stops its browser then
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the driver: %v", err)
	}
	var reports []report
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var r report
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	return reports
}

// screenshots returns the directory that they are kept in, which SCREENSHOTS names; "" for none.
func screenshots(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return ""
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
