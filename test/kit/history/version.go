package history

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// manager is our field manager.
const manager = autoscaler.FieldManager

// isRelease reports whether the request is one of `floorkeeper release`, run by a person.
func isRelease(r Request) bool { return r.FieldManager == manager }

// version is an HPA as it was stored by one write, with what its owner then wants.
type version struct {
	*Write
	state autoscaler.State
	wish  wish
}

// wish is the minReplicas that the owner wants when no entry is open, as far as anybody can know.
type wish struct {
	replicas int32
	known    bool
	takenOff bool  // our annotations were taken off and minReplicas was kept at the floor: only its owner knows it now
	floor    int32 // of damaged annotations, before the damage; 0 if it raised nothing
}

// first returns the version with which the history of an HPA begins: the object is taken as it is.
func first(w *Write) *version {
	v := &version{Write: w, state: w.observed()}
	v.wish = v.believed()
	return v
}

// believed returns the wish as the object itself shows it.
func (v *version) believed() wish {
	switch {
	case v.state.Condition == autoscaler.Damaged:
		return wish{}
	case v.state.Condition == autoscaler.Held && v.state.MinReplicas == v.state.Mark.Floor:
		return wish{replicas: v.state.Mark.Baseline, known: true}
	default:
		return wish{replicas: v.state.MinReplicas, known: true}
	}
}

// followedBy returns the version that somebody else's write made of this one. A value that floorkeeper did not write is
// its owner's wish. A value equal to the current floor is not one: the writer found it there. Where the
// annotations were changed as well, they are believed, and where they are damaged nobody knows.
func (v *version) followedBy(w *Write) *version {
	after := first(w)
	v.inherit(after)
	if wished, said := v.kept(after); said {
		after.wish = wish{replicas: wished, known: true}
	}
	switch floor := v.raisedTo(); {
	case floor == 0:
	case after.state.Condition == autoscaler.Damaged:
		after.wish = wish{floor: floor}
	case after.state.Condition == autoscaler.Free && after.state.MinReplicas == floor: // which is no baseline
		after.wish = wish{takenOff: true}
	}
	return after
}

// raisedTo returns the floor above a baseline at which we left the HPA, also where the annotations were damaged or taken off
// since, and 0 without one.
func (v *version) raisedTo() int32 {
	switch {
	case v.wish.takenOff:
		return v.state.MinReplicas
	case v.state.Condition == autoscaler.Held && v.state.Mark.Floor != v.state.Mark.Baseline:
		return v.state.Mark.Floor
	default:
		return v.wish.floor
	}
}

// inherit lets a wish live on that the write did not touch.
func (v *version) inherit(after *version) {
	held := v.state.Condition == autoscaler.Held && after.state.Condition == autoscaler.Held
	settled := v.state.MinReplicas == v.state.Mark.Floor && after.state.MinReplicas == after.state.Mark.Floor
	if held && settled && v.wish.known && v.state.Mark.Baseline == after.state.Mark.Baseline {
		after.wish = v.wish
	}
}

// kept returns the wish of a writer whose value was not stored, because the floor guard kept the floor.
func (v *version) kept(after *version) (wished int32, ok bool) {
	wished, said := after.stated()
	held := v.state.Condition == autoscaler.Held && after.state.Condition == autoscaler.Held
	kept := after.state.MinReplicas == after.state.Mark.Floor && after.state.MinReplicas != wished
	return wished, said && held && kept && wished != v.state.MinReplicas
}

// loses reports whether a wish that was not stored as minReplicas was not recorded as the baseline either.
func (v *version) loses(after *version) (wished int32, lost bool) {
	wished, said := v.kept(after)
	return wished, said && wished != after.state.Mark.Baseline
}

// wishAfter returns the wish that lives on after a write of ours. A declared baseline that was recorded stays when the
// declaration goes.
func (v *version) wishAfter(after *version) wish {
	wished := v.baseline()
	if v.state == after.state || !wished.known {
		return v.wish
	}
	return wished
}

// baseline returns what the owner wants when no entry is open: the legal value nearest to the declared baseline, or
// else the wish.
func (v *version) baseline() wish {
	if declared := v.state.Declared; declared.Valid {
		return wish{replicas: v.legal(declared.Replicas), known: true}
	}
	return v.wish
}

// legal returns the value nearest to a wish that the API server accepts for this version.
func (v *version) legal(replicas int32) int32 {
	if replicas == 0 && !v.state.ZeroLegal {
		return 1
	}
	return min(replicas, v.state.MaxReplicas)
}

// most returns the largest floor that this version may get: maxReplicas, and the limits of the owner and of the installation, of
// which none is below the baseline.
func (v *version) most(baseline int32, limit autoscaler.Limit) int32 {
	most := int64(v.state.MaxReplicas)
	text := v.HPA.Annotations[autoscaler.AnnotationMaxFloor]
	if own, err := strconv.ParseInt(text, 10, 32); err == nil && own > 0 && own < 1_000_000 && fmt.Sprint(own) == text {
		most = min(most, own)
	}
	if limit.MaxFloor > 0 {
		most = min(most, int64(limit.MaxFloor))
	}
	if limit.Factor > 0 {
		most = min(most, max(autoscaler.LeastByFactor, (int64(limit.Factor)*int64(baseline)+999)/1000))
	}
	return max(int32(most), v.legal(baseline))
}

// unknownZero reports whether a baseline of 0 is declared that the API server does not take, which shows when it is given
// back and not before.
func (v *version) unknownZero() bool {
	return v.noZero && v.state.Declared.Valid && v.state.Declared.Replicas == 0 && autoscaler.Observe(v.HPA).ZeroLegal
}

// above returns the minReplicas that somebody wrote, which a floor does not lower, and 0 if floorkeeper wrote it.
func (v *version) above() int32 {
	mark, ours := v.state.Mark, v.state.Condition == autoscaler.Held && v.state.MinReplicas == v.state.Mark.Floor
	if v.state.Condition == autoscaler.Damaged || ours && mark.Baseline != mark.Floor {
		return 0
	}
	return v.state.MinReplicas
}

// differs reports whether anything differs that floorkeeper may have to answer.
func (v *version) differs(other *version) bool {
	return v.state != other.state ||
		!maps.Equal(v.HPA.Labels, other.HPA.Labels) ||
		!maps.Equal(prefixed(v.HPA.Annotations), prefixed(other.HPA.Annotations)) ||
		!reflect.DeepEqual(v.HPA.OwnerReferences, other.HPA.OwnerReferences)
}

func prefixed(annotations map[string]string) map[string]string {
	ours := maps.Clone(annotations)
	maps.DeleteFunc(ours, func(key, _ string) bool { return !strings.HasPrefix(key, autoscaler.Prefix) })
	return ours
}

// String returns the state of the HPA.
func (v *version) String() string { return describe(v.state) }

func describe(s autoscaler.State) string {
	switch s.Condition {
	case autoscaler.Free:
		return fmt.Sprintf("minReplicas %d without our annotations", s.MinReplicas)
	case autoscaler.Damaged:
		return fmt.Sprintf("minReplicas %d with damaged annotations", s.MinReplicas)
	default:
		return fmt.Sprintf("minReplicas %d, baseline %d, floor %d because of %q from %s until %s", s.MinReplicas,
			s.Mark.Baseline, s.Mark.Floor, s.Mark.Because, s.Mark.Since, s.Mark.Until)
	}
}
