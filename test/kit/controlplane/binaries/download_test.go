package binaries

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// site is a download site on this machine, with the layout of the real ones.
type site struct {
	*httptest.Server
	files map[string][]byte
	serve http.HandlerFunc // What it does instead for kubectl, if it is not nil.
	slow  bool             // Whether the download must find it too slow.
}

const kubectlPath = "/v1.2.3/bin/linux/amd64/kubectl"

func newSite(t *testing.T) *site {
	t.Helper()
	kubectl := bytes.Repeat([]byte("kubectl "), 10_000)
	s := &site{files: map[string][]byte{
		"/v1.2.3/bin/linux/amd64/kube-apiserver":        []byte("the API server"),
		"/v1.2.3/bin/linux/amd64/kube-apiserver.sha256": []byte(sumOf([]byte("the API server")) + "\n"),
		kubectlPath:                        kubectl,
		"/etcd/v3/etcd-linux-amd64.tar.gz": archive(t, "etcd-v3/README.md", "etcd-v3/etcd"),
	}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, found := s.files[r.URL.Path]
		switch {
		case r.URL.Path == kubectlPath && s.serve != nil:
			s.serve(w, r)
		case !found:
			http.NotFound(w, r)
		default:
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// lines are a downloads.txt for the site.
func (s *site) lines() string {
	return strings.Join([]string{
		"# comment",
		"linux/amd64 etcd " + sumOf(s.files["/etcd/v3/etcd-linux-amd64.tar.gz"]) + " " + s.URL + "/etcd/v3/etcd-linux-amd64.tar.gz",
		"linux/amd64 kube-apiserver published " + s.URL + "/v1.2.3/bin/linux/amd64/kube-apiserver",
		"linux/amd64 kubectl " + sumOf(s.files[kubectlPath]) + " " + s.URL + kubectlPath,
		"linux/arm64 kubectl published " + s.URL + "/v1.2.3/bin/linux/arm64/kubectl",
		"linux/amd64 kwok published " + s.URL + "/not-wanted",
	}, "\n")
}

// fetch downloads into dir. It returns the progress, and the targets that a build would have been left with.
func (s *site) fetch(ctx context.Context, dir string) (progress string, built []string, err error) {
	var text strings.Builder
	d := &downloader{dir: dir, interval: time.Hour, rate: 1, printf: func(format string, args ...any) {
		fmt.Fprintf(&text, format+"\n", args...)
	}}
	if s.slow {
		d.interval = 20 * time.Millisecond
	}
	wanted := []string{"etcd", "kube-apiserver", "kubectl"}
	err = d.fetchOr(ctx, downloads(s.lines(), "linux/amd64", wanted), func(context.Context) error {
		for _, name := range wanted {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				built = append(built, name)
			}
		}
		return nil
	})
	return text.String(), built, err
}

// want checks that the files of the site are in dir, and nothing else.
func (s *site) want(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"etcd": "content of etcd-v3/etcd", "kube-apiserver": "the API server", "kubectl": string(s.files[kubectlPath]),
	} {
		file := filepath.Join(dir, name)
		got, err := os.ReadFile(file)
		if err != nil || string(got) != text {
			t.Errorf("%s: got %.40q, %v, want %.40q", name, got, err, text)
		}
		if info, err := os.Stat(file); err == nil && info.Mode().Perm() != 0o755 {
			t.Errorf("%s: got mode %v, want it executable", name, info.Mode())
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("the directory holds %v, %v, want the three files alone", files, err)
	}
}

func TestDownload(t *testing.T) {
	s, dir := newSite(t), t.TempDir()
	progress, built, err := s.fetch(t.Context(), dir)
	if err != nil || built != nil {
		t.Errorf("got %v and a build of %q, want neither; progress:\n%s", err, built, progress)
	}
	s.want(t, dir)
	if !strings.Contains(progress, "downloading the control plane into "+dir) || !strings.Contains(progress, "downloaded the control plane in") {
		t.Errorf("got progress %q, want it to say what is done", progress)
	}
}

// TestDownloadFollowsRedirects serves a file at another address, as GitHub does.
func TestDownloadFollowsRedirects(t *testing.T) {
	s, dir := newSite(t), t.TempDir()
	s.files["/elsewhere"] = s.files[kubectlPath]
	s.serve = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	if progress, built, err := s.fetch(t.Context(), dir); err != nil || built != nil {
		t.Errorf("got %v and a build of %q, want neither; progress:\n%s", err, built, progress)
	}
	s.want(t, dir)
}

// TestDownloadGoesOn cuts the connection twice, and goes on in another directory with what an interrupt has left.
func TestDownloadGoesOn(t *testing.T) {
	s, dir := newSite(t), t.TempDir()
	var ranges []string
	s.serve = func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		http.ServeContent(&cutter{ResponseWriter: w, left: 30_000}, r, "", time.Time{}, bytes.NewReader(s.files[kubectlPath]))
	}
	if progress, built, err := s.fetch(t.Context(), dir); err != nil || built != nil {
		t.Errorf("got %v and a build of %q, want neither; progress:\n%s", err, built, progress)
	}
	s.want(t, dir)
	if len(ranges) != 3 || ranges[0] != "" || ranges[1] == "" || ranges[2] == "" {
		t.Errorf("got requests for the ranges %q, want the whole and two parts", ranges)
	}

	s.serve, dir = nil, t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kubectl.download"), s.files[kubectlPath][:1234], 0o644); err != nil {
		t.Fatal(err)
	}
	if progress, built, err := s.fetch(t.Context(), dir); err != nil || built != nil {
		t.Errorf("after an interrupt: got %v and a build of %q, want neither; progress:\n%s", err, built, progress)
	}
	s.want(t, dir)
}

// TestDownloadStartsAnew finds something else in the place of a download that was interrupted.
func TestDownloadStartsAnew(t *testing.T) {
	s, dir := newSite(t), t.TempDir()
	for _, name := range []string{"kubectl", "etcd"} { // One shorter and one longer than the file.
		if err := os.WriteFile(filepath.Join(dir, name+".download"), bytes.Repeat([]byte("x"), 20_000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if progress, built, err := s.fetch(t.Context(), dir); err != nil || built != nil {
		t.Errorf("got %v and a build of %q, want neither; progress:\n%s", err, built, progress)
	}
	s.want(t, dir)
}

// TestDownloadEndsInBuild lets the download site fail in each way: nothing of that is used.
func TestDownloadEndsInBuild(t *testing.T) {
	tests := map[string]struct {
		damage func(s *site)
		reason string
	}{
		"wrong checksum": {func(s *site) {
			s.serve = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "another file") }
		}, "its SHA-256 is " + sumOf([]byte("another file"))},
		"wrong published checksum": {func(s *site) {
			s.files["/v1.2.3/bin/linux/amd64/kube-apiserver"] = []byte("damaged")
		}, "its SHA-256 is " + sumOf([]byte("damaged"))},
		"published checksum that is none": {func(s *site) {
			s.files["/v1.2.3/bin/linux/amd64/kube-apiserver.sha256"] = []byte("<html>Log in</html>")
		}, "kube-apiserver.sha256: it is no SHA-256"},
		"no published checksum": {func(s *site) {
			delete(s.files, "/v1.2.3/bin/linux/amd64/kube-apiserver.sha256")
		}, "kube-apiserver.sha256: 404 Not Found"},
		"truncated file": {func(s *site) {
			s.serve = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.files[kubectlPath][:100]) }
		}, "its SHA-256 is "},
		"connection that is always cut": {func(s *site) {
			s.serve = func(w http.ResponseWriter, r *http.Request) {
				http.ServeContent(&cutter{ResponseWriter: w, left: 10}, r, "", time.Time{}, bytes.NewReader(s.files[kubectlPath]))
			}
		}, "kubectl: unexpected EOF"},
		"404": {func(s *site) { delete(s.files, kubectlPath) }, "kubectl: 404 Not Found"},
		"slow answer": {func(s *site) {
			s.slow = true
			s.serve = func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, "k")
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
		}, "the download sites are too slow: 0 kB/s"},
		"no answer": {func(s *site) {
			s.slow = true
			s.serve = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}, "the download sites are too slow: 0 kB/s"},
		"refused connection": {func(s *site) { s.Close() }, "connection refused"},
		"redirect out of HTTPS": {func(s *site) {
			s.serve = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "ftp://127.0.0.1/kubectl", http.StatusFound)
			}
		}, "cannot follow the redirect to ftp://127.0.0.1/kubectl"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, dir := newSite(t), t.TempDir()
			tt.damage(s)
			progress, built, err := s.fetch(t.Context(), dir)
			if err != nil || len(built) == 0 {
				t.Errorf("got %v and a build of %q, want a build of what could not be had", err, built)
			}
			if !strings.Contains(progress, tt.reason) || !strings.Contains(progress, "builds from source instead") {
				t.Errorf("got progress\n%s\nwant %q in it, and that it builds", progress, tt.reason)
			}
		})
	}
}

// TestDownloadIsInterrupted cancels a download, which must not begin a build.
func TestDownloadIsInterrupted(t *testing.T) {
	s, dir := newSite(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s.serve = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}
	if progress, built, err := s.fetch(ctx, dir); !errors.Is(err, context.Canceled) || built != nil {
		t.Errorf("got %v and a build of %q, want %v and none; progress:\n%s", err, built, context.Canceled, progress)
	}
}

// TestReleasesAreWhatIsBuilt compares downloads.txt with the versions that are built.
func TestReleasesAreWhatIsBuilt(t *testing.T) {
	src, err := findSource(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := missing(t.TempDir())
	for _, machine := range []string{"linux/amd64", "linux/arm64"} {
		list := downloads(releases, machine, all)
		if len(list) != len(all) {
			t.Errorf("%s: got %d downloads, want %d: %q", machine, len(list), len(all), all)
		}
		for _, f := range list {
			version := src.kubernetes
			switch f.name {
			case "etcd":
				version = src.etcd
			case "kwok", StagesFile:
				version = src.kwok
			}
			if !strings.HasPrefix(f.url, "https://") || !strings.Contains(f.url, "/"+version+"/") {
				t.Errorf("%s: got %s, want version %s by HTTPS", machine, f.url, version)
			}
			if f.sum != published && len(f.sum) != 2*sha256.Size {
				t.Errorf("%s: got SHA-256 %s for %s, want 64 digits or %s", machine, f.sum, f.name, published)
			}
		}
	}
}

func sumOf(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text)) }

// archive returns a .tar.gz of files with a content each.
func archive(t *testing.T, names ...string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	entries := tar.NewWriter(zipped)
	for _, name := range names {
		text := "content of " + name
		err := entries.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(text))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(entries.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// cutter breaks the connection after some bytes.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 && err == nil {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}
