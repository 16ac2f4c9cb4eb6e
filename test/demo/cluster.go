package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"k8s.io/client-go/kubernetes"
)

// cluster is where the demo takes place.
type cluster struct {
	client         kubernetes.Interface
	namespace      string // Of the applications.
	leaseNamespace string // Of the Lease that the replicas of floorkeeper compete for.
	kubeconfig     string // The file that the replicas use.
	pace           pace
	// kubectl runs kubectl as the one who owns the applications.
	kubectl func(ctx context.Context, args ...string) (string, error)
	// close takes away whatever the demo brought. It prints what it does, where that takes a while.
	close func(ctx context.Context) error
}

// openCluster starts a cluster on this machine or, only if DEMO_CONTEXT is set, uses a real one. Dir is for the files
// that the demo needs as long as it runs.
func openCluster(ctx context.Context, s *screen, dir string) (*cluster, error) {
	if name := os.Getenv("DEMO_CONTEXT"); name != "" {
		return openReal(ctx, s, dir, name)
	}
	return openLocal(ctx, s, dir)
}

// output runs a command and returns its standard output. An error includes what it wrote to standard error.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("cannot run %s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
