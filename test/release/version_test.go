package release

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// metadata is what these tests look at in Chart.yaml.
type metadata struct {
	Version     string
	AppVersion  string `yaml:"appVersion"`
	Annotations map[string]string
}

func chartMetadata(t *testing.T) (m metadata) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, chart+"/Chart.yaml")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// A version is written in more than one place. They are the same, and whoever tags finds them all here.
func TestVersionIsTheSameEverywhere(t *testing.T) {
	m := chartMetadata(t)
	version := m.Version
	if m.AppVersion != "v"+version {
		t.Errorf("the chart has version %s and appVersion %s", version, m.AppVersion)
	}
	for _, place := range []struct{ file, pattern string }{
		{"deploy/kustomize/kustomization.yaml", `newTag: v(\S+)`},
		{"deploy/kustomize/kustomization.yaml", `ref=v([\d.]+)`},
		{"deploy/kustomize/policies/floor-guard/kustomization.yaml", `ref=v([\d.]+)`},
		{"deploy/kustomize/priority/kustomization.yaml", `ref=v([\d.]+)`},
		{"deploy/kustomize/raise-targets/kustomization.yaml", `ref=v([\d.]+)`},
		{"deploy/kustomize/secure-metrics/kustomization.yaml", `ref=v([\d.]+)`},
		{"deploy/install.yaml", `image: ghcr.io/floorkeeper/floorkeeper:v(\S+)`},
		{"docs/examples/application.yaml", `targetRevision: v(\S+)`},
		{"docs/examples/helmrelease.yaml", `tag: v(\S+)`},
		{"docs/install.md", `ref=v([\d.]+)`},
		{"docs/guard.md", `ref=v([\d.]+)`},
		{"docs/operations.md", `ref=v([\d.]+)`},
		{"SECURITY.md", `VERSION=v(\S+)`},
	} {
		found := regexp.MustCompile(place.pattern).FindAllStringSubmatch(read(t, place.file), -1)
		if found == nil {
			t.Errorf("%s has nothing like %s", place.file, place.pattern)
		}
		for _, match := range found {
			if match[1] != version {
				t.Errorf("%s has the version %s, and the chart %s", place.file, match[1], version)
			}
		}
	}
	if latest := regexp.MustCompile(`(?m)^## (\d\S*) - \d{4}-\d\d-\d\d$`).FindStringSubmatch(read(t, "CHANGELOG.md")); latest != nil {
		if latest[1] != version {
			t.Errorf("the newest version in CHANGELOG.md is %s, and the chart's is %s", latest[1], version)
		}
	} else if !strings.Contains(strings.Join(strings.Fields(read(t, "CHANGELOG.md")), " "), "What is unreleased becomes "+version+",") {
		t.Errorf("CHANGELOG.md has neither ## %s - DATE nor the line that the unreleased becomes it", version)
	}
}

// make release-notes is what the release's page says: the lines of the version alone. A tag without lines is refused.
func TestReleaseNotes(t *testing.T) {
	folder := t.TempDir()
	changelog := "# Changelog\n\nAbout it.\n\n## Unreleased\n\n- new\n\n## 0.2.0 - 2027-01-01\n\n- two\n  lines\n\n## 0.1.0 - 2026-12-01\n\n- one\n\n## 0.0.9 - 2026-11-01\n"
	if err := os.WriteFile(filepath.Join(folder, "CHANGELOG.md"), []byte(changelog), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"v0.2.0": "- two\n  lines", "v0.1.0": "- one", "v0.3.0-rc.1": "- new",
		"v0.0.9": "", "v0.1": "", "v0.3.0": "",
	} {
		got, err := makeIn(t, folder, "release-notes", "VERSION="+version)
		switch {
		case want == "" && (err == nil || !strings.Contains(err.Error(), "RELEASING.md")):
			t.Errorf("%s: %q, %v, want an error that names RELEASING.md", version, got, err)
		case want != "" && (err != nil || strings.TrimSpace(got) != want):
			t.Errorf("%s: %q, %v, want %q", version, got, err, want)
		}
	}
}
