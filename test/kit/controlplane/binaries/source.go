package binaries

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// target is one file that the go command builds, or the StagesFile.
type target struct {
	name   string // The file.
	module string // The nested module that builds it.
	pkg    string // The main package; empty for the StagesFile.
}

// components is the module of the control plane, and the binary that is most of its programs.
const components = "components"

// targets lists what is built, in this order. kubectl is a binary of its own because it starts often, and the others
// take their time to start.
func targets() []target {
	return []target{
		{components, components, "."},
		{"kubectl", components, "k8s.io/kubernetes/cmd/kubectl"},
		{StagesFile, components, ""},
	}
}

// programs lists the names by which a target is used. The components are symbolic links to one binary.
func (t target) programs() []string {
	if t.name == components {
		return []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}
	}
	return []string{t.name}
}

// source is the checked-out recipe: the directory above the nested modules, and the versions that they require.
type source struct {
	dir                    string
	kubernetes, etcd, kwok string
}

// findSource asks the go command where this repository is, so it has to run inside of it.
func findSource(ctx context.Context) (source, error) {
	const pkg = "github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	cmd := exec.CommandContext(ctx, "go", "list", "-find", "-f", "{{.Dir}}", pkg)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return source{}, fmt.Errorf("cannot find the source of %s: %w: %s", pkg, err, bytes.TrimSpace(stderr.Bytes()))
	}
	s := source{dir: strings.TrimSpace(string(out))}
	mod := filepath.Join(s.dir, components, "go.mod")
	kubernetes, err1 := requirement(mod, "k8s.io/kubernetes")
	etcd, err2 := requirement(mod, "go.etcd.io/etcd/server/v3")
	kwok, err3 := requirement(mod, "sigs.k8s.io/kwok")
	s.kubernetes, s.etcd, s.kwok = kubernetes, etcd, kwok
	return s, errors.Join(err1, err2, err3)
}

// requirement reads from a go.mod file the version, such as v1.37.2, of a module that it requires.
func requirement(file, module string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("cannot read the versions to build: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(words) >= 2 && words[0] == module && strings.HasPrefix(words[1], "v") {
			return words[1], nil
		}
	}
	return "", fmt.Errorf("cannot find the version of %s in %s", module, file)
}

// hash identifies everything that decides which programs are built, in twelve characters. What is downloaded has the same
// versions, and serves as well.
func (s source) hash(assets string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, targets(), s.flags(components), runtime.GOOS, runtime.GOARCH, assets)
	for _, file := range []string{"go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(s.dir, components, file))
		if err != nil {
			return "", fmt.Errorf("cannot read the recipe of the binaries: %w", err)
		}
		h.Write(text)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:12], nil
}

// flags are the arguments of go build. The Kubernetes binaries get their version as a flag, because kubectl and the API
// server both compare versions, and a build from source has none. Nobody debugs them, so the compiler saves itself what
// the linker would leave out.
func (s source) flags(module string) []string {
	ldflags, flags := []string{"-s", "-w"}, []string{"-trimpath"}
	if module == components {
		flags = append(flags, "-gcflags=all=-dwarf=false")
		major, minor, _ := strings.Cut(strings.TrimPrefix(s.kubernetes, "v"), ".")
		minor, _, _ = strings.Cut(minor, ".")
		for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
			ldflags = append(ldflags, "-X", pkg+".gitVersion="+s.kubernetes,
				"-X", pkg+".gitMajor="+major, "-X", pkg+".gitMinor="+minor)
		}
	}
	return append(flags, "-ldflags", strings.Join(ldflags, " "))
}
