package status

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
)

var errUnknown = errors.New("it is not known where floorkeeper is installed")

// leader describes who leads. Where the Lease looks expired, or renewed in the future, a second look shows whether its
// holder is dead or this machine's clock differs.
func (c *collector) leader(ctx context.Context, found *cli.Installation, got *answers) leaderReport {
	if found.Unknown != "" {
		got.leaseErr = errUnknown
		return leaderReport{Unknown: found.Unknown}
	}
	key := types.NamespacedName{Namespace: found.Namespace, Name: cli.LeaseName}
	r := leaderReport{Lease: key.String()}
	if got.leaseErr = c.client.Get(ctx, key, &got.lease); got.leaseErr != nil {
		if r.Unknown = cluster.ErrorLine(got.leaseErr); apierrors.IsNotFound(got.leaseErr) {
			r.Unknown += "; set --leader-election-namespace to where floorkeeper is installed"
		}
		return r
	}
	r.Limits = got.lease.Annotations[cli.AnnotationLimits]
	alive, err := c.alive(ctx, got)
	if err != nil {
		got.leaseErr, r.Unknown = err, cluster.ErrorLine(err)
		return r
	}
	r.Identity = cli.Holder(&got.lease)
	if renewed := got.lease.Spec.RenewTime; renewed != nil {
		r.RenewedAt = &renewed.Time
		r.Leading = r.Identity != "" && alive
	}
	r.ClockAheadSeconds = int(c.ahead.Seconds())
	return r
}

// alive reports whether the holder of the Lease renews it, and learns how far this machine's clock is ahead of its own.
func (c *collector) alive(ctx context.Context, got *answers) (bool, error) {
	lease := &got.lease
	if lease.Spec.RenewTime == nil || cli.Holder(lease) == "" {
		return false, nil
	}
	age := c.now().Add(-c.ahead).Sub(lease.Spec.RenewTime.Time)
	if -clockSkew <= age && age <= cli.LeaseDuration(lease) {
		return true, nil
	}
	if c.dead == lease.ResourceVersion {
		return false, nil
	}
	again, err := cli.AwaitRenewal(ctx, c.client, lease)
	if err != nil {
		return false, err
	}
	if again == nil {
		c.dead = lease.ResourceVersion
		return false, nil
	}
	got.lease = *again
	if again.Spec.RenewTime == nil || cli.Holder(again) == "" {
		return false, nil
	}
	c.ahead = c.now().Sub(again.Spec.RenewTime.Time).Round(time.Second)
	if c.ahead.Abs() < clockSkew {
		c.ahead = 0
	}
	return true, nil
}
