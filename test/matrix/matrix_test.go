package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// TestREADME: the README names what docs/versions.md says was run, and no other version.
func TestREADME(t *testing.T) {
	releases, err := binaries.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := readPage(filepath.Join("..", "..", "docs", "versions.md"), releases)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sentence.FindAllString(string(text), -1), []string{p.sentence()}; !cmp.Equal(got, want) {
		t.Errorf("the README says %q, want %q", got, want)
	}
}

// TestSentence names a range only where no version in it is missing.
func TestSentence(t *testing.T) {
	for want, releases := range map[string][]string{
		"1.37":                {"1.37.2"},
		"1.35 and 1.37":       {"1.35.4"},
		"1.36 and 1.37":       {"1.37.2", "1.36.4"},
		"1.35 to 1.37":        {"1.37.2", "1.35.4", "1.36.4"},
		"1.33, 1.36 and 1.37": {"1.36.4", "1.37.2", "1.33.13"},
	} {
		p := &page{newest: 37}
		for _, release := range releases {
			for _, suite := range suites() {
				p.replace(results, "v"+release, suite, []string{release, suite, passed, "9", "0", "1s", "today at 1234567"})
			}
		}
		p.replace(results, "v1.34.3", "gitops", []string{"1.34.3", "gitops", passed, "9", "0", "1s", "today at 1234567"}) // never counts for 1.34.4
		p.replace(results, "v1.34.4", "e2e", []string{"1.34.4", "e2e", passed, "9", "0", "1s", "today at 1234567"})
		p.replace(results, "v1.34.4", "gitops", []string{"1.34.4", "gitops", "failed: 2", "9", "0", "1s", "today at 1234567"})
		p.replace(results, "v1.34.4", "policies", []string{"1.34.4", "policies", passed, "9", "0", "1s", "today at 1234567"})
		if got := p.sentence(); got != "Tested on Kubernetes "+want+" ([the last runs](docs/versions.md))." || !sentence.MatchString(got) {
			t.Errorf("%q: got %q, want %s", releases, got, want)
		}
		if p.done("v1.34.4", "gitops", "1234567") || !p.done("v1.34.4", "e2e", "1234567") || p.done("v1.34.4", "e2e", "7654321") {
			t.Errorf("%q: what was run at a commit is not what counts", releases)
		}
	}
}

// TestPage: what is written is read again, and only the rows of one suite are replaced.
func TestPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "versions.md")
	if err := os.WriteFile(file, []byte("# Versions\n"+begins+ends+"the end\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	releases := []string{"v1.37.2", "v1.36.4"}
	p, err := readPage(file, releases)
	if err != nil {
		t.Fatal(err)
	}
	p.replace(described, "v1.36.4", "", []string{"1.36.4", "yes", "yes", "no", "no", "14.00 s"})
	p.replace(results, "v1.36.4", "gitops", []string{"1.36.4", "gitops", passed, "9", "1", "1s", "today at 1234567"})
	p.replace(results, "v1.36.4", "e2e", []string{"1.36.4", "e2e", "failed: 1", "9", "1", "1s", "today at 1234567"})
	p.replace(results, "v1.37.2", "e2e", []string{"1.37.2", "e2e", passed, "9", "0", "1s", "today at 1234567"})
	p.replace(results, "v1.36.4", "e2e", []string{"1.36.4", "e2e", passed, "9", "1", "1s", "today at 1234567"})
	p.replace(omitted, "v1.36.4", "gitops", []string{"1.36.4", "gitops", "Witness/by the generation", "there is none"})
	want := `
| Kubernetes | floor guard | condition ScaledToZero, with HPAScaleToZero | generation of HPAs | minReplicas 0 by default | a raised minReplicas is acted on within |
| --- | --- | --- | --- | --- | --- |
| 1.36.4 | yes | yes | no | no | 14.00 s |

| Kubernetes | suite | result | scenes | do not apply | took | run |
| --- | --- | --- | --- | --- | --- | --- |
| 1.37.2 | e2e | passed | 9 | 0 | 1s | today at 1234567 |
| 1.36.4 | e2e | passed | 9 | 1 | 1s | today at 1234567 |
| 1.36.4 | gitops | passed | 9 | 1 | 1s | today at 1234567 |

| Kubernetes | suite | scene that does not apply | why |
| --- | --- | --- | --- |
| 1.36.4 | gitops | Witness/by the generation | there is none |

`
	if diff := cmp.Diff(want, p.markdown()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := os.WriteFile(file, []byte(p.head+begins+p.markdown()+ends+p.tail), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := readPage(file, releases)
	if diff := cmp.Diff(p, again, cmp.AllowUnexported(page{})); err != nil || diff != "" {
		t.Errorf("read again: %v (-want +got):\n%s", err, diff)
	}
	if moved, err := readPage(file, []string{"v1.37.2", "v1.36.5"}); err != nil || strings.Contains(moved.markdown(), "1.36.4") {
		t.Errorf("1.36.4 is not tested any more, %v:\n%s", err, moved.markdown())
	}
	p.replace(omitted, "v1.36.4", "gitops")
	if strings.Contains(p.markdown(), "there is none") {
		t.Error("what applies now is still listed")
	}
}

// TestSuite reads what a suite says: parents are no scenes, and only a reason that is known excuses what was skipped.
func TestSuite(t *testing.T) {
	const said = `{"Action":"run","Test":"TestA"}
{"Action":"pass","Test":"TestA/one"}
{"Action":"output","Test":"TestA/two","Output":"    needs.go:17: not applicable: there is no moon\n"}
{"Action":"skip","Test":"TestA/two"}
{"Action":"pass","Test":"TestA"}
{"Action":"output","Test":"TestB","Output":"    needs.go:17: not applicable: there is no sun\n"}
{"Action":"pass","Test":"TestB/part"}
{"Action":"skip","Test":"TestB"}
`
	read := func(more string) *suite {
		t.Helper()
		s := &suite{name: "e2e", ended: map[string]string{}, said: map[string]string{}}
		if err := s.read(strings.NewReader(said + more)); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := read(`{"Action":"pass"}`)
	s.judge(false)
	if diff := cmp.Diff([]string{"1.36.4", "e2e", passed, "2", "2", "0s", "today"}, s.row("v1.36.4", "today")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"1.36.4", "e2e", "A/two", "there is no moon"}, {"1.36.4", "e2e", "B", "there is no sun"}}, s.omitted("v1.36.4")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for what, c := range map[string]struct {
		more   string
		failed bool
		want   string
	}{
		"a scene fails":             {`{"Action":"fail","Test":"TestC"}`, true, "TestC"},
		"it skips for no reason":    {`{"Action":"skip","Test":"TestC"}`, false, "TestC"},
		"it fails after all scenes": {`{"Action":"fail"}`, true, "the suite itself"},
	} {
		s := read(c.more)
		s.judge(c.failed)
		if diff := cmp.Diff([]string{c.want}, s.failed); diff != "" || s.row("v1.36.4", "today")[2] != "failed: 1" {
			t.Errorf("%s: %v (-want +got):\n%s", what, s.row("v1.36.4", "today"), diff)
		}
	}
}
