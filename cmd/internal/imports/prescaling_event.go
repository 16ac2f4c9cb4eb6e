package imports

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// maxMultiplier is the largest multiplier that a schedule can have.
const maxMultiplier = 1000

// prescalingEvent is the spec of a PrescalingEvent.
type prescalingEvent struct {
	Date        string `json:"date"`
	StartTime   string `json:"start_time"`
	EndTime     string `json:"end_time"`
	Multiplier  int64  `json:"multiplier"`
	Description string `json:"description"`
}

// prescalingEvents adds the PrescalingEvents among the objects.
func (x *exporter) prescalingEvents() {
	for o, spec := range specs[prescalingEvent](x.Draft, "prescaling.bedrock.tech", "PrescalingEvent") {
		if x.duplicate(o) {
			continue
		}
		x.Found++
		e := &Entry{Name: o.GetName(), Description: clean(spec.Description), Origin: origin(o), TimeZone: x.timeZone}
		if err := spec.fill(e); err != nil {
			x.omit(origin(o), "%v", err)
			continue
		}
		if x.eventNamespace != "" && x.namespace(o.GetNamespace()) != x.eventNamespace {
			e.note(onEntry, "the exporter did not see it: it looks for events in the namespace %s only", clean(x.eventNamespace))
		}
		x.addEvent(e)
	}
	x.noteOverlaps()
	if len(x.Events) > 0 && len(x.Windows) == 0 {
		x.Head = append(x.Head, "the events multiply what windows give each HPA, and there is no window: import the HPAs "+
			"with their annotations too, or give the events targets")
	}
}

func (x *exporter) noteOverlaps() {
	for i, e := range x.Events {
		for _, other := range x.Events[:i] { // all in one zone
			if e.Multiplier != other.Multiplier && e.Start < other.End && other.Start < e.End {
				e.note(onMultiplier, "it overlaps with %s: here the larger floor applies, where the exporter took the event "+
					"that it listed first", other.Name)
			}
		}
	}
}

// fill sets the event's hours and its multiplier.
func (p *prescalingEvent) fill(e *Entry) error {
	if len([]rune(p.Description)) > maxText {
		e.note(onEntry, "the description was longer")
	}
	date, err := parseTime("its date", time.DateOnly, p.Date, "a date such as 2026-12-18; the exporter ignored it")
	if err == nil {
		err = p.hours(e, date)
	}
	if err != nil {
		return err
	}
	e.Multiplier = min(max(p.Multiplier, 1), maxMultiplier)
	switch {
	case p.Multiplier < 0:
		return fmt.Errorf("its multiplier is %d, not a whole number from 1 on", p.Multiplier)
	case p.Multiplier == 0:
		e.note(onMultiplier, "0 there, which the exporter took for 1")
	case p.Multiplier > maxMultiplier:
		e.note(onMultiplier, "%d there; a schedule has at most %d, and maxReplicas limits either", p.Multiplier, maxMultiplier)
	}
	return nil
}

// hours sets when the event starts and ends. Times without seconds are read as they are meant, although the exporter
// could not read them.
func (p *prescalingEvent) hours(e *Entry, date time.Time) error {
	start, err := p.timeOf(e, onStart, "its start_time", p.StartTime)
	end, endErr := p.timeOf(e, onEnd, "its end_time", p.EndTime)
	if err = cmp.Or(err, endErr); err != nil {
		return err
	}
	if start.Equal(end) {
		return errors.New("it starts and ends at " + timeOfDay(start))
	}
	e.Start, e.End = timeOfDay(start), endOfDay(end)
	e.noteMidnight(end)
	last := date
	if e.End <= e.Start {
		last = date.AddDate(0, 0, 1)
		e.note(onEnd, "it crosses midnight, as its text means; the exporter knew an event only on its own date, so that it "+
			"ended at midnight")
	}
	e.Start, e.End = date.Format(time.DateOnly)+"T"+e.Start, last.Format(time.DateOnly)+"T"+e.End
	return nil
}

func (p *prescalingEvent) timeOf(e *Entry, field, name, text string) (time.Time, error) {
	if t, err := time.Parse("15:04", text); err == nil {
		e.note(field, "%s there, without seconds, which the exporter could not read: see whether it was ever active as its text means", quote(text))
		return t, nil
	}
	return parseTime(name, time.TimeOnly, text, "a time such as 20:00:00")
}
