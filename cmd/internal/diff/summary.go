package diff

import (
	"fmt"
	"strings"
	"time"

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

// when says when floors change in each range that was looked at.
func (r Report) when() string {
	var texts []string
	for _, over := range append([]Range{{r.From, r.To}}, r.Beyond...) {
		inside := func(f Floor) bool { return !f.From.Before(over.From) && f.From.Before(over.To) }
		if text := span(r.Floors, inside); text != "" {
			texts = append(texts, text)
		}
	}
	if more := len(texts) - few; more > 0 {
		texts = append(texts[:few], fmt.Sprintf(" around %d more events", more))
	}
	return strings.Join(texts, ", and")
}

// span says from the first to the last instant when some floors change, and on how many days of the calendar where that comes again; ""
// where there are none.
func span(floors []Floor, some func(Floor) bool) string {
	var first, last time.Time
	days, again := make(map[schedules.Date]bool), false
	for _, floor := range floors {
		if !some(floor) {
			continue
		}
		if first.IsZero() {
			first = floor.From // as they ascend
		}
		last = later(last, floor.ends())
		again = again || floor.Times > 1
		nights := schedules.DateOf(floor.To.Add(-1), floor.From.Location()) - schedules.DateOf(floor.From, floor.From.Location())
		for _, date := range floor.Dates {
			for touched := date; touched <= date+nights; touched++ {
				days[touched] = true
			}
		}
	}
	switch {
	case first.IsZero():
		return ""
	case again:
		return fmt.Sprintf(" on %d days between ", len(days)) + stretch(first, last, " and ")
	default:
		return " between " + stretch(first, last, " and ")
	}
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
