package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

const (
	root    = "../.."
	version = "v9.8.7"
	commit  = "0123456789abcdef0123456789abcdef01234567"
	epoch   = "1767225600" // 2026-01-01
)

// made is the folder in which make image has compiled for both platforms and assembled the image.
var made string

func TestMain(m *testing.M) {
	if container := os.Getenv(containerVariable); container != "" {
		fmt.Fprintln(os.Stderr, enter(container, os.Args[1:]))
		os.Exit(99)
	}
	os.Exit(testAll(m))
}

func testAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "floorkeeper-image-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	compile := exec.Command("make", "-C", root, "image", "BIN="+dir, "VERSION="+version, "COMMIT="+commit, "SOURCE_DATE_EPOCH="+epoch)
	compile.Env = withoutMake()
	if out, err := compile.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "make image: %v\n%s", err, out)
		return 1
	}
	made = dir
	return m.Run()
}

// withoutMake is the environment without what a make that runs the tests hands to the makes below it: its variables.
func withoutMake() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "MAKE") || strings.HasPrefix(variable, "MFLAGS=")
	})
}

// index returns the image that make image has assembled.
func index(t *testing.T) v1.ImageIndex {
	t.Helper()
	return readLayout(t, filepath.Join(made, "image"))
}

func readLayout(t *testing.T, folder string) v1.ImageIndex {
	t.Helper()
	all, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 {
		t.Fatalf("%d entries in the layout, want 1: crane and skopeo push no other", len(manifest.Manifests))
	}
	only := manifest.Manifests[0]
	if name := only.Annotations["org.opencontainers.image.ref.name"]; name != version {
		t.Errorf("the image in the layout is named %q, want %q", name, version)
	}
	index, err := all.ImageIndex(only.Digest)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// arguments are those of the program that give the image that make image has assembled, in another folder.
func arguments(output string, more ...string) []string {
	return append([]string{
		"-dockerfile=" + root + "/Dockerfile", "-build-arg=VERSION=" + version, "-build-arg=COMMIT=" + commit, "-created=" + epoch,
		"-programs=" + made, "-output=" + output,
	}, more...)
}

// The digest depends on nothing but the inputs: not on when, where or how often the image is assembled.
func TestSameInputsGiveTheSameDigest(t *testing.T) {
	t.Setenv("TZ", "Asia/Tokyo")
	again := filepath.Join(t.TempDir(), "other", "folder")
	writeFile(t, filepath.Join(again, "oci-layout"), "an older image, which is replaced")
	if err := run(arguments(again, "linux/amd64", "linux/arm64"), t.Output(), t.Output()); err != nil {
		t.Fatal(err)
	}
	first, err := index(t).Digest()
	second, err2 := readLayout(t, again).Digest()
	if err := errors.Join(err, err2); err != nil || first != second {
		t.Errorf("%s and then %s, %v", first, second, err)
	}
}

func TestRefusals(t *testing.T) {
	dir, output := t.TempDir(), filepath.Join(t.TempDir(), "image")
	for name, text := range map[string]string{
		"runs":     "FROM scratch\nRUN [\"/floorkeeper\"]\n",
		"based":    "FROM debian:13\nUSER 1\n",
		"shell":    "FROM scratch\nENTRYPOINT /floorkeeper\n",
		"owner":    "FROM golang AS build\nFROM scratch\nCOPY --from=build --chown=1 /src/bin/floorkeeper /floorkeeper\n",
		"unknown":  "FROM golang AS build\nFROM scratch\nCOPY --from=build /etc/passwd /etc/passwd\n",
		"empty":    "# nothing\n",
		"exposing": "FROM scratch\n\nEXPOSE 8080\n",
	} {
		writeFile(t, filepath.Join(dir, name), text)
	}
	writeFile(t, filepath.Join(dir, "photos", "holiday.jpg"), "")
	const platform = "linux/amd64"
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no platform":                        {arguments(output), "name a platform, such as linux/amd64"},
		"no such platform":                   {arguments(output, "linux"), `"linux" is no platform`},
		"an argument without a value":        {arguments(output, "-build-arg=VERSION", platform), "write NAME=VALUE"},
		"no certificates":                    {arguments(output, "-certificates=/nowhere.crt", platform), "install the package ca-certificates"},
		"no program":                         {arguments(output, "-programs=/nowhere", platform), "build it: make build"},
		"a folder with other files":          {arguments(filepath.Join(dir, "photos"), platform), "is a folder with other files in it"},
		"a last stage that runs something":   {arguments(output, "-dockerfile="+filepath.Join(dir, "runs"), platform), "line 2: RUN cannot be assembled"},
		"a last stage with a base":           {arguments(output, "-dockerfile="+filepath.Join(dir, "based"), platform), "only FROM scratch can be assembled"},
		"an entrypoint that needs a shell":   {arguments(output, "-dockerfile="+filepath.Join(dir, "shell"), platform), "needs a shell"},
		"a file with an owner":               {arguments(output, "-dockerfile="+filepath.Join(dir, "owner"), platform), "write COPY --from=STAGE FILE TARGET"},
		"a file of the build stage":          {arguments(output, "-dockerfile="+filepath.Join(dir, "unknown"), platform), "it is not known what /etc/passwd of the build stage is"},
		"a Dockerfile without a stage":       {arguments(output, "-dockerfile="+filepath.Join(dir, "empty"), platform), "no instructions"},
		"an instruction that is not handled": {arguments(output, "-dockerfile="+filepath.Join(dir, "exposing"), platform), "line 3: EXPOSE cannot be assembled"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := run(c.args, t.Output(), t.Output()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "photos", "holiday.jpg")); err != nil {
		t.Errorf("a refusal has removed a file: %v", err)
	}
	if _, err := os.Stat(output); err == nil {
		t.Error("a refusal has written an image")
	}
}

// sameBytes reports whether two files are equal.
func sameBytes(t *testing.T, one, other string) bool {
	t.Helper()
	return bytes.Equal(readFile(t, one), readFile(t, other))
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}
