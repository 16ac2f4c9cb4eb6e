package timeline

import (
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/controller"
)

// facts returns what the reader should see first.
func (d *Document) facts(lanes []*strip, warnings int) []fact {
	facts := []fact{d.nextChange()}
	if held, contested := held(lanes); d.Live && d.inRange() {
		facts = append(facts, fact{Name: "Held now", Value: counted(held, "HPA"), More: contested, Alarm: contested != ""})
	}
	if warnings > 0 {
		facts = append(facts, fact{Name: "Worth a look", Value: counted(warnings, "warning"), More: "read them", Href: "#findings-heading"})
	}
	if d.Leader != "" {
		name, more, _ := strings.Cut(plain(d.Leader), " (")
		facts = append(facts, fact{Name: "Leader", Value: name, More: strings.TrimSuffix(more, ")")})
	}
	if sha := d.Revision.SHA256; sha != "" {
		more := ""
		if !d.Revision.LoadedAt.IsZero() {
			more = "loaded " + exact(d.at(d.Revision.LoadedAt).Truncate(time.Minute), momentLayout)
		}
		facts = append(facts, fact{Name: "Schedule revision", Value: plain(sha[:min(12, len(sha))]), More: more})
	}
	return facts
}

// held counts the HPAs that are held now, and says how many are not as planned.
func held(lanes []*strip) (held int, contested string) {
	differ := 0
	for _, l := range lanes {
		if l.State.Condition == controller.Held {
			held++
		}
		if l.differs {
			differ++
		}
	}
	if differ > 0 {
		contested = counted(differ, "HPA") + " not as planned"
	}
	return held, contested
}

// nextChange says what happens next, and how long that is away.
func (d *Document) nextChange() fact {
	if d.Forecast != nil && !d.inRange() {
		return fact{Name: "Now", Value: "not in this range", More: exact(d.at(d.Now).Truncate(time.Minute), momentLayout)}
	}
	f := fact{Name: "Next change", Value: "none", More: "until " + exact(d.at(d.scale().to), momentLayout)}
	if d.Forecast == nil {
		return fact{Name: "Next change", Value: "unknown", More: "there is no valid schedule"}
	}
	var next []change
	for i := range d.Forecast.Outlooks {
		var before controller.Stretch
		for s := range d.Forecast.Outlooks[i].Stretches() {
			if before.To.Equal(s.From) && s.From.After(d.Now) && s.MinReplicas != before.MinReplicas {
				next = sooner(next, change{i, before, s})
				break
			}
			before = s
		}
	}
	if len(next) == 0 {
		return f
	}
	at := next[0].after.From
	f.Value = "in " + lasting(at.Sub(d.Now))
	r := d.row(next[0], d.at(at))
	f.More = fmt.Sprintf("%s: %s %d → %d (%s)", exact(d.at(at), momentLayout), r.HPA, r.From, r.To, r.Reason)
	if len(next) > 1 {
		f.More += fmt.Sprintf(" and %s", counted(len(next)-1, "more HPA"))
	}
	return f
}

// sooner keeps the changes that happen first.
func sooner(all []change, c change) []change {
	switch {
	case len(all) == 0 || c.after.From.Before(all[0].after.From):
		return []change{c}
	case c.after.From.Equal(all[0].after.From):
		return append(all, c)
	default:
		return all
	}
}
