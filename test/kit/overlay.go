package kit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const (
	// Plain is the kustomization of somebody who changes nothing.
	Plain = "resources: [../kustomize]\n"
	// Guarded is the kustomization of somebody who only switches the floor guard on.
	Guarded = Plain + "components: [../kustomize/policies/floor-guard]\n"
	// Raising is the kustomization of somebody who switches the floor guard and --raise-targets on.
	Raising = Plain + "components: [../kustomize/policies/floor-guard, ../kustomize/raise-targets]\n"
)

// Deploy returns a copy of the deploy folder for the length of the test.
func Deploy(t testing.TB) string {
	t.Helper()
	root, err := replica.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "deploy"))); err != nil {
		t.Fatalf("cannot copy the deploy folder: %v", err)
	}
	return dir
}

// Overlay writes a kustomization into a folder of its own in a copy of the deploy folder, and returns the folder's path.
func Overlay(t testing.TB, kustomization string) string {
	t.Helper()
	return AddOverlay(t, Deploy(t), "overlay", kustomization)
}

// AddOverlay writes a kustomization into a new folder beside others, and returns the folder's path.
func AddOverlay(t testing.TB, root, name, kustomization string) string {
	t.Helper()
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(kustomization), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
