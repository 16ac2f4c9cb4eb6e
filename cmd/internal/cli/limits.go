package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
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

// liveLimit returns the limit of the floorkeeper in a cluster, as far as its Lease can be found and read.
func liveLimit(ctx context.Context, c client.Reader, hpas []autoscalingv2.HorizontalPodAutoscaler) (autoscaler.Limit, error) {
	found, err := Installation{}.Find(ctx, c, MarkedBy(hpas))
	if err != nil || found.Unknown != "" {
		return autoscaler.Limit{}, err
	}
	var lease coordinationv1.Lease
	if c.Get(ctx, types.NamespacedName{Namespace: found.Namespace, Name: LeaseName}, &lease) != nil {
		return autoscaler.Limit{}, nil
	}
	return ParseLimits(lease.Annotations[AnnotationLimits]).Limit, nil
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
