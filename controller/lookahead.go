package controller

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// horizon is how far ahead problems are looked for.
const horizon = 24 * time.Hour

// finding is a problem that the coming day will have: on an HPA, or on the schedule itself where hpa is nil. It is quiet
// where its entry is open already: then it was told when that opened.
type finding struct {
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	quiet bool
	notice
}

// key tells findings apart, so that each is told once.
func (f finding) key() string {
	if f.hpa == nil {
		return f.action
	}
	return f.hpa.Namespace + "/" + f.hpa.Name + " " + string(f.hpa.UID) + " " + f.action
}

// lookAhead returns the problems of the time from now to the horizon: entries that match no HPA, floors that will be
// clamped, HPAs that will be refused.
func lookAhead(schedule *schedules.Schedule, scope Scope, hpas []autoscalingv2.HorizontalPodAutoscaler, now time.Time) []finding {
	open := make(map[string]bool)
	for _, opening := range schedule.Openings(now, now.Add(1)) {
		open[opening.Name] = true
	}
	var findings []finding
	matched := make(map[string]bool)
	for i := range hpas {
		look := scope.Look(schedule, &hpas[i], now)
		if look.Refusal != "" && !look.byKEDA {
			continue
		}
		for _, name := range schedule.Covering(look.subject()) {
			matched[name] = true
		}
		findings = append(findings, ahead(schedule, look, open)...)
	}
	for _, opening := range schedule.Openings(now, now.Add(horizon)) {
		if !matched[opening.Name] {
			findings = append(findings, finding{notice: matchesNothing(schedule.Title(opening.Name), opening.From, now)})
		}
	}
	return findings
}

// ahead returns the problems of one HPA, one for each entry.
func ahead(schedule *schedules.Schedule, look Look, open map[string]bool) []finding {
	var findings []finding
	found := make(map[string]bool)
	for segment := range schedule.Timeline(look.subject(), look.At, look.At.Add(horizon)) {
		entry := schedule.Title(segment.Because)
		var n notice
		switch {
		case segment.Floor == 0 || found[entry]:
			continue
		case look.byKEDA:
			n = targetRefused(look, entry)
		case segment.Full > look.State.MaxReplicas:
			n = floorAtRisk(look, entry, segment)
		default:
			continue
		}
		found[entry] = true
		findings = append(findings, finding{look.HPA, open[segment.Because], n})
	}
	return findings
}

func floorAtRisk(look Look, entry string, segment schedules.Segment) notice {
	note := fmt.Sprintf("floor %d (%s, from %s) is above maxReplicas %d and will be clamped to it; raise maxReplicas before then",
		segment.Full, entry, moment(segment.From.In(segment.Until.Location()), look.At), look.State.MaxReplicas)
	return notice{corev1.EventTypeWarning, ReasonFloorAtRisk, fmt.Sprintf("clamp %d for %s", segment.Full, entry), note}
}

func matchesNothing(entry string, opens, now time.Time) notice {
	note := fmt.Sprintf("%s opens at %s and covers no HorizontalPodAutoscaler; check its targets", entry, moment(opens, now))
	if !opens.After(now) {
		note = entry + " is open and covers no HorizontalPodAutoscaler; check its targets"
	}
	return notice{corev1.EventTypeWarning, ReasonFloorAtRisk, "cover for " + entry, note}
}
