package imports

import (
	"fmt"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// maxMultiplier is the largest multiplier that a schedule can have.
const maxMultiplier = 1000

// prescalingEvents adds the PrescalingEvents among the objects.
func (d *Draft) prescalingEvents(objects []manifests.Object, x exporter) {
	for i := range objects {
		if o := (object{&objects[i]}); o.is("prescaling.bedrock.tech", "PrescalingEvent") && d.once(o) {
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
	if err := e.happens(date, text(o.spec("start_time")), text(o.spec("end_time"))); err != nil {
		d.leave(from, "%v", err)
		return
	}
	if len([]rune(text(o.spec("description")))) > longest {
		e.note(onEntry, "the description was longer")
	}
	if x.namespace != "" && d.namespace(o.namespace()) != x.namespace {
		e.note(onEntry, "the exporter did not see it: it looks for events in the namespace %s only", clean(x.namespace))
	}
	if !d.multiply(e, o) {
		return
	}
	d.addEvent(e)
}

// happens reads when an event starts and ends. Times without seconds are read as well, and a comment says what the
// exporter, which could not read them, did.
func (e *Entry) happens(date time.Time, startTime, endTime string) error {
	a, startRead, startErr := daytime(startTime)
	b, endRead, endErr := daytime(endTime)
	behaved := eventBehaved(startTime, endTime, startRead, endRead)
	switch {
	case endErr != nil:
		return fmt.Errorf("its end_time is %s, not a time such as 23:00:00; the exporter %s", quote(endTime), behaved)
	case startErr != nil:
		return fmt.Errorf("its start_time is %s, not a time such as 20:00:00; the exporter %s", quote(startTime), behaved)
	case a.Equal(b):
		return fmt.Errorf("it starts and ends at %s; the exporter %s", timeOfDay(a), behaved)
	}
	day, end := date, endOfDay(b)
	crosses := end <= timeOfDay(a)
	if crosses {
		day = date.AddDate(0, 0, 1)
	}
	switch {
	case !endRead:
		e.note(onEnd, "%s there, without seconds, which the exporter cannot read: it %s", quote(endTime), behaved)
	case !startRead:
		e.note(onStart, "%s there, without seconds, which the exporter cannot read: it %s", quote(startTime), behaved)
	case crosses:
		e.note(onEnd, "it crosses midnight, as its text means; the exporter knew an event only on its own date, so that it "+
			"ended at midnight")
	}
	e.Start, e.End = date.Format(time.DateOnly)+"T"+timeOfDay(a), day.Format(time.DateOnly)+"T"+end
	e.upToMidnight(endTime)
	return nil
}

// eventBehaved says what the exporter made of an event of which it could not read a time, or whose times are the same:
// a start that it could not read was long past for it, and so was an end.
func eventBehaved(startTime, endTime string, startRead, endRead bool) string {
	switch {
	case startTime == "" || !endRead:
		return "ignored it"
	case !startRead:
		return fmt.Sprintf("was active from 00:00 to %s of that day", clean(endTime))
	}
	return "was never active"
}

// daytime reads a time of day, and says whether the exporter could read it, too.
func daytime(text string) (t time.Time, read bool, err error) {
	if t, err = time.Parse(time.TimeOnly, text); err == nil {
		return t, true, nil
	}
	t, err = time.Parse("15:04", text)
	return t, false, err
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
