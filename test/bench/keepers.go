package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// keepers are the two replicas of an installation.
type keepers struct{ leader, standby *replica.Replica }

// startKeepers starts two replicas and returns when both are ready.
func (b *bench) startKeepers(ctx context.Context, args ...string) (*keepers, error) {
	k := &keepers{}
	for _, r := range []struct {
		name string
		to   **replica.Replica
	}{{"leader", &k.leader}, {"standby", &k.standby}} {
		started, err := b.startKeeper(r.name, args...)
		if err != nil {
			return nil, errors.Join(err, k.stop())
		}
		*r.to = started
		if err := await.Poll(ctx, await.Patience, func(ctx context.Context) error { return b.serves(ctx, started) }); err != nil {
			return nil, errors.Join(fmt.Errorf("%s is not ready: %w: %s", r.name, err, started.Tail(5)), k.stop())
		}
	}
	return k, nil
}

// startKeeper starts one as its Deployment does.
func (b *bench) startKeeper(name string, more ...string) (*replica.Replica, error) {
	health, err := b.addresses.Next()
	if err != nil {
		return nil, err
	}
	// Without a controller manager nobody asks for a floor, which is no news here.
	args := append(b.Args(replica.Home), "--schedule="+b.scheduleDir(), "--floor-deadline=24h")
	return replica.Start(replica.Options{
		Binary: b.binary, Args: slices.Concat(args, b.args, more), Log: filepath.Join(b.dir, name+".log"), Health: health,
		Env: slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "FLOORKEEPER_") }),
	})
}

// serves checks that a replica is ready and that one, such as the first of two, leads.
func (b *bench) serves(ctx context.Context, r *replica.Replica) error {
	if !r.Alive() {
		return errors.New("it ended")
	}
	if err := r.Ready(ctx); err != nil {
		return err
	}
	var lease *coordinationv1.Lease
	lease, err := b.admin.CoordinationV1().Leases(replica.Home).Get(ctx, replica.Home, metav1.GetOptions{})
	if err == nil && (lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "") {
		err = errors.New("nobody holds the Lease")
	}
	return err
}

// stop ends both, the standby first, so that it does not take over.
func (k *keepers) stop() error {
	var err error
	for _, r := range []*replica.Replica{k.standby, k.leader} {
		if r != nil {
			err = errors.Join(err, r.Stop(stopPatience))
		}
	}
	return err
}
