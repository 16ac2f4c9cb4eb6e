package release

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/text"
)

// otherInstallation returns the Lease of the installation that manages an HPA, if it is known not to be ours: its controller
// may run, and would raise the HPA again.
func (r *releaser) otherInstallation(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	by, namespace := hpa.Annotations[autoscaler.AnnotationManagedBy], r.installation.Namespace
	if by == "" || namespace == "" || by == r.lease().String() {
		return ""
	}
	return by
}

// printOthers prints which HPAs of other installations are left as they are.
func (r *releaser) printOthers(stderr io.Writer) {
	for _, lease := range slices.Sorted(maps.Keys(r.others)) {
		namespace, _, _ := strings.Cut(lease, "/")
		fmt.Fprintf(stderr, "%s of the installation %s left as they are; to release them: --leader-election-namespace=%s, and --force if it is not installed any more\n",
			text.Count(r.others[lease], "HorizontalPodAutoscaler"), lease, namespace)
	}
}

// abandoned returns the Leases of the other installations that are known to have neither a Deployment nor a controller that
// holds it. One that is only scaled to 0 keeps its floors.
func (r *releaser) abandoned(ctx context.Context, stderr io.Writer) (leases []string) {
	if len(r.others) == 0 {
		return nil
	}
	deployed, err := cli.Deployed(ctx, r.client)
	if err != nil {
		return nil
	}
	for _, lease := range slices.Sorted(maps.Keys(r.others)) {
		namespace, name, _ := strings.Cut(lease, "/")
		if slices.Contains(deployed, namespace) {
			continue
		}
		holder, err := holderOf(ctx, r.client, types.NamespacedName{Namespace: namespace, Name: name}, stderr)
		if holder == "" && (err == nil || apierrors.IsNotFound(err)) {
			leases = append(leases, lease)
		}
	}
	return leases
}

// takenOver reports whether another installation holds an HPA that was not its own.
func (r *releaser) takenOver(row *released, state autoscaler.State) bool {
	by := state.Mark.ManagedBy
	return by != "" && by != row.before.Mark.ManagedBy && r.installation.Namespace != "" && by != r.lease().String()
}
