package year

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/floorkeeper/floorkeeper/zones"
)

// zoneNames are those of the entries: shifts by an hour, in March and October or in April and September, by half an hour, at
// midnight, and none.
func zoneNames() []string {
	return []string{
		"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu", "UTC",
	}
}

func namespaces() []string { return []string{"video", "shop", "billing", "staging"} }

func names() []string { return []string{"web", "api", "images", "queue", "cron"} }

func tiers() []string { return []string{"front", "back", ""} }

// maker draws a plan for a time.
type maker struct {
	*rand.Rand
	from, to time.Time
	shifts   []shift
	count    int // entries made, for their names
}

// shift is an instant at which the clocks of a zone are changed.
type shift struct {
	zone string
	at   time.Time
}

// pick returns one of all.
func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

func newMaker(r *rand.Rand, from, to time.Time) *maker {
	m := &maker{Rand: r, from: from, to: to}
	for _, zone := range zoneNames() {
		loc, err := zones.Load(zone)
		if err != nil {
			panic(err)
		}
		_, before := from.In(loc).Zone()
		for t := from; t.Before(to); t = t.Add(30 * time.Minute) {
			_, after := t.In(loc).Zone()
			if after != before {
				m.shifts = append(m.shifts, shift{zone, t})
			}
			before = after
		}
	}
	slices.SortFunc(m.shifts, func(a, b shift) int { return a.at.Compare(b.at) })
	return m
}

// plan draws a schedule.
func (m *maker) plan() *plan {
	p := &plan{}
	for range 3 {
		p.entries = append(p.entries, m.nightly())
	}
	for range 3 {
		p.entries = append(p.entries, m.aroundShift())
	}
	for range 2 {
		p.entries = append(p.entries, m.monthly(), m.weekly(), m.ramped())
	}
	for range 12 {
		p.entries = append(p.entries, m.event(m.date(m.from, m.to)))
	}
	for _, s := range m.shifts {
		e := m.event((s.at.Unix() - 12*60*60) / day)
		e.zone = s.zone
		p.entries = append(p.entries, e)
	}
	return p
}

func (m *maker) entry(kind string) *entry {
	m.count++
	e := &entry{name: fmt.Sprintf("%s-%d", kind, m.count), zone: pick(m.Rand, zoneNames()...), suspend: chance(m.Rand, 4)}
	if chance(m.Rand, 40) {
		e.lead = time.Duration(1+m.IntN(90)) * time.Minute
	}
	if chance(m.Rand, 25) {
		e.last = m.date(m.from, m.to)
		if chance(m.Rand, 50) {
			e.first, e.last = e.last, 0
		}
	}
	for range m.IntN(3) {
		first := m.date(m.from, m.to)
		e.except = append(e.except, [2]int64{first, first + int64(m.IntN(9))})
	}
	return e
}

func (m *maker) date(from, to time.Time) int64 {
	first := from.Unix() / day
	return first + m.Int64N(to.Unix()/day-first)
}

func (m *maker) minutes(from, to int) int64 { return int64(from+m.IntN(to-from)) * 60 }

// nightly crosses midnight on some days of the week.
func (m *maker) nightly() *entry {
	e := m.entry("night")
	e.start, e.end = m.minutes(17*60, 24*60), m.minutes(0, 6*60)
	e.days = m.weekdays(3 + m.IntN(5))
	e.targets = m.targets(true)
	return e
}

// aroundShift starts or ends, every day of some months, at an hour that a clock shift skips or repeats.
func (m *maker) aroundShift() *entry {
	e := m.entry("shift")
	e.zone = pick(m.Rand, zoneNames()[:5]...)
	e.start, e.end = m.minutes(0, 4*60), m.minutes(0, 4*60)
	if e.start == e.end {
		e.end += 60
	}
	if chance(m.Rand, 30) {
		e.end, e.duration = 0, time.Duration(1+m.IntN(180))*time.Minute
	}
	if chance(m.Rand, 50) {
		e.start += int64(m.IntN(60))
	}
	e.months = []time.Month{time.March, time.April, time.September, time.October, time.November}
	e.targets = m.targets(true)
	return e
}

// monthly starts at the turn of months.
func (m *maker) monthly() *entry {
	e := m.entry("month")
	e.start, e.duration = m.minutes(18*60, 24*60), time.Duration(1+m.IntN(40))*time.Hour
	e.daysOfMonth = []int{pick(m.Rand, -1, -2, 1, 15, 29, 31), pick(m.Rand, -1, -31, 14)}
	e.targets = m.targets(true)
	return e
}

// weekly is long enough to overlap with itself, or ends at 24:00.
func (m *maker) weekly() *entry {
	e := m.entry("week")
	e.days = m.weekdays(2)
	e.start, e.end = m.minutes(6*60, 20*60), day
	if chance(m.Rand, 60) {
		e.end, e.duration = 0, time.Duration(20+m.IntN(60))*time.Hour
	}
	e.targets = m.targets(true)
	return e
}

// ramped climbs and descends.
func (m *maker) ramped() *entry {
	e := m.entry("ramp")
	e.days = m.weekdays(1)
	e.start, e.end = m.minutes(12*60, 22*60), m.minutes(0, 10*60)
	m.ramp(e)
	e.targets = m.targets(true)
	return e
}

func (m *maker) ramp(e *entry) {
	e.up, e.down = time.Duration(m.IntN(13))*10*time.Minute, time.Duration(1+m.IntN(12))*10*time.Minute
}

// event is a one-off entry on a date.
func (m *maker) event(date int64) *entry {
	e := m.entry("event")
	e.except, e.first, e.last = nil, 0, 0
	e.date, e.start = date, m.minutes(0, 24*60)
	e.offset = chance(m.Rand, 20)
	if chance(m.Rand, 50) {
		e.duration = time.Duration(10+m.IntN(2000)) * time.Minute
	} else {
		e.toDate, e.end = date+1+int64(m.IntN(2)), m.minutes(0, 24*60)
	}
	if chance(m.Rand, 30) {
		m.ramp(e)
	}
	if chance(m.Rand, 40) {
		e.targets = m.targets(true)
		return e
	}
	e.multiplier = pick[int64](m.Rand, 1000, 1500, 2000, 3000, 2333, 1001)
	if chance(m.Rand, 60) {
		e.targets = m.targets(false)
	}
	return e
}

func (m *maker) weekdays(count int) (days []time.Weekday) {
	for _, d := range m.Perm(7)[:min(count, 7)] {
		days = append(days, time.Weekday(d))
	}
	return days
}

func (m *maker) targets(amounts bool) (all []target) {
	for range 1 + m.IntN(2) {
		t := target{}
		if chance(m.Rand, 60) {
			t.namespace = pick(m.Rand, namespaces()...)
			if chance(m.Rand, 40) {
				t.name = pick(m.Rand, names()...)
			}
		}
		switch m.IntN(6) {
		case 0, 1:
			t.tiers = []string{pick(m.Rand, "front", "back")}
		case 2:
			t.tiers = []string{"front", "back"}
		case 3:
			t.untiered = true
		}
		if t.namespace == "" && len(t.tiers) == 0 {
			t.tiers, t.untiered = []string{"front"}, false
		}
		if amounts {
			if t.replicas = int64(2 + m.IntN(40)); chance(m.Rand, 40) {
				t.replicas, t.ratio = 0, int64(1001+m.IntN(4000))
			}
		}
		all = append(all, t)
	}
	return all
}

// edited returns a plan in which an entry is changed, gone or new, as somebody might edit it at the instant.
func (m *maker) edited(p *plan, now time.Time) (*plan, string) {
	old := pick(m.Rand, p.entries...)
	if chance(m.Rand, 25) {
		e := m.event(now.Unix()/day + m.Int64N(2))
		return p.with(nil, e), "add " + e.name
	}
	if chance(m.Rand, 10) && len(p.entries) > 20 {
		return p.with(old, nil), "delete " + old.name
	}
	e := *old
	what := "amounts"
	switch m.IntN(4) {
	case 0:
		e.suspend = !e.suspend
		what = "suspend"
	case 1:
		e.lead = time.Duration(m.IntN(120)) * time.Minute
		what = "leadTime"
	case 2:
		if e.duration > 0 {
			e.duration = max(e.duration/2, time.Minute).Truncate(time.Second)
			what = "duration"
			break
		}
		e.suspend = false
		fallthrough
	default:
		e.targets = m.targets(e.multiplier == 0)
	}
	return p.with(old, &e), what + " of " + e.name
}

// spoiled returns a schedule that must be refused.
func (m *maker) spoiled(p *plan) string {
	text := p.yaml()
	return pick(m.Rand,
		"", "windows: []\n", text+"surprise: true\n", text[:len(text)/2]+"\n{", text+"windows: []\n", "\x00"+text,
		"apiVersion: floorkeeper.dev/v1\nkind: Schedule\nwindows:\n  - {name: w, timeZone: UTC, start: \"20:00\", end: \"20:00\", "+
			"targets: [{namespace: video, minReplicas: 0}]}\n",
	)
}
