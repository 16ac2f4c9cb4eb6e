package forecast

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// Facts are what manifests and clusters hold beside HPAs. A function that is nil knows nothing.
type Facts struct {
	Stopped      func(*autoscalingv2.HorizontalPodAutoscaler) bool   // what it scales is written with 0 replicas
	Canary       func(*autoscalingv2.HorizontalPodAutoscaler) string // the Canary of Flagger that names it, and ""
	Unnamespaced int                                                 // how many HPAs name no namespace
	Default      string                                              // the one they count in
}

// standing adds what is found of an HPA whatever the time, given the entries that cover it.
func (o *Outlook) standing(t *tally, entries []string, scaled map[target][]*Outlook) {
	if o.committed() {
		t.add(Finding{Rule: CommittedMark}, func() string {
			return "its manifest holds annotations that only floorkeeper may write, as a copy of a raised HPA does: each apply would raise it; " +
				"remove " + autoscaler.Prefix + "baseline, floor, because, since, until and managed-by"
		})
	}
	o.mistaken(t, BadDeclaration, autoscaler.AnnotationDeclaredBaseline, o.State.Declared.Valid)
	o.mistaken(t, BadMaxFloor, autoscaler.AnnotationMaxFloor, o.State.MaxFloor > 0)
	if len(entries) == 0 {
		return
	}
	if others := scaled[targetOf(o.HPA)]; len(others) > 1 && o.HPA.Spec.ScaleTargetRef.Name != "" {
		t.add(Finding{Rule: SharedTarget, Entry: entries[0]}, func() string {
			other := others[0]
			if other.HPA == o.HPA {
				other = others[1]
			}
			return fmt.Sprintf("%s/%s scales %s %s as well: of two HPAs with one target neither scales it (AmbiguousSelector), and the Pods "+
				"count twice here; leave one", other.HPA.Namespace, other.HPA.Name, o.HPA.Spec.ScaleTargetRef.Kind, o.HPA.Spec.ScaleTargetRef.Name)
		})
	}
	for _, name := range entries {
		if percent := o.nothingOf(o.forecast.Schedule, name); percent != "" {
			t.add(Finding{Rule: PercentOfZero, Entry: name}, func() string {
				return percent + " of the baseline 0 is 0, so that the entry does nothing for it; write a number of replicas"
			})
		}
	}
	o.copied(t, entries)
}

// mistaken adds that an annotation which the owner writes is given and not valid.
func (o *Outlook) mistaken(t *tally, rule Rule, key string, valid bool) {
	if value, given := o.HPA.Annotations[key]; given && !valid {
		t.add(Finding{Rule: rule}, func() string {
			return fmt.Sprintf("its annotation %s is %q and counts for nothing; write a whole number of replicas in quotes, such as \"4\"",
				key, text.Cut(value, 41))
		})
	}
}

// target is what an HPA scales.
type target struct{ namespace, kind, name string }

func targetOf(hpa *autoscalingv2.HorizontalPodAutoscaler) target {
	return target{hpa.Namespace, hpa.Spec.ScaleTargetRef.Kind, hpa.Spec.ScaleTargetRef.Name}
}

// nothingOf returns the amount of an entry that is nothing, because the baseline is 0, and "" for any other.
func (o *Outlook) nothingOf(schedule *schedules.Schedule, name string) string {
	hpa := o.Subject()
	if hpa.Baseline != 0 {
		return ""
	}
	nothing := ""
	for _, target := range schedule.Entry(name).Targets {
		switch {
		case !target.Selects(&hpa):
		case target.Amount.Ratio == 0:
			return ""
		default:
			nothing = target.Amount.String()
		}
	}
	return nothing
}

// disabled adds that a floor will raise nothing, because what the HPA scales has 0 replicas and the HPA is off. One that its
// own metric scaled to zero comes back by itself.
func (o *Outlook) disabled(t *tally, s Stretch) {
	if s.Floor == 0 || o.Refusal != "" || o.State.ZeroLegal && o.State.Baseline() == 0 || !o.off() {
		return
	}
	t.add(Finding{Rule: ScalingDisabled, Entry: s.Because, From: s.From}, func() string {
		return fmt.Sprintf("%s %s has 0 replicas, which turns the HPA off, so that a floor raises nothing; scale it to 1 or more before then",
			o.HPA.Spec.ScaleTargetRef.Kind, o.HPA.Spec.ScaleTargetRef.Name)
	})
}

func (o *Outlook) off() bool {
	if autoscaler.StatusCondition(o.HPA, autoscalingv2.ScaledToZero).Status == corev1.ConditionTrue {
		return false
	}
	active := autoscaler.StatusCondition(o.HPA, autoscalingv2.ScalingActive)
	return active.Status == corev1.ConditionFalse && active.Reason == "ScalingDisabled" ||
		o.forecast.Facts.Stopped != nil && o.forecast.Facts.Stopped(o.HPA)
}

// copied adds that Flagger copies the floor of the HPA to its primary, unless that is covered too, or declares its baseline.
func (o *Outlook) copied(t *tally, entries []string) {
	primary := o.HPA.Name + autoscaler.PrimarySuffix
	canary := ""
	if o.forecast.Facts.Canary != nil {
		canary = o.forecast.Facts.Canary(o.HPA)
	}
	if other := o.forecast.outlook(o.HPA.Namespace, primary); other != nil {
		if other.State.Declared.Valid || slices.Equal(other.Covering(o.forecast.Schedule), entries) {
			return
		}
		if owner, owned := autoscaler.Canary(other.HPA); owned {
			canary = owner.Name
		}
	}
	if canary != "" {
		t.add(Finding{Rule: CopiedByFlagger, Entry: entries[0]}, func() string {
			return fmt.Sprintf("Flagger copies its minReplicas to %s when it promotes Canary %s, so that a floor becomes the baseline there for "+
				"good; target both, or set primaryScalerReplicas in the Canary, or declare the baseline of %s", primary, canary, primary)
		})
	}
}

// outlook returns that of an HPA, or nil.
func (f *Forecast) outlook(namespace, name string) *Outlook {
	i, found := slices.BinarySearchFunc(f.Outlooks, name, func(o Outlook, name string) int {
		return cmp.Or(cmp.Compare(o.HPA.Namespace, namespace), cmp.Compare(o.HPA.Name, name))
	})
	if !found {
		return nil
	}
	return &f.Outlooks[i]
}

// alone returns why HPAs that an entry selects are left alone, and "" where it selects none.
func (f *Forecast) alone(entry *schedules.Entry, subjects []schedules.HPA) string {
	var names []string
	why := ""
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		if !o.leftAlone() || !slices.ContainsFunc(entry.Targets, func(t schedules.Target) bool { return t.Selects(&subjects[i]) }) {
			continue
		}
		names = append(names, o.HPA.Namespace+"/"+o.HPA.Name)
		if why == "" {
			why = o.Refusal
		}
	}
	if len(names) == 0 {
		return ""
	}
	if strings.HasPrefix(why, "its namespace") {
		why += " (--exclude-namespaces)"
	}
	if len(names) > 1 {
		return fmt.Sprintf("it covers no HorizontalPodAutoscaler: %s would be selected, and are left alone; of the first, %s", text.List(names, ", ", 3), why)
	}
	return fmt.Sprintf("it covers no HorizontalPodAutoscaler: %s would be selected, and %s", names[0], why)
}

// unnamespaced returns what to do about HPAs that name no namespace, where a target names another than they count in.
func (f *Forecast) unnamespaced(entry *schedules.Entry) string {
	for _, target := range entry.Targets {
		if n := f.Facts.Unnamespaced; n > 0 && target.Namespace != "" && target.Namespace != f.Facts.Default {
			return "; " + f.Facts.Hint(target.Namespace)
		}
	}
	return ""
}

// Hint returns how many HPAs name no namespace, and how to give the one in which they are installed.
func (f Facts) Hint(namespace string) string {
	if f.Unnamespaced == 1 {
		return fmt.Sprintf("1 HPA names no namespace and counts as %s: -n %s if it is installed there", f.Default, namespace)
	}
	return fmt.Sprintf("%d HPAs name no namespace and count as %s: -n %s if they are installed there", f.Unnamespaced, f.Default, namespace)
}
