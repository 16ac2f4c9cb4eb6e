package binaries

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRelease(t *testing.T) {
	releases := []string{"v1.37.2", "v1.36.4", "v1.3.13"}
	for name, want := range map[string]string{"1.37": "v1.37.2", "v1.36": "v1.36.4", "1.36.4": "v1.36.4", "v1.3.13": "v1.3.13", "1.3": "v1.3.13"} {
		if got, err := Release(releases, name); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"", "1", "1.32", "1.36.3", "latest"} {
		if got, err := Release(releases, name); err == nil || !strings.HasSuffix(err.Error(), ": choose 1.37, 1.36, 1.3") {
			t.Errorf("%q: got %q, %v, want an error that lists the releases", name, got, err)
		}
	}
}

// TestReleasesFollowEachOther: there is one for each minor version, none is left out between them, and the newest comes first.
func TestReleasesFollowEachOther(t *testing.T) {
	releases, err := Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for _, release := range releases {
		var minor, patch int
		if _, err := fmt.Sscanf(release, "v1.%d.%d", &minor, &patch); err != nil || last != 0 && minor != last-1 {
			t.Errorf("in %q, %s follows 1.%d (%v)", releases, release, last, err)
		}
		last = minor
	}
}

// TestChosenRelease asks for a release that is not known, and for a known one beside binaries that are given.
func TestChosenRelease(t *testing.T) {
	t.Setenv(Variable, "1.12")
	if Older() {
		t.Error("1.12 is taken for a release that the tests run on")
	}
	if dir, err := Dir(t.Context(), t.Output()); err == nil || !strings.Contains(err.Error(), `cannot use Kubernetes "1.12": choose 1.`) {
		t.Errorf("got %s, %v, want an error that lists the releases", dir, err)
	}
	t.Setenv(Variable, older()[0])
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())
	if !Older() {
		t.Errorf("%s is not taken for a release that the tests run on", older()[0])
	}
	if dir, err := Dir(t.Context(), t.Output()); err == nil || !strings.Contains(err.Error(), "unset one of them") {
		t.Errorf("got %s, %v, want an error that names both variables", dir, err)
	}
}

// TestGoMod makes a module from what Kubernetes' own go.mod file has.
func TestGoMod(t *testing.T) {
	own := `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	github.com/blang/semver/v4 v4.0.0
	k8s.io/api v0.0.0
	k8s.io/klog/v2 v2.130.1
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
)
`
	want := `module release

require k8s.io/kubernetes v1.33.13
go 1.24.0
godebug default=go1.24
replace k8s.io/api => k8s.io/api v0.33.13
replace k8s.io/client-go => k8s.io/client-go v0.33.13
`
	if got := goMod("v1.33.13", own); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDownloadsOfARelease: the addresses of Kubernetes' files differ by the version, and no checksum is known for them.
func TestDownloadsOfARelease(t *testing.T) {
	list := []download{{"kubectl", "0815", "https://dl.example/v1.37.2/bin/linux/amd64/kubectl"}}
	want := download{"kubectl", published, "https://dl.example/v1.33.13/bin/linux/amd64/kubectl"}
	if got := ofRelease(list, "v1.37.2", "v1.33.13"); len(got) != 1 || got[0] != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestReleaseIsKept: what is complete is neither downloaded nor built again.
func TestReleaseIsKept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range missing(dir) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b := builder{dir: dir, subject: subject, progress: t.Output()}
	change := func([]download) []download { t.Error("it is downloaded"); return nil }
	err := b.complete(t.Context(), func() error { return nil }, change, func(context.Context) error { return errors.New("it is built") })
	if err != nil {
		t.Error(err)
	}
}
