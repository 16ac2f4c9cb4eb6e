package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// maxIdle is how many targets of an entry a finding names.
const maxIdle = 5

// idle returns the finding of an entry that covers nothing, or some of whose targets select nothing.
func (f *Forecast) idle(opening schedules.Opening, covers bool) Finding {
	finding := Finding{Kind: MatchesNothing, Entry: opening.Name, From: opening.From}
	if !covers {
		finding.Message = "it covers no HorizontalPodAutoscaler; check its targets"
		return finding
	}
	var idle []string
	targets := f.Schedule.Entry(opening.Name).Targets
	for i := range targets {
		if !slices.ContainsFunc(f.Outlooks, func(o Outlook) bool { subject := o.subject(); return targets[i].Selects(&subject) }) {
			idle = append(idle, "("+targets[i].String()+")")
		}
	}
	if len(idle) == 0 {
		return Finding{}
	}
	if more := len(idle) - maxIdle; more > 0 {
		idle = append(idle[:maxIdle], fmt.Sprintf("%d more", more))
	}
	finding.Message = "no HorizontalPodAutoscaler matches its target " + strings.Join(idle, ", nor ")
	return finding
}
