package imports

import (
	"errors"
	"fmt"
)

// trigger is a cron trigger of a ScaledObject.
type trigger struct {
	o        object
	from     string
	fields   any
	replicas int64
	note     string // on the replicas
}

// windows returns the windows that a trigger means, with comments where KEDA behaved otherwise. They lack their targets.
func (t *trigger) windows(days []calendarDay) ([]*Entry, error) {
	zone := text(at(t.fields, "metadata", "timezone"))
	if !LegalZone(zone) {
		return nil, fmt.Errorf("its timezone is %s, not an IANA name", quote(zone))
	}
	desired, numeric := whole(at(t.fields, "metadata", "desiredReplicas"))
	var usable bool
	if t.replicas, t.note, usable = most(desired); !numeric || !usable {
		return nil, fmt.Errorf("desiredReplicas is %s, not a number from 1 on", quote(written(at(t.fields, "metadata", "desiredReplicas"))))
	}
	start, end, err := t.lines()
	if err != nil {
		return nil, err
	}
	meant, held := toggle(days, start, end)
	windows, err := windowsOf(days, meant)
	if err != nil {
		return nil, fmt.Errorf("from %s to %s: %w", quote(text(at(t.fields, "metadata", "start"))), quote(text(at(t.fields, "metadata", "end"))), err)
	}
	for _, e := range windows {
		e.Name = t.name()
		e.TimeZone = zone
		e.Origin = fmt.Sprintf("%s: from %s to %s", t.from, quote(text(at(t.fields, "metadata", "start"))), quote(text(at(t.fields, "metadata", "end"))))
	}
	if len(windows) == 0 {
		return nil, errors.New("it never starts, or it never ends")
	}
	weekly := start.weekly() && end.weekly()
	tellGaps(days, windows, beyond(days, held, meant, 0), weekly,
		"KEDA was also active%s: it is whenever the next line to come due is an end, whatever came before")
	tellGaps(days, windows, beyond(days, meant, held, 0), weekly,
		"KEDA was not active%s: it is not while a start is the next line to come due, whatever came before")
	return windows, nil
}

// comments says what of a trigger no window can say.
func (t *trigger) comments() []string {
	if text(at(t.fields, "metricType")) != "Value" {
		return nil
	}
	return []string{"metricType is Value: KEDA's HPA multiplied the ready Pods by desiredReplicas at each look, up to " +
		"maxReplicaCount; here it is desiredReplicas"}
}

// lines reads the two cron lines.
func (t *trigger) lines() (start, end *cronLine, err error) {
	from, to := text(at(t.fields, "metadata", "start")), text(at(t.fields, "metadata", "end"))
	if start, err = parseCron(from); err != nil {
		return nil, nil, fmt.Errorf("its start %s cannot be read: %w", quote(from), err)
	}
	if end, err = parseCron(to); err != nil {
		return nil, nil, fmt.Errorf("its end %s cannot be read: %w", quote(to), err)
	}
	if from == to {
		return nil, nil, fmt.Errorf("it starts and ends at the same time, %s, which KEDA refuses", quote(from))
	}
	return start, end, nil
}

// name returns what the windows of the trigger are called.
func (t *trigger) name() string {
	if t.o.namespace() == "" {
		return t.o.name()
	}
	return t.o.namespace() + "-" + t.o.name()
}

// tellGaps says where KEDA's rule, that a trigger is active while its end comes due before its next start, gave
// something else than the two lines mean, each time at the window that began last.
func tellGaps(days []calendarDay, windows []*Entry, gaps []stretch, weekly bool, format string) {
	when, told := map[*Entry][]string{}, map[string]bool{}
	for _, gap := range gaps {
		if text := gap.tell(days, weekly); !told[text] {
			told[text] = true
			e := latest(days, windows, gap.from)
			when[e] = append(when[e], text)
		}
	}
	for _, e := range windows {
		switch texts := when[e]; {
		case len(texts) == 1:
			e.note(onEnd, format, " "+texts[0])
		case len(texts) > 1:
			e.note(onEnd, format, ", for example "+texts[0])
		}
	}
}
