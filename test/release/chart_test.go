package release

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// annotation reads YAML in an annotation of Chart.yaml, strictly.
func annotation[T any](t *testing.T, name string) (value []T) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(chartMetadata(t).Annotations["artifacthub.io/"+name]))
	decoder.KnownFields(true)
	if err := decoder.Decode(&value); err != nil || len(value) == 0 {
		t.Errorf("artifacthub.io/%s: %v, %v", name, value, err)
	}
	return value
}

// What Artifact Hub reads; see docs/helm_annotations.md in its repository.
func TestArtifactHubAnnotations(t *testing.T) {
	m := chartMetadata(t)
	known := []string{"category", "changes", "images", "license", "links"}
	for name := range m.Annotations {
		if !slices.Contains(known, strings.TrimPrefix(name, "artifacthub.io/")) {
			t.Errorf("this test does not know the annotation %s", name)
		}
	}
	categories := []string{
		"ai-machine-learning", "database", "integration-delivery", "monitoring-logging", "networking", "security", "skip-prediction", "storage", "streaming-messaging",
	}
	if category := m.Annotations["artifacthub.io/category"]; !slices.Contains(categories, category) {
		t.Errorf("category %q is none of %q", category, categories)
	}
	type link struct{ Name, URL string }
	for _, l := range annotation[link](t, "links") {
		if l.Name == "" || !strings.HasPrefix(l.URL, "https://github.com/floorkeeper/floorkeeper") {
			t.Errorf("link %+v", l)
		}
	}
	type change struct {
		Kind, Description string
		Links             []link
	}
	for _, c := range annotation[change](t, "changes") {
		if !slices.Contains([]string{"added", "changed", "deprecated", "removed", "fixed", "security"}, c.Kind) || c.Description == "" {
			t.Errorf("change %+v", c)
		}
	}
	platforms := regexp.MustCompile(`(?m)^PLATFORMS \?= (.*)$`).FindStringSubmatch(read(t, "Makefile"))
	for _, i := range annotation[struct {
		Name, Image string
		Platforms   []string
	}](t, "images") {
		if want := registry(t) + "/floorkeeper:" + m.AppVersion; i.Image != want || platforms == nil || strings.Join(i.Platforms, " ") != platforms[1] {
			t.Errorf("image %+v, want %s for %q", i, want, platforms)
		}
	}
}

// registry returns where releases are pushed.
func registry(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^REGISTRY \?= (\S+)$`).FindStringSubmatch(read(t, "Makefile"))
	if found == nil {
		t.Fatal("the Makefile has no REGISTRY")
	}
	return found[1]
}

// Who reads one of these knows the license and where the rest is.
func TestLicenseAndNames(t *testing.T) {
	const license, home = "Apache-2.0", "https://github.com/floorkeeper/floorkeeper"
	if text := read(t, "LICENSE"); !strings.Contains(text, "Apache License") || !strings.Contains(text, "Version 2.0, January 2004") {
		t.Errorf("LICENSE is not the one that is called %s", license)
	}
	if !strings.HasPrefix(read(t, "go.mod"), "module "+strings.TrimPrefix(home, "https://")+"\n") {
		t.Errorf("go.mod is not %s", home)
	}
	for file, names := range map[string][]string{
		"README.md":                    {license},
		chart + "/Chart.yaml":          {"artifacthub.io/license: " + license + "\n", "home: " + home + "\n"},
		"Dockerfile":                   {`licenses="` + license + `"`, `source="` + home + `"`},
		"deploy/krew/floorkeeper.yaml": {"homepage: " + home + "\n", home + "/releases/download/"},
		"SECURITY.md": {
			"\n## Verify a release\n", home + "/.github/workflows/release.yaml@refs/tags/", registry(t) + "/floorkeeper:", registry(t) + "/charts/floorkeeper:", "checksums.txt.sigstore.json",
		},
		"RELEASING.md":     {registry(t) + "/floorkeeper", registry(t) + "/charts/floorkeeper"},
		".goreleaser.yaml": {registry(t) + "/floorkeeper:{{ .Tag }}", registry(t) + "/charts/floorkeeper", home + "/blob/{{ .Tag }}/SECURITY.md#verify-a-release"},
	} {
		for _, name := range names {
			if !strings.Contains(read(t, file), name) {
				t.Errorf("%s does not have %q", file, name)
			}
		}
	}
}
