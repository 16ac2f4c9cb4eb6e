package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// Sizes, digests and media types are what the specification of OCI images asks for, all the way down.
func TestLayoutIsValid(t *testing.T) {
	if err := validate.Index(index(t)); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	labels := map[string]string{
		"org.opencontainers.image.title":       "floorkeeper",
		"org.opencontainers.image.description": "Raises the minReplicas of HorizontalPodAutoscalers before a known peak, and restores it afterwards",
		"org.opencontainers.image.source":      "https://github.com/floorkeeper/floorkeeper",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     version,
		"org.opencontainers.image.revision":    commit,
	}
	manifest, err := index(t).IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(labels, manifest.Annotations); diff != "" {
		t.Errorf("annotations of the index (-want +got):\n%s", diff)
	}
	var platforms []string
	for platform, image := range images(t) {
		platforms = append(platforms, platform)
		config, err := image.ConfigFile()
		manifest, err2 := image.Manifest()
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if got := config.OS + "/" + config.Architecture; got != platform {
			t.Errorf("the image for %s says that it is for %s", platform, got)
		}
		if got := config.Created.UTC().Format("2006-01-02"); got != "2026-01-01" {
			t.Errorf("%s: created on %s, want the day of SOURCE_DATE_EPOCH", platform, got)
		}
		// Nothing but these: no shell, no port, no volume, no variable.
		want := v1.Config{User: "65532:65532", Entrypoint: []string{"/floorkeeper"}, Labels: labels}
		if diff := cmp.Diff(want, config.Config); diff != "" {
			t.Errorf("%s: config (-want +got):\n%s", platform, diff)
		}
		if diff := cmp.Diff(labels, manifest.Annotations); diff != "" {
			t.Errorf("%s: annotations (-want +got):\n%s", platform, diff)
		}
	}
	if len(platforms) != 2 {
		t.Errorf("platforms %q, want linux/amd64 and linux/arm64", platforms)
	}
}

// Every file of the image: certificates and the program, which anybody may read, root alone could write, and nothing else.
func TestFiles(t *testing.T) {
	for platform, image := range images(t) {
		var got []string
		for _, f := range files(t, image) {
			got = append(got, fmt.Sprintf("%s %s %d:%d", f.FileInfo().Mode(), f.Name, f.Uid, f.Gid))
		}
		slices.Sort(got)
		want := []string{
			"-rw-r--r-- etc/ssl/certs/ca-certificates.crt 0:0", "-rwxr-xr-x floorkeeper 0:0",
			"drwxr-xr-x etc 0:0", "drwxr-xr-x etc/ssl 0:0", "drwxr-xr-x etc/ssl/certs 0:0",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", platform, diff)
		}
	}
}

// The image has no libc and no dynamic linker, so that the program must need neither.
func TestProgramIsStatic(t *testing.T) {
	machines := map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}
	for platform, image := range images(t) {
		program, err := elf.NewFile(bytes.NewReader(content(t, image, "floorkeeper")))
		if err != nil {
			t.Fatal(err)
		}
		if program.Machine != machines[platform] {
			t.Errorf("%s: the program is for %s", platform, program.Machine)
		}
		for _, part := range program.Progs {
			if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
				t.Errorf("%s: the program is not static: it has %s", platform, part.Type)
			}
		}
		for _, section := range []string{".symtab", ".debug_info", ".zdebug_info"} {
			if program.Section(section) != nil {
				t.Errorf("%s: the program is not stripped: it has %s", platform, section)
			}
		}
	}
}

func TestCertificates(t *testing.T) {
	for platform, image := range images(t) {
		certificates := 0
		for rest := content(t, image, "etc/ssl/certs/ca-certificates.crt"); ; certificates++ {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Errorf("%s, certificate %d: %v", platform, certificates, err)
			} else if !certificate.IsCA {
				t.Errorf("%s: %s is no authority", platform, certificate.Subject)
			}
		}
		if certificates < 50 {
			t.Errorf("%s: %d certificates, want those of all public authorities", platform, certificates)
		}
	}
}

// The command of docs/install.md pushes the image as it is, for all platforms.
func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(t.Output(), "", 0))))
	defer server.Close()
	target := strings.TrimPrefix(server.URL, "http://") + "/floorkeeper:" + version
	push := exec.Command("go", "tool", "-modfile=tools/image/go.mod", "crane", "push", made+"/image", target)
	push.Dir = root
	if out, err := push.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	reference, err := name.ParseReference(target)
	if err != nil {
		t.Fatal(err)
	}
	pushed, err := remote.Index(reference)
	if err != nil {
		t.Fatal(err)
	}
	want, err := index(t).Digest()
	got, err2 := pushed.Digest()
	if err := errors.Join(err, err2, validate.Index(pushed)); err != nil || got != want {
		t.Errorf("the registry has %s, want %s, %v", got, want, err)
	}
}

// images returns the image for each platform.
func images(t *testing.T) map[string]v1.Image {
	t.Helper()
	index := index(t)
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]v1.Image{}
	for _, entry := range manifest.Manifests {
		if all[entry.Platform.String()], err = index.Image(entry.Digest); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// entry is a file of an image.
type entry struct {
	tar.Header
	data []byte
}

// files returns what a container of the image would have, whatever the layers are.
func files(t *testing.T, image v1.Image) []entry {
	t.Helper()
	all := mutate.Extract(image)
	defer all.Close()
	var found []entry
	for reader := tar.NewReader(all); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, entry{*header, data})
	}
}

func content(t *testing.T, image v1.Image, name string) []byte {
	t.Helper()
	for _, f := range files(t, image) {
		if f.Name == name {
			return f.data
		}
	}
	t.Fatalf("the image has no file %s", name)
	return nil
}
