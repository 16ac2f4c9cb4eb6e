package controller

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// warning is a finding that the look ahead tells as an Event, on an HPA or on the schedule itself where hpa is nil. It is
// quiet where its entry is open already: then it was told when that opened.
type warning struct {
	kind  FindingKind
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	quiet bool
	notice
}

// key tells warnings apart, so that each is told once.
func (w warning) key() string {
	if w.hpa == nil {
		return w.action
	}
	return w.hpa.Namespace + "/" + w.hpa.Name + " " + string(w.hpa.UID) + " " + w.action
}

// imminent are the kinds of findings that the look ahead tells: those with which an HPA gets less than the schedule asks.
func imminent() []FindingKind { return []FindingKind{ClampedFloor, MatchesNothing, OwnedByKEDA} }

// lookAhead returns what the forecast holds of the imminent kinds.
func lookAhead(f *Forecast) []warning {
	open := make(map[string]bool)
	for _, opening := range f.Schedule.Openings(f.From, f.From.Add(1)) {
		open[opening.Name] = true
	}
	looks := make(map[*autoscalingv2.HorizontalPodAutoscaler]Look)
	for _, o := range f.Outlooks {
		looks[o.HPA] = o.Look
	}
	var warnings []warning
	for _, finding := range f.Problems() {
		title := f.Schedule.Title(finding.Entry)
		w := warning{kind: finding.Kind, hpa: finding.HPA, quiet: finding.HPA != nil && open[finding.Entry]}
		switch finding.Kind {
		case OwnedByKEDA:
			w.notice = targetRefused(looks[finding.HPA], title)
		case ClampedFloor, MatchesNothing:
			w.notice = floorAtRisk(finding, f.Schedule, f.From)
		default:
			continue
		}
		warnings = append(warnings, w)
	}
	return warnings
}

func floorAtRisk(finding Finding, schedule *schedules.Schedule, now time.Time) notice {
	title, location := schedule.Title(finding.Entry), schedule.Entry(finding.Entry).Location
	note := fmt.Sprintf("%s, from %s: %s", title, moment(finding.From.In(location), now), finding.Message)
	if !finding.From.After(now) {
		note = fmt.Sprintf("%s is open: %s", title, finding.Message)
	}
	return notice{corev1.EventTypeWarning, ReasonFloorAtRisk, shortened(string(finding.Kind)+" of "+title+", "+finding.Message, 128), note}
}
