package changes

import (
	"fmt"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// summary is the report in a sentence: whose floors change and when. Another line says what was looked at.
func (r Report) summary() string {
	switch {
	case r.Same() && len(r.Entries) == 0:
		return "No floor changes from " + r.lookedAt() + "."
	case r.Same():
		return "Entries differ, but no floor changes from " + r.lookedAt() + "."
	}
	whose := fmt.Sprintf("%d HorizontalPodAutoscalers", r.HPAs)
	if r.Assumed {
		whose = fmt.Sprintf("the %d targets that the schedules name", r.HPAs)
	}
	return fmt.Sprintf("Floors of %d of %s change%s.\nLooked at: %s.", r.touched(), whose, r.when(), r.lookedAt())
}

// touched returns of how many HPAs some floor changes.
func (r Report) touched() int {
	hpas := make(map[string]bool)
	for _, floor := range r.Floors {
		for _, hpa := range floor.HPAs {
			hpas[r.name(hpa)] = true
		}
	}
	return len(hpas)
}

// when says from the first to the last instant when floors change, and on how many days where that comes again.
func (r Report) when() string {
	first, last := r.Floors[0].From, r.Floors[0].ends()
	days, again := make(map[schedules.Date]bool), false
	for _, floor := range r.Floors {
		first, last = earlier(first, floor.From), later(last, floor.ends())
		again = again || floor.Times > 1
		for _, date := range floor.Dates {
			days[date] = true
		}
	}
	text := ", between "
	if again {
		text = fmt.Sprintf(" on %d days, between ", len(days))
	}
	return text + stretch(first, last, " and ")
}

// lookedAt names all that was looked at.
func (r Report) lookedAt() string {
	all := []string{r.From.Format(dayLayout+" MST") + " to " + r.To.Format(dayLayout+" MST")}
	for i, beyond := range r.Beyond {
		if i == few {
			all = append(all, fmt.Sprintf("%d more stretches", len(r.Beyond)-few))
			break
		}
		all = append(all, stretch(beyond.From, beyond.To, " to "))
	}
	if len(all) == 1 {
		return all[0]
	}
	return all[0] + ", and for events that differ " + strings.Join(all[1:], ", ")
}
