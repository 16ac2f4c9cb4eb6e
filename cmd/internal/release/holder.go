package release

import (
	"context"
	"fmt"
	"io"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
)

const holderLook = 250 * time.Millisecond // between two looks at a Lease

// checkLease returns an error if a controller holds the Lease in the namespace, or if that is unknown.
func checkLease(ctx context.Context, c client.Client, namespace string, stderr io.Writer) error {
	key := types.NamespacedName{Namespace: namespace, Name: cli.LeaseName}
	holder, err := holderOf(ctx, c, key, stderr)
	switch {
	case apierrors.IsNotFound(err):
		return cli.ExitError{Code: cli.ExitInvalid, Err: fmt.Errorf("there is no Lease %s, so it cannot be told whether a controller runs: if floorkeeper is installed in "+
			"another namespace, give --leader-election-namespace; if it is not installed any more, --force", key)}
	case err != nil:
		return withExitCode(fmt.Errorf("cannot read Lease %s, so it cannot be told whether a controller runs: %w", key, err))
	case holder != "":
		return cli.ExitError{Code: cli.ExitInvalid, Err: fmt.Errorf("a controller runs, %s holds Lease %s: it would raise again what is released; stop it and wait until it "+
			"has ended: kubectl -n %s scale deployment floorkeeper --replicas=0", holder, key, namespace)}
	default:
		return nil
	}
}

// holderOf returns who holds the Lease, and "" if nobody does. It never compares clocks: as for a standby, a holder is
// dead once it has not renewed the Lease for as long as that lasts.
func holderOf(ctx context.Context, c client.Client, key types.NamespacedName, stderr io.Writer) (string, error) {
	first := &coordinationv1.Lease{}
	if err := c.Get(ctx, key, first); err != nil || cli.Holder(first) == "" {
		return "", err
	}
	lasts := cli.LeaseDuration(first)
	fmt.Fprintf(stderr, "Lease %s names %s; waiting up to %s to see whether it is alive\n", key, cli.Holder(first), lasts)
	dead := time.NewTimer(lasts)
	defer dead.Stop()
	look := time.NewTicker(holderLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-dead.C:
			return "", nil
		case <-look.C:
		}
		now := &coordinationv1.Lease{}
		if err := c.Get(ctx, key, now); err != nil {
			return "", err
		}
		if now.ResourceVersion != first.ResourceVersion {
			return cli.Holder(now), nil
		}
	}
}
