package autoscaler

import (
	"slices"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// FieldManager is the name under which floorkeeper writes, in managedFields and for admission policies.
const FieldManager = "floorkeeper"

// Prefix is that of every annotation that floorkeeper writes or reads.
const Prefix = "floorkeeper.dev/"

// The six annotations that floorkeeper writes, together with spec.minReplicas and in the same patch. ManagedBy is the
// installation that wrote them, as NAMESPACE/NAME of its Lease; annotations of before it existed have none.
const (
	AnnotationBaseline  = Prefix + "baseline"
	AnnotationFloor     = Prefix + "floor"
	AnnotationBecause   = Prefix + "because"
	AnnotationSince     = Prefix + "since"
	AnnotationUntil     = Prefix + "until"
	AnnotationManagedBy = Prefix + "managed-by"
)

// AnnotationIgnore is set to "true" by a user, and makes floorkeeper release the HPA and leave it alone.
const AnnotationIgnore = Prefix + "ignore"

// AnnotationDeclaredBaseline is set by a user, for an HPA whose minReplicas no other writer restores, to the minReplicas
// that it shall have when no entry is open. floorkeeper never writes it.
const AnnotationDeclaredBaseline = Prefix + "declared-baseline"

// Condition is the state of an HPA's annotations.
type Condition int

// An HPA is free without any annotation of ours, held with a valid pair of baseline and floor, and damaged otherwise.
const (
	Free Condition = iota
	Held
	Damaged
)

// Mark is the content of the six annotations. Since and Until are kept as they are written, in RFC 3339.
type Mark struct {
	Baseline, Floor       int32
	Because, Since, Until string
	ManagedBy             string
}

// Declaration is the content of the annotation declared-baseline. It is valid in the form that our own numbers have, and does
// not count otherwise.
type Declaration struct {
	Replicas int32
	Valid    bool
}

// State is all that floorkeeper reads and writes of an HPA. Two equal states need no patch.
type State struct {
	Condition   Condition
	Mark        Mark // zero unless Held, or recalled
	Declared    Declaration
	MinReplicas int32
	MaxReplicas int32
	MaxFloor    int32 // that its owner sets by annotation; 0 for none
	Limit       Limit // of the installation, which the HPA does not show
	ZeroLegal   bool  // the API server accepts minReplicas 0: there is an Object or External metric
	Altered     bool  // minReplicas differs from the floor, for a webhook or policy changed our patch: it is nobody's wish
}

// defaultMinReplicas is what the API server stores where nobody gives minReplicas. It has no owner, and is a wish.
const defaultMinReplicas = 1

// Observe reads the state of an HPA. A minReplicas that is not given is 1, as the API server stores it.
func Observe(hpa *autoscalingv2.HorizontalPodAutoscaler) State {
	s := State{MinReplicas: defaultMinReplicas, MaxReplicas: hpa.Spec.MaxReplicas}
	if hpa.Spec.MinReplicas != nil {
		s.MinReplicas = *hpa.Spec.MinReplicas
	}
	s.ZeroLegal = slices.ContainsFunc(hpa.Spec.Metrics, allowsZero)
	s.Condition, s.Mark = readMark(hpa.Annotations)
	s.Declared, s.MaxFloor = readDeclaration(hpa.Annotations), readMaxFloor(hpa.Annotations)
	s.Altered = s.differs() && (ownsMinReplicas(hpa) || s.MinReplicas > defaultMinReplicas && nobodyOwnsMinReplicas(hpa))
	return s
}

// allowsZero reports whether a metric makes a minReplicas of 0 legal.
func allowsZero(m autoscalingv2.MetricSpec) bool {
	return m.Type == autoscalingv2.ObjectMetricSourceType || m.Type == autoscalingv2.ExternalMetricSourceType
}

// differs reports whether minReplicas is not the floor, while the recorded baseline could be given back. What is above the
// floor of a declared baseline may have stood there before, without an owner since it was given back, and stays.
func (s State) differs() bool {
	kept := s.Declared.Valid && s.MinReplicas > s.Mark.Floor
	return s.Condition == Held && s.MinReplicas != s.Mark.Floor && s.Mark.Baseline <= s.MaxReplicas && !kept
}

func readMark(annotations map[string]string) (Condition, Mark) {
	if !slices.ContainsFunc(ownAnnotations(), func(key string) bool { _, ok := annotations[key]; return ok }) {
		return Free, Mark{}
	}
	baseline, valid := parseReplicas(annotations[AnnotationBaseline])
	floor, alsoValid := parseReplicas(annotations[AnnotationFloor])
	if !valid || !alsoValid || baseline > floor {
		return Damaged, Mark{}
	}
	return Held, Mark{
		Baseline: baseline,
		Floor:    floor,
		Because:  annotations[AnnotationBecause],
		Since:    annotations[AnnotationSince],
		Until:    annotations[AnnotationUntil],

		ManagedBy: annotations[AnnotationManagedBy],
	}
}

func readDeclaration(annotations map[string]string) Declaration {
	replicas, valid := parseReplicas(annotations[AnnotationDeclaredBaseline])
	if !valid {
		return Declaration{}
	}
	return Declaration{replicas, true}
}

// ownAnnotations returns the annotations that make an HPA held. ManagedBy alone, which somebody left who removed the others,
// does not.
func ownAnnotations() []string {
	return []string{AnnotationBaseline, AnnotationFloor, AnnotationBecause, AnnotationSince, AnnotationUntil}
}

// parseReplicas reads a number in the only form that we write: decimal, without sign or leading zero, of at most six
// digits.
func parseReplicas(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil && n >= 0 && n <= schedules.MaxReplicas && strconv.FormatInt(n, 10) == s
}

// Baseline returns the minReplicas that the HPA's owner wants when no entry is open: the one declared, else the last one
// that somebody wrote. A value that we did not write is its owner's new wish, whoever wrote it.
func (s State) Baseline() int32 {
	if s.Declared.Valid {
		return s.legal(s.Declared.Replicas)
	}
	return s.Wish()
}

// Wish returns the baseline as its owner gave it, which may have become illegal since.
func (s State) Wish() int32 {
	switch {
	case s.Declared.Valid:
		return s.Declared.Replicas
	case s.Condition == Held && !s.written():
		return s.Mark.Baseline
	default:
		return s.MinReplicas
	}
}

// written reports whether somebody else wrote minReplicas last, as far as can be seen: a floor that is its baseline raises
// nothing.
func (s State) written() bool {
	ours := s.MinReplicas == s.Mark.Floor && s.Mark.Floor != s.Mark.Baseline
	return s.Condition == Free || s.Condition == Held && !s.Altered && !ours
}

// As returns the state with another minReplicas, which the API server stored instead, as its floor. One that is released has
// none, and is returned as it was asked for.
func (s State) As(minReplicas int32) State {
	if s.Condition == Held && minReplicas != s.MinReplicas {
		s.MinReplicas, s.Mark.Floor = minReplicas, minReplicas
	}
	return s
}

// Lost reports whether the baseline is unknown: the annotations are damaged, and none is declared.
func (s State) Lost() bool { return s.Condition == Damaged && !s.Declared.Valid }

// Next returns the state that the HPA should have when the schedule decides d for it with its [State.Baseline]. It is
// the whole policy. The zero Decision gives the baseline back. An HPA whose baseline is lost is left as it is, because
// guessing could only lower it wrongly; and one that is free, for nothing is written to an HPA that no entry covers.
func (s State) Next(d schedules.Decision) State {
	next := s.Under(d.Floor)
	if next.Condition == Held {
		next.Mark.Because = d.Because
		next.Mark.Since = d.Since.Format(time.RFC3339Nano)
		next.Mark.Until = d.Until.Format(time.RFC3339Nano)
		next.Mark.ManagedBy = s.Mark.ManagedBy
	}
	return next
}

// Under returns the state that the HPA should have under a floor, without the reason in its annotations. A higher value
// that somebody wrote stays while the floor is in effect, even if another baseline is declared.
func (s State) Under(floor int32) State {
	if s.Lost() || s.Condition == Free && floor == 0 {
		return s
	}
	baseline := s.Baseline()
	next := s
	next.Condition, next.Mark, next.Altered = Free, Mark{}, false
	if floor == 0 || baseline > schedules.MaxReplicas {
		next.MinReplicas = s.legal(baseline)
		return next
	}
	next.Condition = Held
	next.Mark = Mark{Baseline: baseline, Floor: max(baseline, min(floor, s.ceiling(baseline).Replicas))}
	next.MinReplicas = next.Mark.Floor
	if s.written() {
		next.MinReplicas = max(next.MinReplicas, s.MinReplicas)
	}
	return next
}

// legal returns the value nearest to a baseline that the API server accepts.
func (s State) legal(baseline int32) int32 {
	if baseline == 0 && !s.ZeroLegal {
		return 1
	}
	return min(baseline, s.MaxReplicas)
}

// LowersEarly reports whether the step to next would leave minReplicas below a floor of ours, or promise it for a shorter
// time, before the instant up to which it was promised, and returns that instant. A lowered maxReplicas, or a limit, is
// somebody's doing and does not count.
func (s State) LowersEarly(next State, now time.Time) (promised time.Time, early bool) {
	promised, ok := s.Mark.until()
	if s.Condition != Held || !ok || !now.Before(promised) {
		return time.Time{}, false
	}
	until, ok := next.Mark.until()
	shorter := !ok || until.Before(promised)
	unmoved := s.MinReplicas == s.Mark.Floor && next.MinReplicas == s.MinReplicas
	lower := next.MinReplicas < min(s.Mark.Floor, s.Ceiling().Replicas) && next.MinReplicas <= s.MinReplicas
	return promised, lower || unmoved && shorter
}

// until returns the instant of the annotation until, and false where it cannot be read.
func (m Mark) until() (time.Time, bool) { return readInstant(m.Until) }

// since is until for the annotation since.
func (m Mark) since() (time.Time, bool) { return readInstant(m.Since) }

func readInstant(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}
