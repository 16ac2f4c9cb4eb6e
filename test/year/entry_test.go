package year

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const day = int64(24 * 60 * 60)

// plan is a schedule as its author thinks of it. It is given to floorkeeper as YAML, and to the oracle as it is.
type plan struct{ entries []*entry }

// entry is a window, or an event if it has a date. Clocks are seconds of the day, dates are days since 1970.
type entry struct {
	name           string
	suspend        bool
	zone           string
	lead, up, down time.Duration
	targets        []target

	start, end int64         // of the day on the wall
	duration   time.Duration // instead of end

	days         []time.Weekday
	daysOfMonth  []int
	months       []time.Month
	except       [][2]int64
	first, last  int64 // dates; 0 is none
	date, toDate int64 // of an event
	offset       bool  // write the event's start and end with an offset from UTC, which is that of start and end in UTC
	multiplier   int64 // thousandths
}

// target selects HPAs and asks for replicas, or for thousandths of the baseline.
type target struct {
	namespace, name string
	tiers           []string // the values of the label tier, one of which it must have
	untiered        bool     // it must not have the label
	replicas        int64
	ratio           int64
}

func (e *entry) isEvent() bool { return e.date != 0 }

// yaml writes the schedule.
func (p *plan) yaml() string {
	var windows, events []string
	for _, e := range p.entries {
		if e.isEvent() {
			events = append(events, e.yaml())
		} else {
			windows = append(windows, e.yaml())
		}
	}
	list := func(entries []string) string {
		if len(entries) == 0 {
			return " []\n"
		}
		return "\n" + strings.Join(entries, "")
	}
	return "apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindows:" + list(windows) + "events:" + list(events)
}

func (e *entry) yaml() string {
	var b strings.Builder
	field := func(given bool, name string, value any) {
		if given {
			fmt.Fprintf(&b, "    %s: %v\n", name, value)
		}
	}
	fmt.Fprintf(&b, "  - name: %s\n", e.name)
	field(e.suspend, "suspend", true)
	field(true, "timeZone", e.zone)
	field(true, "start", e.when(e.date, e.start))
	field(e.duration == 0, "end", e.when(e.toDate, e.end))
	field(e.duration > 0, "duration", e.duration)
	field(e.lead > 0, "leadTime", e.lead)
	field(e.up > 0, "rampUp", e.up)
	field(e.down > 0, "rampDown", e.down)
	field(len(e.days) > 0, "days", flow(e.days, func(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }))
	field(len(e.daysOfMonth) > 0, "daysOfMonth", flow(e.daysOfMonth, func(n int) string { return fmt.Sprint(n) }))
	field(len(e.months) > 0, "months", flow(e.months, func(m time.Month) string { return fmt.Sprint(int(m)) }))
	field(len(e.except) > 0, "exceptDates", flow(e.except, func(r [2]int64) string {
		return fmt.Sprintf("%q", dateText(r[0])+"/"+dateText(r[1]))
	}))
	field(e.first > 0, "firstDate", dateText(e.first))
	field(e.last > 0, "lastDate", dateText(e.last))
	field(e.multiplier > 0, "multiplier", decimal(e.multiplier))
	if len(e.targets) > 0 {
		b.WriteString("    targets:\n")
		for _, t := range e.targets {
			fmt.Fprintf(&b, "      - %s\n", t.yaml())
		}
	}
	return b.String()
}

// when writes a time of day, or a time on a date.
func (e *entry) when(date, clock int64) string {
	text := fmt.Sprintf("%02d:%02d:%02d", clock/3600, clock/60%60, clock%60)
	switch {
	case !e.isEvent():
		return fmt.Sprintf("%q", text)
	case e.offset:
		return fmt.Sprintf("%q", dateText(date)+"T"+text+"Z")
	default:
		return fmt.Sprintf("%q", dateText(date)+"T"+text)
	}
}

func (t target) yaml() string {
	var fields []string
	if t.namespace != "" {
		fields = append(fields, "namespace: "+t.namespace)
	}
	if t.name != "" {
		fields = append(fields, "name: "+t.name)
	}
	switch {
	case t.untiered:
		fields = append(fields, "selector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}")
	case len(t.tiers) == 1:
		fields = append(fields, "selector: {matchLabels: {tier: "+t.tiers[0]+"}}")
	case len(t.tiers) > 1:
		fields = append(fields, "selector: {matchExpressions: [{key: tier, operator: In, values: ["+strings.Join(t.tiers, ", ")+"]}]}")
	}
	switch {
	case t.replicas > 0:
		fields = append(fields, fmt.Sprintf("minReplicas: %d", t.replicas))
	case t.ratio > 0:
		fields = append(fields, "minReplicas: "+decimal(t.ratio*100)+"%")
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// decimal writes thousandths.
func decimal(thousandths int64) string {
	text := fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func dateText(date int64) string { return time.Unix(date*day, 0).UTC().Format(time.DateOnly) }

func flow[T any](all []T, text func(T) string) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, text(one))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// with returns a copy of the plan in which an entry is another, or is gone, or is new.
func (p *plan) with(old, changed *entry) *plan {
	entries := slices.DeleteFunc(slices.Clone(p.entries), func(e *entry) bool { return e == old })
	if changed != nil {
		entries = append(entries, changed)
	}
	return &plan{entries}
}
