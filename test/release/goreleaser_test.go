package release

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

// goreleaser is what these tests look at in .goreleaser.yaml.
type goreleaser struct {
	ProjectName string `json:"project_name"`
	Builds      []struct {
		ID, Main, Binary                  string
		Env, Flags, Ldflags, Goos, Goarch []string
	}
	Archives []struct {
		ID              string
		IDs             []string
		NameTemplate    string `json:"name_template"`
		Formats         []string
		FormatOverrides []struct {
			Goos    string
			Formats []string
		} `json:"format_overrides"`
		Files []struct{ Src string }
	}
	SBOMs    []struct{ IDs []string }
	Checksum struct {
		NameTemplate string      `json:"name_template"`
		ExtraFiles   []extraFile `json:"extra_files"`
	}
	Release struct {
		ExtraFiles []extraFile `json:"extra_files"`
		Footer     string
	}
}

type extraFile struct{ Glob string }

// configuration reads .goreleaser.yaml with the code of GoReleaser, which refuses unknown keys.
func configuration(t *testing.T) (c goreleaser) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), checker)
	cmd.Stdin = strings.NewReader(read(t, ".goreleaser.yaml"))
	found, err := output(cmd)
	if err == nil {
		err = json.Unmarshal([]byte(found), &c)
	}
	if err != nil || len(c.Builds) == 0 || len(c.Archives) == 0 {
		t.Fatalf("%+v: %v", c, err)
	}
	return c
}

// Every file that the configuration names exists, and every id.
func TestGoReleaserNamesWhatExists(t *testing.T) {
	c := configuration(t)
	var named, builds, archives []string
	for _, b := range c.Builds {
		named, builds = append(named, b.Main), append(builds, b.ID)
	}
	for _, a := range c.Archives {
		archives = append(archives, a.ID)
		for _, id := range a.IDs {
			if !slices.Contains(builds, id) {
				t.Errorf("archive %s has the build %s, which is none of %q", a.ID, id, builds)
			}
		}
		for _, f := range a.Files {
			named = append(named, f.Src)
		}
		if !slices.ContainsFunc(a.Files, func(f struct{ Src string }) bool { return f.Src == "LICENSE" }) {
			t.Errorf("archive %s has no license", a.ID)
		}
	}
	for _, s := range c.SBOMs {
		for _, id := range s.IDs {
			if !slices.Contains(archives, id) {
				t.Errorf("an SBOM is for the archive %s, which is none of %q", id, archives)
			}
		}
	}
	for _, f := range slices.Concat(c.Checksum.ExtraFiles, c.Release.ExtraFiles) {
		named = append(named, f.Glob)
	}
	for _, name := range named {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(c.Release.ExtraFiles, c.Checksum.ExtraFiles); diff != "" {
		t.Errorf("files without a checksum (-release +checksum):\n%s", diff)
	}
}

// An archive holds what make build builds, for each platform that floorkeeper has.
func TestGoReleaserBuildsWhatMakeBuilds(t *testing.T) {
	recipe, err := makeIn(t, root, "--dry-run", "build", "VERSION=VERSION", "COMMIT=COMMIT")
	if err != nil {
		t.Fatal(err)
	}
	values := strings.NewReplacer("{{ .Tag }}", "VERSION", "{{ .FullCommit }}", "COMMIT")
	binaries := map[string]string{"floorkeeper": "floorkeeper", "plugin": "kubectl-floorkeeper"}
	for _, b := range configuration(t).Builds {
		ldflags := values.Replace(strings.Join(b.Ldflags, " "))
		want := strings.Join(b.Env, " ") + " go build " + strings.Join(b.Flags, " ") + " -ldflags '" + ldflags + "' -o"
		if !strings.Contains(recipe, want) || !strings.Contains(recipe, b.Main) {
			t.Errorf("build %s runs\n%s ... %s\nand make build runs\n%s", b.ID, want, b.Main, recipe)
		}
		if binaries[b.ID] != b.Binary {
			t.Errorf("build %s is called %s, want %s", b.ID, b.Binary, binaries[b.ID])
		}
		for _, variable := range regexp.MustCompile(`-X (\S+)=`).FindAllStringSubmatch(ldflags, -1) {
			if !declares(t, variable[1]) {
				t.Errorf("the linker sets %s, which is no variable", variable[1])
			}
		}
		if strings.Count(ldflags, "-X") != 2 {
			t.Errorf("build %s has the ldflags %q, want a version and a commit", b.ID, ldflags)
		}
	}
}

// declares reports whether a package-level variable of type string, such as example.com/module/pkg.Name, is in the
// repository. The linker ignores one that is not.
func declares(t *testing.T, variable string) bool {
	t.Helper()
	const module = "github.com/floorkeeper/floorkeeper/"
	folder, name, _ := strings.Cut(strings.TrimPrefix(variable, module), ".")
	sources, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for spec := range ast.Preorder(file) {
			value, ok := spec.(*ast.ValueSpec)
			if ok && slices.ContainsFunc(value.Names, func(n *ast.Ident) bool { return n.Name == name }) {
				return true
			}
		}
	}
	return false
}

// archives returns the names of all archives of a version, with the binary that each holds.
func archives(t *testing.T, version string) map[string]string {
	t.Helper()
	c := configuration(t)
	found := map[string]string{}
	for _, a := range c.Archives {
		for _, b := range c.Builds {
			if !slices.Contains(a.IDs, b.ID) {
				continue
			}
			for _, goos := range b.Goos {
				format := a.Formats[0]
				for _, o := range a.FormatOverrides {
					if o.Goos == goos {
						format = o.Formats[0]
					}
				}
				binary := b.Binary
				if goos == "windows" {
					binary += ".exe"
				}
				for _, goarch := range b.Goarch {
					name := fill(t, a.NameTemplate, map[string]string{"ProjectName": c.ProjectName, "Version": version, "Os": goos, "Arch": goarch})
					found[name+"."+format] = binary
				}
			}
		}
	}
	return found
}

// fill fills a template in. A name that it does not know fails the test.
func fill(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	var b strings.Builder
	parsed, err := template.New("").Option("missingkey=error").Parse(text)
	if err == nil {
		err = parsed.Execute(&b, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArchives(t *testing.T) {
	var want []string
	for _, platform := range []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"} {
		format := ".tar.gz"
		if strings.HasPrefix(platform, "windows") {
			format = ".zip"
		}
		want = append(want, "floorkeeper_0.1.0_"+platform+format, "kubectl-floorkeeper_"+platform+".tar.gz")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(archives(t, "0.1.0")))); diff != "" {
		t.Errorf("archives (-want +got):\n%s", diff)
	}
}

// The plugin's manifest names the archives of the release, and what is in them.
func TestKrewNamesTheArchives(t *testing.T) {
	want := archives(t, "0.1.0")
	maps.DeleteFunc(want, func(_, binary string) bool { return !strings.HasPrefix(binary, "kubectl-") })
	got := map[string]string{}
	for _, p := range plugin(t, "v0.1.0").Spec.Platforms {
		got[path.Base(p.URI)] = p.Bin
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("archives and what is in them (-.goreleaser.yaml +deploy/krew/floorkeeper.yaml):\n%s", diff)
	}
}

// SECURITY.md: one list covers both platforms of the image.
func TestPlatformsHaveTheSameModules(t *testing.T) {
	modules := func(goarch string) string {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./cmd/floorkeeper")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
		out, err := output(cmd)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out, "\n")
		slices.Sort(lines)
		return strings.Join(slices.Compact(lines), "\n")
	}
	if diff := cmp.Diff(modules("amd64"), modules("arm64")); diff != "" {
		t.Errorf("modules (-amd64 +arm64):\n%s", diff)
	}
}
