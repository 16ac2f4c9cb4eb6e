package release

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// dependabot is what .github/dependabot.yml may have, as far as this repository uses it.
type dependabot struct {
	Version int
	Updates []struct {
		PackageEcosystem string `yaml:"package-ecosystem"`
		Directory        string
		Directories      []string
		Schedule         struct{ Interval string }
		Cooldown         struct {
			DefaultDays int `yaml:"default-days"`
		}
		CommitMessage struct{ Prefix string } `yaml:"commit-message"`
		Groups        map[string]struct {
			Patterns        []string
			ExcludePatterns []string `yaml:"exclude-patterns"`
		}
		Ignore []struct {
			DependencyName string `yaml:"dependency-name"`
		}
	}
}

// Every module, the Dockerfile and the actions are kept current, and nothing is named that is not there.
func TestDependabotKnowsAllModules(t *testing.T) {
	const file = ".github/dependabot.yml"
	var config dependabot
	decoder := yaml.NewDecoder(strings.NewReader(read(t, file)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&config); err != nil || config.Version != 2 {
		t.Fatalf("%s: version %d, %v", file, config.Version, err)
	}
	got := map[string][]string{}
	for _, u := range config.Updates {
		if (u.Directory == "") == (len(u.Directories) == 0) || !slices.Contains([]string{"daily", "weekly", "monthly"}, u.Schedule.Interval) {
			t.Errorf("%s: %+v", file, u)
		}
		if u.Directory != "" {
			u.Directories = []string{u.Directory}
		}
		got[u.PackageEcosystem] = append(got[u.PackageEcosystem], u.Directories...)
	}
	want := map[string][]string{"github-actions": {"/"}}
	for _, name := range files(t) {
		folder := path.Join("/", filepath.ToSlash(filepath.Dir(name)))
		switch filepath.Base(name) {
		case "go.mod":
			want["gomod"] = append(want["gomod"], folder)
		case "Dockerfile":
			want["docker"] = append(want["docker"], folder)
		}
	}
	for _, folders := range []map[string][]string{got, want} {
		for _, list := range folders {
			slices.Sort(list)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("folders (-repository +%s):\n%s", file, diff)
	}
}

// Dependabot refuses a file with aliases, and says so on a page that nobody looks at.
func TestDependabotHasNoAliases(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &document); err != nil {
		t.Fatal(err)
	}
	var walk func(*yaml.Node)
	walk = func(node *yaml.Node) {
		if node.Kind == yaml.AliasNode || node.Anchor != "" {
			t.Errorf("line %d has an anchor or an alias: write the value out", node.Line)
		}
		for _, child := range node.Content {
			walk(child)
		}
	}
	walk(&document)
}
