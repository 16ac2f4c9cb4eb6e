package autoscaler

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// AnnotationMaxFloor is set by a user, to the largest floor that the HPA shall get. It lowers the limits of the installation
// and never lifts one. floorkeeper never writes it.
const AnnotationMaxFloor = Prefix + "max-floor"

// Limit is how large a floor may be whatever a schedule asks for, so that a typo there cannot empty a budget. The zero Limit
// limits nothing.
type Limit struct {
	MaxFloor int32           // in replicas; 0 for no limit
	Factor   schedules.Ratio // of the baseline, and at least LeastByFactor; 0 for no limit
}

// LeastByFactor is the smallest limit that a factor gives: how large a service may become does not follow from a baseline of
// 0, 1 or 2, which is what a small one has.
const LeastByFactor = 50

// Limiter is what limits the floor of an HPA. Programs rely on these words.
type Limiter string

// The values of Limiter.
const (
	ByMaxReplicas Limiter = "maxReplicas"
	ByAnnotation  Limiter = "annotation"
	ByMaxFloor    Limiter = "max-floor"
	ByFactor      Limiter = "max-floor-factor"
)

// Ceiling is the largest floor that an HPA gets: a larger one is clamped to Replicas. That is Limit, or the baseline where
// that is larger, for a limit is on what floorkeeper adds.
type Ceiling struct {
	Replicas, Limit int32
	By              Limiter
}

// Ceiling returns the smallest of maxReplicas and the limits.
func (s State) Ceiling() Ceiling { return s.ceiling(s.Baseline()) }

func (s State) ceiling(baseline int32) Ceiling {
	c := Ceiling{s.MaxReplicas, s.MaxReplicas, ByMaxReplicas}
	lower := func(limit int32, by Limiter) {
		if replicas := max(limit, baseline); limit > 0 && replicas < c.Replicas {
			c = Ceiling{replicas, limit, by}
		}
	}
	lower(s.MaxFloor, ByAnnotation)
	lower(s.Limit.MaxFloor, ByMaxFloor)
	if s.Limit.Factor > 0 {
		lower(max(s.Limit.Factor.Of(baseline), LeastByFactor), ByFactor)
	}
	return c
}

// Name returns what sets the limit, for a sentence.
func (c Ceiling) Name() string {
	switch c.By {
	case ByAnnotation:
		return AnnotationMaxFloor
	case ByMaxFloor:
		return "--max-floor"
	case ByFactor:
		return "the limit of --max-floor-factor"
	default:
		return "maxReplicas"
	}
}

// Numbered returns the name with the number of the limit, in whatever form that is to have.
func (c Ceiling) Numbered(limit string) string {
	if c.By == ByFactor {
		return "the limit " + limit + " of --max-floor-factor"
	}
	return c.Name() + " " + limit
}

// String returns the name with its number.
func (c Ceiling) String() string { return c.Numbered(fmt.Sprint(c.Limit)) }

// Remedy returns what to do for more: the beginning of a sentence.
func (c Ceiling) Remedy() string {
	switch c.By {
	case ByMaxReplicas:
		return "raise maxReplicas"
	case ByFactor:
		return "correct the schedule, or raise --max-floor-factor"
	default:
		return "correct the schedule, or raise " + c.Name()
	}
}

// Shortfall describes beforehand that a floor will be clamped, and what to do.
func (c Ceiling) Shortfall(floor int32) string {
	to := "it"
	if c.Replicas > c.Limit {
		to = fmt.Sprintf("the baseline %d", c.Replicas)
	}
	return fmt.Sprintf("the floor %d is above %s and will be clamped to %s; %s before then", floor, c, to, c.Remedy())
}

// Clamped reports whether maxReplicas or a limit keeps the HPA from the floor of the entry that applies.
func (v Verdict) Clamped() bool {
	return v.Desired.Condition == Held && v.Applies.Full > v.State.Ceiling().Replicas
}

// readMaxFloor returns the number of the annotation, and 0 for none.
func readMaxFloor(annotations map[string]string) int32 {
	replicas, valid := parseReplicas(annotations[AnnotationMaxFloor])
	if !valid {
		return 0
	}
	return replicas
}
