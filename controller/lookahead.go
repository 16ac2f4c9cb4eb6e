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

// finding is a problem that the coming day will have: on an HPA, or on the schedule itself where hpa is nil.
type finding struct {
	hpa *autoscalingv2.HorizontalPodAutoscaler
	notice
}

// key tells findings apart, so that each is told once.
func (f finding) key() string {
	if f.hpa == nil {
		return f.note
	}
	return f.hpa.Namespace + "/" + f.hpa.Name + " " + string(f.hpa.UID) + " " + f.note
}

// lookAhead returns the problems of the time from now to the horizon: entries that match no HPA, floors that will be
// clamped, HPAs that will be refused.
func lookAhead(schedule *schedules.Schedule, scope Scope, hpas []autoscalingv2.HorizontalPodAutoscaler, now time.Time) []finding {
	var findings []finding
	matched := make(map[string]bool)
	for i := range hpas {
		look := scope.Look(schedule, &hpas[i], now)
		if _, owned := ownerScaledObject(&hpas[i]); look.Refusal == "" || owned {
			for _, name := range schedule.Covering(look.subject()) {
				matched[name] = true
			}
		}
		findings = append(findings, ahead(schedule, look)...)
	}
	for _, opening := range schedule.Openings(now, now.Add(horizon)) {
		if !matched[opening.Name] {
			findings = append(findings, finding{notice: matchesNothing(schedule.Title(opening.Name), opening.From, now)})
		}
	}
	return findings
}

// ahead returns the problems of one HPA, one of a kind and entry. What an entry that is open already lacks was told when
// it opened, and is not told again for its next day.
func ahead(schedule *schedules.Schedule, look Look) []finding {
	var findings []finding
	told := make(map[string]bool)
	_, owned := ownerScaledObject(look.HPA)
	for segment := range schedule.Timeline(look.subject(), look.At, look.At.Add(horizon)) {
		entry := schedule.Title(segment.Because)
		switch {
		case segment.Floor == 0 || told[entry]:
		case segment.From.Equal(look.At):
			told[entry] = owned || segment.Full > look.State.MaxReplicas
		case look.Refusal != "" && owned:
			told[entry] = true
			findings = append(findings, finding{look.HPA, targetRefused(look, entry)})
		case look.Refusal == "" && segment.Floor > look.State.MaxReplicas:
			told[entry] = true
			findings = append(findings, finding{look.HPA, floorAtRisk(look, entry, segment)})
		}
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
