package forecast

import (
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
)

// tally collects what is found of one HPA, of each rule and entry once, and counts how often it is so.
type tally struct {
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	all   []Finding
	index map[about]int
	seen  map[about]bool // at the stretch before: a step of a ramp is not another time
	again map[about]bool // at this one
}

func newTally(hpa *autoscalingv2.HorizontalPodAutoscaler) *tally {
	return &tally{hpa: hpa, index: make(map[about]int), seen: make(map[about]bool), again: make(map[about]bool)}
}

func (t *tally) add(found Finding, message func() string) {
	key := about{found.Rule, found.Severity, found.Entry}
	t.again[key] = true
	i, known := t.index[key]
	switch {
	case !known:
		found.HPA, found.Times, found.Message = t.hpa, 1, message()
		t.index[key], t.all = len(t.all), append(t.all, found)
	case !t.seen[key]:
		t.all[i].Times++
	}
}

func (t *tally) next() {
	t.seen, t.again = t.again, t.seen
	clear(t.again)
}

func (o *Outlook) problems(scaled map[target][]*Outlook, report func(Finding)) {
	t := newTally(o.HPA)
	o.standing(t, o.Covering(o.forecast.Schedule), scaled)
	var before Stretch
	for stretch := range o.Stretches() {
		t.next()
		if rule := o.shortfall(stretch); rule != "" {
			t.add(Finding{Rule: rule, Entry: stretch.Because, From: stretch.From}, func() string { return o.shortfallMessage(rule, stretch) })
		}
		o.disabled(t, stretch)
		if stretch.MinReplicas < before.MinReplicas {
			o.fall(t, before, stretch)
		}
		before = stretch
	}
	for _, found := range t.all {
		report(found)
	}
}

// fall adds what is found where minReplicas falls. The HPA controller records its recommendations before minReplicas limits
// them, so that no stabilization window softens the fall.
func (o *Outlook) fall(t *tally, before, after Stretch) {
	entry := o.forecast.Schedule.Entry(before.Because)
	if entry == nil {
		return
	}
	left, may := scaledDown(o.HPA.Spec.Behavior, before.MinReplicas)
	switch {
	case !may:
		t.add(Finding{Rule: PodsStay, Entry: entry.Name, From: after.From}, func() string {
			return fmt.Sprintf("the Pods stay when minReplicas falls from %d to %d: selectPolicy Disabled in behavior.scaleDown "+
				"keeps the HPA from removing any", before.MinReplicas, after.MinReplicas)
		})
	case entry.RampDown == 0 && sudden(before.MinReplicas, after.MinReplicas, left):
		t.add(Finding{Rule: SuddenRelease, Entry: entry.Name, From: after.From}, func() string {
			return fmt.Sprintf("minReplicas falls from %d to %d at once; give the entry a rampDown, or the HPA policies in behavior.scaleDown",
				before.MinReplicas, after.MinReplicas)
		})
	}
}

// sudden reports whether a single step, which leaves so many Pods, is nearly the whole fall.
func sudden(before, after, left int32) bool {
	const tenths = 9
	return 10*int64(before-max(after, left)) >= tenths*int64(before-after)
}

// scaledDown returns how many Pods are left after one step down of the HPA controller, and whether it takes any. It is
// calculateScaleDownLimitWithBehaviors of k8s.io/kubernetes/pkg/controller/podautoscaler, with the defaults of the API.
func scaledDown(behavior *autoscalingv2.HorizontalPodAutoscalerBehavior, replicas int32) (left int32, may bool) {
	if behavior == nil || behavior.ScaleDown == nil {
		return 0, true
	}
	rules, choose := behavior.ScaleDown, func(a, b int32) int32 { return min(a, b) }
	if rules.SelectPolicy != nil {
		switch *rules.SelectPolicy {
		case autoscalingv2.DisabledPolicySelect:
			return replicas, false
		case autoscalingv2.MinChangePolicySelect:
			choose = func(a, b int32) int32 { return max(a, b) }
		}
	}
	for i, policy := range rules.Policies {
		proposed := replicas - policy.Value
		if policy.Type == autoscalingv2.PercentScalingPolicy {
			proposed = int32(float64(replicas) * (1 - float64(policy.Value)/100))
		}
		if i == 0 {
			left = proposed
		}
		left = choose(left, proposed)
	}
	return left, true
}

// committed reports whether the HPA comes from a file for an API server, and not from one, with annotations of ours.
func (o *Outlook) committed() bool { return o.HPA.UID == "" && o.State.Condition != autoscaler.Free }

// shortfall returns what keeps the HPA from getting the floor of a stretch, and "" where nothing does.
func (o *Outlook) shortfall(s Stretch) Rule {
	switch {
	case s.Floor == 0:
		return ""
	case o.ByKEDA:
		return OwnedByKEDA
	case o.Refusal != "" && o.State.Lost():
		return LostBaseline
	case o.Refusal != "" || s.Full <= o.State.Ceiling().Replicas:
		return ""
	case o.State.Ceiling().By == autoscaler.ByMaxReplicas:
		return ClampedFloor
	default:
		return LimitedFloor
	}
}

func (o *Outlook) shortfallMessage(kind Rule, s Stretch) string {
	switch kind {
	case OwnedByKEDA:
		return o.Refusal + ", which would overwrite a floor, so it gets none; use a KEDA trigger instead"
	case LostBaseline:
		return o.Refusal + ", so its minReplicas stays as it is; give the baseline in the annotation " + autoscaler.AnnotationDeclaredBaseline
	}
	return o.State.Ceiling().Shortfall(s.Full)
}

// limited reports the floors that --max-floor will clamp of whatever HPA: those of placeholders, as far as they do not depend
// on the baseline.
func (f *Forecast) limited(report func(Finding)) {
	reported := make(map[string]bool)
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		limit := o.State.Limit.MaxFloor
		for stretch := range o.Stretches() {
			if limit == 0 || stretch.Full <= limit || reported[stretch.Because] || !o.absolute(stretch) {
				continue
			}
			reported[stretch.Because] = true
			report(Finding{
				Rule: LimitedFloor, Entry: stretch.Because, From: stretch.From.In(f.Schedule.Entry(stretch.Because).Location),
				Message: autoscaler.Ceiling{Replicas: limit, Limit: limit, By: autoscaler.ByMaxFloor}.Shortfall(stretch.Full),
			})
		}
	}
}

// absolute reports whether the full floor of a stretch is the same for every baseline.
func (o *Outlook) absolute(s Stretch) bool {
	hpa := o.Subject()
	hpa.Baseline = 0
	return slices.ContainsFunc(o.forecast.Schedule.Claims(hpa, s.From), func(claim schedules.Decision) bool {
		return claim.Because == s.Because && claim.Full == s.Full
	})
}
