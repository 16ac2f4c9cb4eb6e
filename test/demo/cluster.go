package main

import (
	"context"
	"os"

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
