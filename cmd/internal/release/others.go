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

// printOthers prints which HPAs of other installations are left as they are, and returns the Leases of those of which it is
// known that no controller runs.
func (r *releaser) printOthers(ctx context.Context, stderr io.Writer) (abandoned []string) {
	for _, lease := range slices.Sorted(maps.Keys(r.others)) {
		namespace, name, _ := strings.Cut(lease, "/")
		fmt.Fprintf(stderr, "%s of the installation %s left as they are; to release them: --leader-election-namespace=%s, and --force if it is not installed any more\n",
			text.Count(r.others[lease], "HorizontalPodAutoscaler"), lease, namespace)
		if r.isAbandoned(ctx, types.NamespacedName{Namespace: namespace, Name: name}, stderr) {
			abandoned = append(abandoned, lease)
		}
	}
	return abandoned
}

// isAbandoned reports whether an installation is known to have neither a Deployment nor a controller that holds its Lease.
// One that is only scaled to 0 keeps its floors.
func (r *releaser) isAbandoned(ctx context.Context, lease types.NamespacedName, stderr io.Writer) bool {
	deployed, err := cli.Deployed(ctx, r.client)
	if err != nil || slices.Contains(deployed, lease.Namespace) {
		return false
	}
	holder, err := holderOf(ctx, r.client, lease, stderr)
	return holder == "" && (err == nil || apierrors.IsNotFound(err))
}

// takenOver reports whether another installation holds an HPA that was not its own.
func (r *releaser) takenOver(row *released, state autoscaler.State) bool {
	by := state.Mark.ManagedBy
	return by != "" && by != row.before.Mark.ManagedBy && r.installation.Namespace != "" && by != r.lease().String()
}
