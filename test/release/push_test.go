package release

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startRegistry starts a registry that ends with the test, and returns its address.
func startRegistry(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), crane, "registry", "serve", "--address=127.0.0.1:0")
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // It is killed.
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if _, port, ok := strings.Cut(lines.Text(), "serving on port "); ok {
			go func() {
				for lines.Scan() { // so that it can go on writing
				}
			}()
			return "127.0.0.1:" + port
		}
	}
	t.Fatal("the registry has ended")
	return ""
}

// writeImage writes an image for two platforms as make image does, of programs that are none.
func writeImage(t *testing.T, folder, version string) {
	t.Helper()
	for _, file := range []string{"linux/amd64/floorkeeper", "linux/arm64/floorkeeper", "certificates.pem"} {
		file = filepath.Join(folder, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(file), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := output(exec.CommandContext(t.Context(), assembler, "-dockerfile", filepath.Join(root, "Dockerfile"), "-build-arg", "VERSION="+version,
		"-programs", folder, "-certificates", filepath.Join(folder, "certificates.pem"), "-output", filepath.Join(folder, "image"), "linux/amd64", "linux/arm64"))
	if err != nil {
		t.Fatal(err)
	}
}

// TestPush runs the steps of release.yaml between the build and the signature against a registry of its own: what is signed
// is what was pushed, by digest, and the chart that people pull runs the image of its version.
func TestPush(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "DOCKER_CONFIG"} {
		t.Setenv(name, filepath.Join(home, name))
	}
	registry, m := startRegistry(t), chartMetadata(t)
	for _, version := range []string{m.AppVersion, m.AppVersion + "-rc.1"} {
		folder := t.TempDir()
		bin := filepath.Join(folder, "bin")
		writeImage(t, bin, version)
		if _, err := makeIn(t, root, "chart", "push", "VERSION="+version, "REGISTRY="+registry, "BIN="+bin,
			"HELM="+helm, "CRANE="+crane, "PLAIN_HTTP=--plain-http"); err != nil {
			t.Fatal(err)
		}
		subjects := pushOutputs(t, folder)
		for name, tag := range map[string]string{
			"image": registry + "/floorkeeper:" + version,
			"chart": registry + "/charts/floorkeeper:" + strings.TrimPrefix(version, "v"),
		} {
			digest := run(t, crane, "digest", tag)
			if want := tag[:strings.LastIndex(tag, ":")]; subjects[name] != want || subjects[name+"-digest"] != digest {
				t.Errorf("release.yaml signs %s@%s, and %s is %s", subjects[name], subjects[name+"-digest"], tag, digest)
			}
		}
		var index struct {
			Manifests []struct{ Platform map[string]string }
		}
		if err := json.Unmarshal([]byte(run(t, crane, "manifest", registry+"/floorkeeper:"+version)), &index); err != nil || len(index.Manifests) != 2 {
			t.Errorf("the image is for %+v, want two platforms; %v", index, err)
		}
		rendered := run(t, helm, "template", "x", "oci://"+registry+"/charts/floorkeeper", "--version", strings.TrimPrefix(version, "v"), "--plain-http", "--kube-version=1.37.2")
		if want := "image: ghcr.io/floorkeeper/floorkeeper:" + version + "\n"; !strings.Contains(rendered, want) && !strings.Contains(rendered, strings.ReplaceAll(want, ": g", `: "g`)) {
			t.Errorf("the chart of %s does not run its image: %s", version, rendered)
		}
	}
}

// run runs a program and returns the text that it prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := output(exec.CommandContext(t.Context(), args[0], args[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// pushOutputs runs the step of release.yaml that pushes, in a folder where that has been done, and returns its outputs.
func pushOutputs(t *testing.T, folder string) map[string]string {
	t.Helper()
	tools := filepath.Join(folder, "tools")
	if err := errors.Join(os.Mkdir(tools, 0o755), os.WriteFile(filepath.Join(tools, "make"), []byte("#!/bin/sh\n"), 0o755)); err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{}
	for _, step := range workflows(t)["release.yaml"].Jobs["registry"].Steps {
		if !strings.HasPrefix(step.Run, "make push\n") {
			continue
		}
		file := filepath.Join(folder, "outputs")
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "GITHUB_OUTPUT="+file, "PATH="+tools+":"+os.Getenv("PATH"))
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(written)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			outputs[name] = value
		}
	}
	return outputs
}

// A tag that the chart does not have is not packaged under its name.
func TestChartOfAnotherVersion(t *testing.T) {
	if out, err := makeIn(t, root, "chart", "VERSION=v99.0.0", "BIN="+t.TempDir(), "HELM="+helm); err == nil || !strings.Contains(err.Error(), "RELEASING.md") {
		t.Errorf("%q, %v, want an error that names RELEASING.md", out, err)
	}
}
