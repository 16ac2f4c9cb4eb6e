package forecast

import (
	"fmt"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// multiplied reports what the events with a multiplier multiply whose floor applies at some time, as this decides how large
// that is.
func (f *Forecast) multiplied(report func(Finding)) {
	events := make(map[uint32]*schedules.Event)
	for i, name := range f.entries {
		if event := f.Schedule.Event(name); event != nil && event.Multiplier > 0 {
			events[uint32(i)] = event
		}
	}
	if len(events) == 0 {
		return
	}
	products := &products{forecast: f, events: events, alike: make(map[alike]string), index: make(map[*schedules.Event]*product)}
	for i := range f.Outlooks {
		if o := &f.Outlooks[i]; o.Refusal == "" && (f.Selects == nil || f.Selects(o.HPA)) {
			products.add(o)
		}
	}
	products.report(report)
}

// products collects what is multiplied, by event.
type products struct {
	forecast *Forecast
	events   map[uint32]*schedules.Event
	alike    map[alike]string
	found    []*product
	index    map[*schedules.Event]*product
}

// product is what an event multiplies: a part for each answer.
type product struct {
	event *schedules.Event
	from  time.Time
	parts []*part
}

type part struct {
	multiplied string
	names      []string // of the first HPAs
	hpas       int
	last       *Outlook
}

// few is how many HPAs of a part are named.
const few = 2

// alike is an event and the stretches that HPAs share which the schedule treats alike.
type alike struct {
	stretches *stretch
	entry     uint32
}

func (p *products) add(o *Outlook) {
	for i := range o.stretches {
		event := p.events[o.stretches[i].entry/4]
		if event == nil || o.stretches[i].floor == 0 {
			continue
		}
		key := alike{&o.stretches[0], o.stretches[i].entry / 4}
		multiplied, known := p.alike[key]
		if !known {
			multiplied = p.forecast.Schedule.Multiplied(event, o.Subject()).String()
			p.alike[key] = multiplied
		}
		p.put(event, multiplied, o, time.Unix(0, o.stretches[i].from))
	}
}

func (p *products) put(event *schedules.Event, multiplied string, o *Outlook, from time.Time) {
	found := p.index[event]
	if found == nil {
		found = &product{event: event, from: from}
		p.index[event], p.found = found, append(p.found, found)
	}
	i := slices.IndexFunc(found.parts, func(part *part) bool { return part.multiplied == multiplied })
	if i < 0 {
		i, found.parts = len(found.parts), append(found.parts, &part{multiplied: multiplied})
	}
	if part := found.parts[i]; part.last != o {
		part.last, part.hpas = o, part.hpas+1
		if len(part.names) <= few {
			part.names = append(part.names, o.Name())
		}
	}
}

func (p *products) report(report func(Finding)) {
	for _, found := range p.found {
		var parts []string
		for _, part := range found.parts {
			phrase := part.multiplied
			if len(found.parts) > 1 && !p.forecast.Assumed {
				phrase += " (" + listed(part.names, part.hpas, few) + ")"
			}
			parts = append(parts, phrase)
		}
		report(Finding{
			Rule: MultipliedWindow, Entry: found.event.Name, From: found.from.In(found.event.Location),
			Message: fmt.Sprintf("its multiplier %s applies to %s", found.event.Multiplier, text.List(parts, "; to ", 2*few)),
		})
	}
}
