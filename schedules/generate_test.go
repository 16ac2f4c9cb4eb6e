package schedules_test

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/zones"
)

// world is a random schedule, an HPA, and an instant around which things happen.
type world struct {
	windows []schedules.Window
	events  []schedules.Event
	hpa     schedules.HPA
	center  time.Time
}

func (w *world) schedule() *schedules.Schedule { return schedules.New(w.windows, w.events) }

// maker draws the parts of a world.
type maker struct {
	*rapid.T
	zones  []*time.Location // of this world, one or two
	center time.Time
	ramps  bool
}

// drawWorld draws a schedule of up to six entries. Numbers are small, so that floors meet; times crowd around one
// instant, which often is a clock shift, a midnight or the turn of a month.
func drawWorld(t *rapid.T, ramps bool) *world {
	m := &maker{T: t, ramps: ramps}
	names := slices.Collect(zones.Names())
	for range rapid.IntRange(1, 2).Draw(t, "zones") {
		m.zones = append(m.zones, zone(t, rapid.SampledFrom(names).Draw(t, "zone")))
	}
	m.center = m.drawCenter()
	w := &world{center: m.center, hpa: schedules.HPA{
		Namespace: "a", Name: "web", Labels: map[string]string{"tier": "front"},
		Baseline: rapid.Int32Range(0, 6).Draw(t, "baseline"),
	}}
	for i := range rapid.IntRange(0, 4).Draw(t, "windows") {
		w.windows = append(w.windows, m.window(fmt.Sprint("w", i)))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "events") {
		w.events = append(w.events, m.event(fmt.Sprint("e", i)))
	}
	return w
}

func (m *maker) chance(percent int, label string) bool {
	return rapid.IntRange(1, 100).Draw(m.T, label) > 100-percent
}

// drawCenter draws an instant from 1975 to 2060, most often one within a few hours of a shift of the first zone.
func (m *maker) drawCenter() time.Time {
	from := time.Date(1975, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	t := time.Unix(from+rapid.Int64Range(0, 85*365*day).Draw(m.T, "center"), 0).In(m.zones[0])
	switch rapid.IntRange(0, 9).Draw(m.T, "around") {
	case 0: // anything
	case 1:
		t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	case 2:
		t = time.Date(t.Year()/4*4, time.February, 29, 0, 0, 0, 0, time.UTC)
	case 3:
		t = time.Date(t.Year(), time.December, 31, 12, 0, 0, 0, time.UTC)
	default:
		t = nextShift(t)
	}
	return t.Add(time.Duration(rapid.Int64Range(-180, 180).Draw(m.T, "minutes off")) * time.Minute)
}

// nextShift returns the first hour after t, within some years, in which the zone's offset changes; or else t.
func nextShift(t time.Time) time.Time {
	_, before := t.Zone()
	for hours := 0; hours < 3*366*24; hours += 24 {
		next := t.Add(time.Duration(hours) * time.Hour)
		if _, after := next.Zone(); after == before {
			continue
		}
		for _, after := next.Zone(); after != before; _, after = next.Zone() {
			next = next.Add(-time.Minute)
		}
		return next.Add(time.Minute)
	}
	return t
}

func (m *maker) entry(name string) schedules.Entry {
	e := schedules.Entry{
		Name: name, Suspend: m.chance(8, "suspend"), Location: m.zones[m.intn(len(m.zones))],
		LeadTime: m.pause("lead"),
	}
	if m.ramps {
		e.RampUp, e.RampDown = m.pause("ramp up"), m.pause("ramp down")
	}
	return e
}

// pause draws a lead or a ramp: often none, sometimes as long as is legal.
func (m *maker) pause(label string) time.Duration {
	switch rapid.IntRange(0, 5).Draw(m.T, label) {
	case 0, 1, 2:
		return 0
	case 3:
		return 24 * time.Hour
	default:
		return time.Duration(rapid.Int64Range(1, 24*60*60).Draw(m.T, label)) * time.Second
	}
}

// clock draws a time of day, most often one near the center on the wall of the zone.
func (m *maker) clock(loc *time.Location, label string) schedules.Clock {
	local := m.center.In(loc)
	near := local.Hour()*60 + local.Minute() + rapid.IntRange(-150, 150).Draw(m.T, label)
	switch rapid.IntRange(0, 4).Draw(m.T, label) {
	case 0:
		return schedules.Clock(rapid.IntRange(0, 24*60*60-1).Draw(m.T, label))
	case 1:
		return schedules.Clock(mod(int64(near/30*30), 24*60) * minute)
	default:
		return schedules.Clock(mod(int64(near), 24*60) * minute)
	}
}

// date draws a date within some days of the center.
func (m *maker) date(label string) schedules.Date {
	days := (m.center.Unix() - mod(m.center.Unix(), day)) / day
	return schedules.Date(days + rapid.Int64Range(-5, 5).Draw(m.T, label))
}

func (m *maker) duration() time.Duration {
	if m.chance(30, "long") {
		return time.Duration(rapid.Int64Range(1, 7*day).Draw(m.T, "duration")) * time.Second
	}
	return time.Duration(rapid.Int64Range(1, 300).Draw(m.T, "duration")) * time.Minute
}

func (m *maker) window(name string) schedules.Window {
	w := schedules.Window{Entry: m.entry(name)}
	w.Start = m.clock(w.Location, "start")
	w.Targets = m.targets(1, true)
	if m.chance(40, "with duration") {
		w.Duration = m.duration()
	} else if w.End = m.clock(w.Location, "end"); w.End == w.Start || m.chance(10, "end of day") {
		w.End = schedules.Clock(day) // 24:00
	}
	if m.chance(25, "with days") {
		w.Days = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) time.Weekday {
			return time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		}), 1, 5, rapid.ID[time.Weekday]).Draw(m.T, "days")
	}
	if m.chance(25, "with days of month") {
		w.DaysOfMonth = rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 31), rapid.IntRange(-31, -1),
			rapid.SampledFrom([]int{-2, -1, 1, 2, 29})), 1, 10).Draw(m.T, "days of month")
	}
	if m.chance(20, "with months") {
		w.Months = []time.Month{time.Month(rapid.IntRange(1, 12).Draw(m.T, "month")), m.center.Month()}[:1+m.intn(2)]
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(m.T, "exceptions") {
		first := m.date("exception")
		w.ExceptDates = append(w.ExceptDates, schedules.DateRange{First: first, Last: first + schedules.Date(m.intn(3))})
	}
	if m.chance(10, "with only dates") {
		w.OnlyDates = []schedules.DateRange{}
		for range 1 + m.intn(3) {
			first := m.date("only date")
			w.OnlyDates = append(w.OnlyDates, schedules.DateRange{First: first, Last: first + schedules.Date(m.intn(9))})
		}
	}
	if m.chance(15, "with first date") {
		first := m.date("first date")
		w.FirstDate = &first
	}
	if m.chance(15, "with last date") {
		last := m.date("last date")
		w.LastDate = &last
	}
	return w
}

func (m *maker) intn(n int) int { return rapid.IntRange(0, n-1).Draw(m.T, "n") }

func (m *maker) event(name string) schedules.Event {
	e := schedules.Event{Entry: m.entry(name), StartDate: m.date("start date")}
	e.Start = m.center.Add(time.Duration(rapid.Int64Range(-2*day, day).Draw(m.T, "start")) * time.Second)
	e.End = e.Start.Add(m.duration())
	if m.chance(30, "with amounts") {
		e.Targets = m.targets(1, true)
		return e
	}
	e.Multiplier = schedules.Ratio(rapid.SampledFrom([]int64{1000, 1001, 1500, 2000, 3333, 1000_000}).Draw(m.T, "multiplier"))
	e.Targets = m.targets(0, false)
	return e
}

func (m *maker) targets(least int, amounts bool) []schedules.Target {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) schedules.Target {
		target := schedules.Target{
			Namespace: rapid.SampledFrom([]string{"", "a", "a", "b"}).Draw(t, "namespace"),
			Selector:  rapid.SampledFrom(selectors()).Draw(t, "selector"),
		}
		if target.Namespace != "" {
			target.Name = rapid.SampledFrom([]string{"", "web", "web", "api"}).Draw(t, "name")
		}
		if amounts {
			target.Amount.Replicas = rapid.Int32Range(1, 12).Draw(t, "replicas")
			if rapid.IntRange(0, 2).Draw(t, "percent") == 0 {
				target.Amount = schedules.Amount{Ratio: schedules.Ratio(rapid.Int64Range(1001, 4000).Draw(t, "ratio"))}
			}
		}
		return target
	}), least, 2).Draw(m.T, "targets")
}

func selectors() []labels.Selector {
	var all []labels.Selector
	for _, text := range []string{"tier=front", "tier=back", "tier in (front, back)", "!tier", "zone notin (x)"} {
		selector, err := labels.Parse(text)
		if err != nil {
			panic(err)
		}
		all = append(all, selector, nil)
	}
	return all
}
