package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/sums"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// row is one line of text or of a table: HPAs of a namespace with the same change at the same time.
type row struct {
	change forecast.Change // of the first HPA
	reason string
	hpas   []int32
}

// rowKey is what the changes of a row have in common.
type rowKey struct {
	namespace, before, after               string
	floorBefore, floor, from, to, maxClamp int32
	ramp                                   schedules.Ramp
	steps                                  int
	last                                   int64
}

// rows groups changes of one instant.
func (p *Plan) rows(changes []sums.Place) []*row {
	var rows []*row
	known := make(map[rowKey]*row)
	for _, at := range changes {
		c := p.change(at)
		key := rowKey{
			namespace: c.HPA.Namespace, before: c.Before.Because, after: c.After.Because,
			floorBefore: c.Before.Floor, floor: c.After.Floor, from: c.Before.MinReplicas, to: c.After.MinReplicas,
			ramp: c.After.Ramp, steps: len(c.Steps), last: c.Last().UnixNano(),
		}
		if c.Clamped() {
			key.maxClamp = c.State.MaxReplicas
		}
		r := known[key]
		if r == nil {
			r = &row{change: c, reason: p.reason(&c)}
			known[key], rows = r, append(rows, r)
		}
		r.hpas = append(r.hpas, at.HPA)
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(
			cmp.Compare(a.reason, b.reason), cmp.Compare(a.change.HPA.Namespace, b.change.HPA.Namespace),
			cmp.Compare(a.change.After.MinReplicas, b.change.After.MinReplicas),
			cmp.Compare(a.change.Before.MinReplicas, b.change.Before.MinReplicas), cmp.Compare(a.hpas[0], b.hpas[0]),
		)
	})
	return rows
}

func (p *Plan) reason(c *forecast.Change) string {
	if c.Before == c.After {
		return p.Forecast.Schedule.Title(c.After.Because) + " is open" + c.After.Course()
	}
	return c.Reason(p.Forecast.Schedule)
}

// description returns that of an event that begins to apply, on one line of at most so many characters.
func (p *Plan) description(c *forecast.Change, most int) string {
	event := p.Forecast.Schedule.Event(c.After.Because)
	if event == nil || c.After.Because == c.Before.Because {
		return ""
	}
	return text.Cut(text.Visible(strings.Join(strings.Fields(event.Description), " ")), most)
}

func (r *row) verb() forecast.Verb {
	if r.change.Before == r.change.After {
		return "held"
	}
	return r.change.Verb()
}

// note returns how long a ramp takes, and what keeps the HPAs from the floor.
func (r *row) note(zone *time.Location) string {
	note, c := "", &r.change
	if n := len(c.Steps); n > 1 {
		note = fmt.Sprintf(", in %d steps until %s", n, text.MomentAfter(c.Last().In(zone), c.After.From))
	}
	switch {
	case c.Clamped():
		note += fmt.Sprintf(", clamped: floor %d, maxReplicas %d", c.After.Floor, c.State.MaxReplicas)
	case c.After.Floor > 0 && c.Verb() == forecast.Hold:
		note += fmt.Sprintf(": the baseline is above floor %d", c.After.Floor)
	}
	return note
}

// list returns the HPAs of a row, within braces where there are several. Lines break at the width.
func (p *Plan) list(r *row, width int) string {
	if len(r.hpas) == 1 {
		return p.names[r.hpas[0]]
	}
	namespace := text.Visible(r.change.HPA.Namespace) + "/"
	var b strings.Builder
	b.WriteString(namespace + "{")
	column := len(continued) + len(namespace) + 1
	for i, hpa := range r.hpas {
		name := p.names[hpa][len(namespace):]
		if i > 0 {
			b.WriteByte(',')
		}
		if column += len(name) + 1; i > 0 && column > max(width, len(continued)+20) {
			b.WriteString("\n" + continued)
			column = len(continued) + len(name) + 1
		}
		b.WriteString(name)
	}
	return b.String() + "}"
}
