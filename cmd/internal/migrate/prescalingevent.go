package migrate

import (
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// maxMultiplier is the largest multiplier that a schedule can have.
const maxMultiplier = 1000

// prescalingEvents adds the PrescalingEvents among the objects.
func (d *Draft) prescalingEvents(objects []manifests.Object, x exporter) {
	for i := range objects {
		if o := (object{&objects[i]}); o.is("prescaling.bedrock.tech", "PrescalingEvent") {
			d.Found++
			d.prescalingEvent(o, x)
		}
	}
	for i, e := range d.Events {
		for _, other := range d.Events[:i] {
			if e.Multiplier != other.Multiplier && overlap(e, other) {
				e.note(onAmount, "it overlaps with %s: here the larger floor applies, where the exporter took the event "+
					"that it listed first", other.Name)
			}
		}
	}
	if len(d.Events) > 0 && len(d.Windows) == 0 {
		d.Head = append(d.Head, "the events multiply what windows give each HPA, and there is no window: import the HPAs "+
			"with their annotations too, or give the events targets")
	}
}

// prescalingEvent adds one event.
func (d *Draft) prescalingEvent(o object, x exporter) {
	from := origin(o.Object)
	e := &Entry{
		Name: o.name(), Description: clean(text(o.spec("description"))), Origin: from, TimeZone: x.timeZone,
	}
	date, err := time.Parse(time.DateOnly, text(o.spec("date")))
	if err != nil || date.Year() < 1 {
		d.leave(from, "its date is %s, not a date such as 2026-12-18; the exporter ignored it", quote(written(o.spec("date"))))
		return
	}
	x.start, x.end = "start_time", "end_time"
	startTime, endTime := text(o.spec("start_time")), text(o.spec("end_time"))
	start, end, err := x.hours(startTime, endTime)
	if err != nil {
		d.leave(from, "%v", err)
		return
	}
	if len([]rune(text(o.spec("description")))) > longest {
		e.note(onEntry, "the description was longer")
	}
	e.Start, e.End = date.Format(time.DateOnly)+"T"+start, date.Format(time.DateOnly)+"T"+end
	if end <= start {
		e.End = date.AddDate(0, 0, 1).Format(time.DateOnly) + "T" + end
		e.note(onEnd, "it crosses midnight, as its text means; the exporter knew an event only on its own date, so that "+
			"it ended at midnight")
	}
	e.upToMidnight(endTime)
	if x.namespace != "" && d.namespace(o.namespace()) != x.namespace {
		e.note(onEntry, "the exporter did not see it: it looks for events in the namespace %s only", clean(x.namespace))
	}
	if !d.multiply(e, o) {
		return
	}
	d.addEvent(e)
}

// multiply reads the multiplier.
func (d *Draft) multiply(e *Entry, o object) bool {
	multiplier, ok := whole(o.spec("multiplier"))
	switch {
	case !ok || multiplier < 0:
		d.leave(e.Origin, "its multiplier is %s, not a whole number from 1 on", quote(written(o.spec("multiplier"))))
		return false
	case multiplier == 0:
		e.note(onAmount, "0 there, which the exporter took for 1")
		multiplier = 1
	case multiplier > maxMultiplier:
		e.note(onAmount, "%d there; a schedule has at most %d, and maxReplicas limits either", multiplier, maxMultiplier)
		multiplier = maxMultiplier
	}
	e.Multiplier = multiplier
	return true
}

// overlap says whether two events overlap by their wall clocks, which are of one zone.
func overlap(a, b *Entry) bool {
	return a.Start < b.End && b.Start < a.End
}
