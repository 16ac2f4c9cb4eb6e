package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// The flags of limits.
const (
	flagMaxFloor  = "max-floor"
	flagMaxFactor = "max-floor-factor"
)

// Limits are the flags of how large a floor may be.
type Limits struct{ autoscaler.Limit }

// Bind adds --max-floor and --max-floor-factor.
func (l *Limits) Bind(flags *pflag.FlagSet) {
	flags.Var((*maxFloor)(&l.MaxFloor), flagMaxFloor, "clamp floors to this `REPLICAS`, whatever the schedule asks for; 0 for no limit. The annotation "+
		autoscaler.AnnotationMaxFloor+" lowers it for an HPA")
	flags.Var((*maxFactor)(&l.Factor), flagMaxFactor, fmt.Sprintf("clamp floors to this `FACTOR` of the HPA's baseline, or to %d where that is less; "+
		"0 for no limit", autoscaler.LeastByFactor))
}

// String returns the flags that are not 0, as a command line has them.
func (l *Limits) String() string {
	var all []string
	if l.MaxFloor > 0 {
		all = append(all, fmt.Sprintf("--%s=%d", flagMaxFloor, l.MaxFloor))
	}
	if l.Factor > 0 {
		all = append(all, fmt.Sprintf("--%s=%s", flagMaxFactor, l.Factor))
	}
	return strings.Join(all, " ")
}

// ParseLimits reads what [Limits.String] returns; what it cannot read limits nothing.
func ParseLimits(text string) (l Limits) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	l.Bind(flags)
	if flags.Parse(strings.Fields(text)) != nil {
		return Limits{}
	}
	return l
}

// liveLimit returns the limit of the floorkeeper in a cluster, which its Lease names, or why it is not known.
func liveLimit(ctx context.Context, c client.Reader, hpas []autoscalingv2.HorizontalPodAutoscaler) (limit autoscaler.Limit, unknown string, err error) {
	found, err := Installation{}.Find(ctx, c, MarkedBy(hpas))
	if err != nil || found.Unknown != "" {
		return autoscaler.Limit{}, found.doubt, err
	}
	var lease coordinationv1.Lease
	name := types.NamespacedName{Namespace: found.Namespace, Name: LeaseName}
	if err := c.Get(ctx, name, &lease); err != nil {
		return autoscaler.Limit{}, fmt.Sprintf("Lease %s: %s", name, cluster.ErrorLine(err)), nil
	}
	written := lease.Annotations[AnnotationLimits]
	read := ParseLimits(written)
	if written != "" && read.String() == "" {
		unknown = fmt.Sprintf("Lease %s: this version cannot read its annotation %s: %q", name, AnnotationLimits, written)
	}
	return read.Limit, unknown, nil
}

// limitsGiven reports whether flags give the limits, so that the cluster is not asked.
func (i *HPASource) limitsGiven() bool {
	return i.Flags != nil && (i.Flags.Changed(flagMaxFloor) || i.Flags.Changed(flagMaxFactor))
}

// readLimit adds the limit of the floorkeeper in the cluster to a snapshot. Where nobody knows it, it prints why.
func (i *HPASource) readLimit(ctx context.Context, c client.Reader, snapshot *cluster.Snapshot, stderr io.Writer) error {
	if i.limitsGiven() {
		return nil
	}
	limit, unknown, err := liveLimit(ctx, c, snapshot.HPAs)
	if unknown != "" {
		fmt.Fprintf(stderr, "shown without the limits of floors, which are not known: %s; give --%s and --%s as the controller has them\n",
			text.Masked(unknown), flagMaxFloor, flagMaxFactor)
	}
	snapshot.Limit = limit
	return err
}

type maxFloor int32

// Set implements pflag.Value.
func (m *maxFloor) Set(text string) error {
	replicas, err := strconv.ParseInt(text, 10, 32)
	if err != nil || replicas < 0 || replicas > schedules.MaxReplicas {
		return fmt.Errorf("give a whole number from 1 to %d, or 0 for no limit", schedules.MaxReplicas)
	}
	*m = maxFloor(replicas)
	return nil
}

// String implements pflag.Value.
func (m *maxFloor) String() string { return fmt.Sprint(int32(*m)) }

// Type implements pflag.Value.
func (*maxFloor) Type() string { return "int" }

type maxFactor schedules.Ratio

// Set implements pflag.Value.
func (m *maxFactor) Set(text string) error {
	const most, thousand = 1000, 1000
	factor, err := strconv.ParseFloat(text, 64)
	thousandths := math.Round(factor * thousand)
	if exact := math.Abs(factor*thousand-thousandths) < 1e-6; err != nil || !exact || factor != 0 && factor < 1 || factor > most {
		return fmt.Errorf("give a number from 1 to %d with at most three decimals, or 0 for no limit", most)
	}
	*m = maxFactor(thousandths)
	return nil
}

// String implements pflag.Value.
func (m *maxFactor) String() string { return schedules.Ratio(*m).String() }

// Type implements pflag.Value.
func (*maxFactor) Type() string { return "float" }
