package forecast

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// Overlaps returns, for each pair of entries of which one stands over the other, the first time that it does, with an HPA
// for which it does. Which of them applies can depend on the HPA's baseline; HPAs that are covered by the same entries
// are looked at once. What an entry asks while it climbs or descends does not count: there the other one stands over it for
// a moment, with a number that nobody wrote.
func (f *Forecast) Overlaps() []Finding {
	var findings []Finding
	seen, told := make(map[string]bool), make(map[string]bool)
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		names := f.Schedule.Covering(o.Subject())
		covering := strings.Join(names, " ")
		if o.Refusal == "" && len(names) > 1 && !seen[covering] {
			seen[covering] = true
			findings = append(findings, o.overlaps(told)...)
		}
	}
	return findings
}

// overlaps looks at each instant at which an entry opens or closes.
func (o *Outlook) overlaps(told map[string]bool) []Finding {
	var findings []Finding
	schedule := o.forecast.Schedule
	for t := o.forecast.From; !t.IsZero() && t.Before(o.forecast.To); t = schedule.At(o.Subject(), t).Next {
		claims := slices.DeleteFunc(schedule.Claims(o.Subject(), t), func(c schedules.Decision) bool { return c.Ramp != schedules.Steady })
		for i := 1; i < len(claims); i++ {
			winner, loser := claims[0], claims[i]
			pair := min(winner.Because, loser.Because) + " " + max(winner.Because, loser.Because)
			if winner.Because != loser.Because && !told[pair] {
				told[pair] = true
				findings = append(findings, Finding{Overlap, loser.Because, o.HPA, t.In(loser.Since.Location()), overlap(schedule, winner, loser)})
			}
		}
	}
	return findings
}

func overlap(schedule *schedules.Schedule, winner, loser schedules.Decision) string {
	if winner.Floor == loser.Floor {
		return fmt.Sprintf("%s is open as well and asks for %d too; of equal floors the one that falls last applies, then the first by name",
			schedule.Title(winner.Because), winner.Floor)
	}
	return fmt.Sprintf("%s is open as well, and its floor %d applies instead of %d: the largest does",
		schedule.Title(winner.Because), winner.Floor, loser.Floor)
}
