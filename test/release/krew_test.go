package release

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// manifest is what krew reads (sigs.k8s.io/krew/pkg/index).
type manifest struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Version, Homepage, ShortDescription, Description, Caveats string
		Platforms                                                 []struct {
			Selector    metav1.LabelSelector
			URI, Sha256 string
			Bin         string
		}
	}
}

const templateFile = "../../deploy/krew/floorkeeper.yaml"

// plugin fills the template in as krew-release-bot does (its pkg/source/template.go), and reads the manifest.
func plugin(t *testing.T, tag string) (m manifest) {
	t.Helper()
	values := map[string]string{"TagName": tag}
	bot := template.FuncMap{"addURIAndSha": func(url, tag string) (string, error) {
		var b bytes.Buffer
		parsed, err := template.New("url").Parse(url)
		if err != nil {
			return "", err
		}
		err = parsed.Execute(&b, map[string]string{"TagName": tag})
		return "uri: " + b.String() + "\n    sha256: " + strings.Repeat("0123abcd", 8), err
	}}
	parsed, err := template.New(filepath.Base(templateFile)).Funcs(bot).ParseFiles(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, values); err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(b.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// The template must become a manifest that krew takes. TestKrewNamesTheArchives compares the platforms.
func TestKrewManifest(t *testing.T) {
	const tag = "v0.1.0"
	m := plugin(t, tag)
	if m.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || m.Kind != "Plugin" || m.Name+".yaml" != filepath.Base(templateFile) ||
		m.Spec.Version != tag || m.Spec.Homepage != "https://github.com/floorkeeper/floorkeeper" {
		t.Errorf("%+v", m)
	}
	// krew lists plugins with a line each.
	if d := m.Spec.ShortDescription; d == "" || len(d) > 55 || strings.ContainsAny(d, "\n") || strings.HasSuffix(d, ".") || m.Spec.Description == "" {
		t.Errorf("short description %q", d)
	}
	seen := map[string]bool{}
	for _, p := range m.Spec.Platforms {
		platform := p.Selector.MatchLabels["os"] + "_" + p.Selector.MatchLabels["arch"]
		want := "https://github.com/floorkeeper/floorkeeper/releases/download/" + tag + "/kubectl-floorkeeper_" + platform + ".tar.gz"
		if p.URI != want || !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(p.Sha256) || seen[platform] {
			t.Errorf("platform %s: %+v", platform, p)
		}
		seen[platform] = true
	}
}
