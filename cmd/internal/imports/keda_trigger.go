package imports

import (
	"errors"
	"fmt"
	"slices"
)

// get returns a value of the trigger's metadata as text.
func (t kedaTrigger) get(name string) string {
	if value := t.Metadata[name]; value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

// windows returns the windows from each start of a cron trigger to its next end, with a comment where KEDA behaved
// otherwise. They lack their names and targets.
func (t kedaTrigger) windows(days []calendarDay) (windows []*Entry, replicas int64, err error) {
	zone := t.get("timezone")
	if !legalZone(zone) {
		return nil, 0, fmt.Errorf("its timezone is %s, not an IANA name", quote(zone))
	}
	if replicas, err = parseReplicas("desiredReplicas", t.get("desiredReplicas"), 64, 1); err != nil {
		return nil, 0, err
	}
	start, end, err := t.lines()
	if err != nil {
		return nil, 0, err
	}
	r := replay(days, start, end)
	if windows, err = windowsOf(days, r.active); err != nil {
		return nil, 0, fmt.Errorf("from %s to %s: %w", quote(t.get("start")), quote(t.get("end")), err)
	}
	if len(windows) == 0 {
		return nil, 0, errors.New("it never starts, or it never ends")
	}
	for _, e := range windows {
		e.TimeZone = zone
	}
	if r.endsTwice {
		windows[0].note(onEnd, "KEDA was also active between two ends with no start between them: it is whenever the next line to "+
			"come due is an end, whatever came before")
	}
	if r.startsTwice {
		windows[0].note(onEnd, "KEDA was not active between two starts with no end between them: it is not while a start is the "+
			"next line to come due, whatever came before")
	}
	return windows, replicas, nil
}

// lines reads the two cron lines.
func (t kedaTrigger) lines() (start, end *cronLine, err error) {
	from, to := t.get("start"), t.get("end")
	if start, err = parseCron(from, cronFields); err != nil {
		return nil, nil, fmt.Errorf("its start %s cannot be read: %w", quote(from), err)
	}
	if end, err = parseCron(to, cronFields); err != nil {
		return nil, nil, fmt.Errorf("its end %s cannot be read: %w", quote(to), err)
	}
	if from == to {
		return nil, nil, fmt.Errorf("it starts and ends at the same time, %s, which KEDA refuses", quote(from))
	}
	return start, end, nil
}

// kedaReplay is what two cron lines mean: active from each start to the next end. KEDA itself looks only at which line
// comes due next, and is active while that is an end; this is the same unless a line comes due twice in a row.
type kedaReplay struct {
	active                 []stretch
	startsTwice, endsTwice bool
	began                  int // when the current stretch began, -1 if there is none
}

// replay plays two cron lines through the calendar.
func replay(days []calendarDay, start, end *cronLine) *kedaReplay {
	r := &kedaReplay{began: -1}
	minutes := slices.Concat(start.minutes, end.minutes)
	slices.Sort(minutes)
	minutes = slices.Compact(minutes)
	for i, day := range days {
		if len(r.active) > maxWindows*len(days) {
			break // so many stretches are too many windows
		}
		starts, ends := start.on(day), end.on(day)
		for _, minute := range minutes {
			if ends && end.at(minute) { // before a start at the same time
				r.end(i*dayLength + minute)
			}
			if starts && start.at(minute) {
				r.start(i*dayLength + minute)
			}
		}
	}
	if r.began >= 0 && len(r.active) > 0 {
		r.end(len(days) * dayLength)
	}
	return r
}

func (r *kedaReplay) start(now int) {
	if r.began >= 0 {
		r.startsTwice = true
		return
	}
	r.began = now
}

func (r *kedaReplay) end(now int) {
	last := len(r.active) - 1
	switch {
	case r.began < 0:
		r.endsTwice = r.endsTwice || last >= 0
	case last >= 0 && r.active[last].to == r.began:
		r.active[last].to = now
	default:
		r.active = append(r.active, stretch{r.began, now})
	}
	r.began = -1
}
