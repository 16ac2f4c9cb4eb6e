package forecast

import (
	"fmt"
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

// product is what an event multiplies, and for which HPAs each.
type product struct {
	event *schedules.Event
	from  time.Time
	parts []string
	hpas  map[string][]string
}

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
		found = &product{event: event, from: from, hpas: make(map[string][]string)}
		p.index[event], p.found = found, append(p.found, found)
	}
	name, hpas := text.Visible(o.HPA.Namespace)+"/"+text.Visible(o.HPA.Name), found.hpas[multiplied]
	if len(hpas) == 0 {
		found.parts = append(found.parts, multiplied)
	}
	if len(hpas) == 0 || hpas[len(hpas)-1] != name {
		found.hpas[multiplied] = append(hpas, name)
	}
}

func (p *products) report(report func(Finding)) {
	const few = 2
	for _, found := range p.found {
		parts := found.parts
		if len(parts) > 1 && !p.forecast.Assumed {
			parts = make([]string, len(found.parts))
			for i, part := range found.parts {
				parts[i] = part + " (" + text.List(found.hpas[part], ", ", few) + ")"
			}
		}
		report(Finding{
			Rule: MultipliedWindow, Entry: found.event.Name, From: found.from.In(found.event.Location),
			Message: fmt.Sprintf("its multiplier %s applies to %s", found.event.Multiplier, text.List(parts, "; to ", 2*few)),
		})
	}
}
