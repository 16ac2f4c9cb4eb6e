package controller

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// prospect is a finding that the look ahead tells as an Event, on an HPA or on the schedule itself where hpa is nil. It is
// quiet where its entry is open already: then it was told when that opened.
type prospect struct {
	kind  FindingKind
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	quiet bool
	notice
}

// key tells warnings apart, so that each is told once.
func (w prospect) key() string {
	if w.hpa == nil {
		return w.action
	}
	return w.hpa.Namespace + "/" + w.hpa.Name + " " + string(w.hpa.UID) + " " + w.action
}

// imminent are the kinds of findings that the look ahead tells: those with which an HPA gets less than the schedule asks.
func imminent() []FindingKind { return []FindingKind{ClampedFloor, MatchesNothing, OwnedByKEDA} }

// lookAhead returns what the forecast holds of the imminent kinds.
func lookAhead(f *Forecast) []prospect {
	open := make(map[string]bool)
	for _, opening := range f.Schedule.Openings(f.From, f.From.Add(1)) {
		open[opening.Name] = true
	}
	looks := make(map[*autoscalingv2.HorizontalPodAutoscaler]Look)
	for _, o := range f.Outlooks {
		looks[o.HPA] = o.Look
	}
	var warnings []prospect
	for _, finding := range f.Problems() {
		title := f.Schedule.Title(finding.Entry)
		w := prospect{kind: finding.Kind, hpa: finding.HPA, quiet: finding.HPA != nil && open[finding.Entry]}
		switch finding.Kind {
		case OwnedByKEDA:
			w.notice = TargetRefused(looks[finding.HPA], title)
		case ClampedFloor, MatchesNothing:
			location := f.Schedule.Entry(finding.Entry).Location
			w.notice = FloorAtRisk(string(finding.Kind), title, finding.Message, finding.From.In(location), f.From)
		default:
			continue
		}
		warnings = append(warnings, w)
	}
	return warnings
}
