package controller

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// prospect is a finding that the look-ahead reports as an Event on the HPA, or on the schedule if hpa is nil. It is quiet
// if its entry is already open, as it was reported when that opened.
type prospect struct {
	kind  forecast.FindingKind
	hpa   *autoscalingv2.HorizontalPodAutoscaler
	quiet bool
	autoscaler.EventNote
}

// key identifies a prospect, so that each is reported once.
func (w prospect) key() string {
	if w.hpa == nil {
		return w.Action
	}
	return w.hpa.Namespace + "/" + w.hpa.Name + " " + string(w.hpa.UID) + " " + w.Action
}

// imminent returns the kinds of findings that the look-ahead reports: an HPA gets less than the schedule asks.
func imminent() []forecast.FindingKind {
	return []forecast.FindingKind{forecast.ClampedFloor, forecast.MatchesNothing, forecast.OwnedByKEDA}
}

// lookAhead returns the findings of the imminent kinds.
func lookAhead(f *forecast.Forecast) []prospect {
	open := make(map[string]bool)
	for _, opening := range f.Schedule.Openings(f.From, f.From.Add(1)) {
		open[opening.Name] = true
	}
	verdicts := make(map[*autoscalingv2.HorizontalPodAutoscaler]autoscaler.Verdict)
	for _, o := range f.Outlooks {
		verdicts[o.HPA] = o.Verdict
	}
	var warnings []prospect
	for _, finding := range f.Problems() {
		title := f.Schedule.Title(finding.Entry)
		w := prospect{kind: finding.Kind, hpa: finding.HPA, quiet: finding.HPA != nil && open[finding.Entry]}
		switch finding.Kind {
		case forecast.OwnedByKEDA:
			w.EventNote = autoscaler.TargetRefused(verdicts[finding.HPA], title)
		case forecast.ClampedFloor, forecast.MatchesNothing:
			location := f.Schedule.Entry(finding.Entry).Location
			w.EventNote = autoscaler.FloorAtRisk(string(finding.Kind), title, finding.Message, finding.From.In(location), f.From)
		default:
			continue
		}
		warnings = append(warnings, w)
	}
	return warnings
}
