package cli

import (
	"context"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// LeaseName is that of the Lease that the replicas compete for.
const LeaseName = "floorkeeper"

// The labels of the Lease, from which status learns what the leader runs. They are in the write that renews it, so that
// they cost none of their own.
const (
	LabelSchedule = autoscaler.Prefix + "schedule"         // the revision that is in force, see RevisionLabel
	LabelRefused  = autoscaler.Prefix + "schedule-refused" // "true" while a later content of the schedule is refused
)

// AnnotationZone of the Lease is the time zone of most entries of the schedule that the leader runs.
const AnnotationZone = autoscaler.Prefix + "time-zone"

// AnnotationLimits of the Lease are the limits of the leader, as [Limits.String] writes them; absent if there are none.
const AnnotationLimits = autoscaler.Prefix + "limits"

// AnnotationNotes of the Lease holds the notes of the leader.
const AnnotationNotes = autoscaler.Prefix + "notes"

// RevisionLabel is the beginning of a revision's hash, as much of it as the value of a label may be long.
func RevisionLabel(sha256 string) string { return sha256[:min(40, len(sha256))] }

// Holder returns who holds a Lease, or "".
func Holder(lease *coordinationv1.Lease) string {
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// LeaseDuration returns how long a Lease is valid without being renewed.
func LeaseDuration(lease *coordinationv1.Lease) time.Duration {
	if seconds := lease.Spec.LeaseDurationSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return 15 * time.Second // of a Lease without one
}

const leasePoll = 250 * time.Millisecond

// AwaitRenewal returns the Lease as soon as it has changed, and nil if it did not for as long as it lasts: then its holder
// is dead, whatever the clocks show.
func AwaitRenewal(ctx context.Context, c client.Reader, seen *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	dead := time.NewTimer(LeaseDuration(seen))
	defer dead.Stop()
	poll := time.NewTicker(leasePoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-dead.C:
			return nil, nil
		case <-poll.C:
		}
		now := &coordinationv1.Lease{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(seen), now); err != nil {
			return nil, err
		}
		if now.ResourceVersion != seen.ResourceVersion {
			return now, nil
		}
	}
}
