package autoscaler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Copy is the floor of another HPA that somebody copied without our annotations. The zero Copy is none.
type Copy struct {
	Of              string // the name of the other one, in the same namespace
	Baseline, Floor int32
}

// PrimarySuffix is that of the HPAs which Flagger creates, from those that a Canary names. It copies minReplicas when it
// creates one, and at each promotion, and no annotations.
const PrimarySuffix = "-primary"

// CanBeCopy reports whether an HPA is one that Flagger may have created. Others need not be compared.
func CanBeCopy(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	_, owned := Canary(hpa)
	return owned || strings.HasSuffix(hpa.Name, PrimarySuffix)
}

// Canary returns the owner of the HPA if that is a Canary.
func Canary(hpa *autoscalingv2.HorizontalPodAutoscaler) (metav1.OwnerReference, bool) {
	index := slices.IndexFunc(hpa.OwnerReferences, func(owner metav1.OwnerReference) bool {
		return owner.Kind == "Canary" && strings.HasPrefix(owner.APIVersion, "flagger.app/")
	})
	if index < 0 {
		return metav1.OwnerReference{}, false
	}
	return hpa.OwnerReferences[index], true
}

// CopyIn returns the floor that the minReplicas of an HPA is a copy of: it equals the floor in effect of an HPA of the same
// Canary, or of the one that it is the primary of, and was written while that floor was in effect. The others are HPAs of
// any namespace.
func CopyIn(others []autoscalingv2.HorizontalPodAutoscaler, hpa *autoscalingv2.HorizontalPodAutoscaler) Copy {
	if !CanBeCopy(hpa) {
		return Copy{}
	}
	state := Observe(hpa)
	if state.Condition == Damaged || state.Declared.Valid {
		return Copy{}
	}
	written := writtenAt(hpa)
	for i := range others {
		if !twins(&others[i], hpa) {
			continue
		}
		if mark := inEffect(&others[i]); mark.Floor > mark.Baseline && mark.Floor == state.Wish() && !mark.begins(written) {
			return Copy{others[i].Name, mark.Baseline, mark.Floor}
		}
	}
	return Copy{}
}

// inEffect returns the mark of an HPA whose floor is in effect, and the zero Mark for any other.
func inEffect(hpa *autoscalingv2.HorizontalPodAutoscaler) Mark {
	state := Observe(hpa)
	if state.MinReplicas != state.Mark.Floor {
		return Mark{}
	}
	return state.Mark
}

// begins reports whether a floor begins after an instant that is known to the second, as far as its mark shows.
func (m Mark) begins(after time.Time) bool {
	since, known := m.since()
	return !known || after.Before(since.Truncate(time.Second))
}

// twins reports whether Flagger copies one HPA to the other.
func twins(from, to *autoscalingv2.HorizontalPodAutoscaler) bool {
	if from.Namespace != to.Namespace || from.Name == to.Name {
		return false
	}
	first, owned := Canary(from)
	second, alsoOwned := Canary(to)
	return from.Name+PrimarySuffix == to.Name || owned && alsoOwned && first.UID == second.UID
}

// writtenAt returns when minReplicas was written, as far as managedFields show; else when the HPA was created.
func writtenAt(hpa *autoscalingv2.HorizontalPodAutoscaler) time.Time {
	if last := lastWrite(hpa, "spec", "minReplicas"); last.Time != nil && last.Manager != FieldManager {
		return last.Time.Time
	}
	return hpa.CreationTimestamp.Time
}

// Copied reports whether minReplicas, or the baseline of a held HPA, is a copied floor. A floor of 300% is then 300% of what
// the other HPA has as its baseline. The copied value is restored all the same: somebody may want it.
func (v Verdict) Copied() bool {
	return v.Known.Copy != (Copy{}) && v.Refusal == "" && v.State.Condition != Damaged && !v.State.Declared.Valid && v.State.Wish() == v.Known.Copy.Floor
}

func floorCopied(v Verdict) EventNote {
	from := v.Known.Copy
	command := v.restore(from.Baseline)
	return warning(ReasonFloorCopied, "copy of "+from.Of+" for "+command, "the baseline %d is a copy of the floor of HPA %s, whose baseline is %d, "+
		"and stays when the floor ends. To set %[3]d: kubectl %[4]s. To keep Flagger from copying floors: "+
		"spec.autoscalerRef.primaryScalerReplicas.minReplicas of its Canary", from.Floor, from.Of, from.Baseline, command)
}

// restore returns the arguments of kubectl that make a number the baseline.
func (v Verdict) restore(baseline int32) string {
	if v.Asked.Floor == 0 {
		return fmt.Sprintf(`patch hpa %s --namespace=%s --type=merge --patch='{"spec":{"minReplicas":%d}}'`, v.HPA.Name, v.HPA.Namespace, baseline)
	}
	return fmt.Sprintf("annotate hpa %s --namespace=%s %s=%d", v.HPA.Name, v.HPA.Namespace, AnnotationDeclaredBaseline, baseline)
}
