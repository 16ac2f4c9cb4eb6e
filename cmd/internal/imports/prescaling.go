package imports

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// exporter is an import from prescaling-exporter, and how that is set up: by its Deployment, or else by the defaults of
// its Helm chart.
type exporter struct {
	*Draft
	start, end, min string // annotations
	timeZone        string
	eventNamespace  string               // where it watches events; "" if that is not known
	windows         map[[2]string]*Entry // by start and end
}

// PrescalingExporter turns the annotations of HPAs and the PrescalingEvents of BedrockStreaming/prescaling-exporter
// into a schedule.
func PrescalingExporter(objects []manifests.Object, options Options) *Draft {
	x := &exporter{
		Draft: newDraft("prescaling-exporter", objects, options), start: "annotations.scaling.exporter.time.start",
		end: "annotations.scaling.exporter.time.end", min: "annotations.scaling.exporter.replica.min",
		timeZone: options.TimeZone, windows: map[[2]string]*Entry{},
	}
	for o, c := range x.deployed("prescaling-exporter") {
		x.readDeployment(o, c)
	}
	x.checkZone()
	for o := range x.ofKind("autoscaling", "HorizontalPodAutoscaler") {
		if amount, _ := annotation(o, x.min); amount != "" && !x.duplicate(o) {
			x.Found++
			if err := x.prescaledHPA(o, amount); err != nil {
				x.omit(origin(o), "%v", err)
			}
		}
	}
	for _, e := range x.Windows {
		if e.Start > e.End {
			e.note(onEnd, "this window crosses midnight, as its text means; the exporter was active from %s to 24:00 only, "+
				"because after midnight it compared with the new day's %s", e.Start, e.Start)
		}
	}
	x.prescalingEvents()
	return x.Draft
}

func (x *exporter) readDeployment(o *manifests.Object, c container) {
	env, err := c.environment("ANNOTATION_START_TIME", "ANNOTATION_END_TIME", "ANNOTATION_MIN_REPLICAS", "NAMESPACE", "TZ")
	if err != nil {
		x.Head = append(x.Head, fmt.Sprintf("%s: %v; until then defaults are assumed", origin(o), err))
	}
	x.start = cmp.Or(env["ANNOTATION_START_TIME"], x.start)
	x.end = cmp.Or(env["ANNOTATION_END_TIME"], x.end)
	x.min = cmp.Or(env["ANNOTATION_MIN_REPLICAS"], x.min)
	x.eventNamespace = "prescaling-exporter"
	if namespace, given := env["NAMESPACE"]; given {
		x.eventNamespace = x.namespace(namespace)
	}
	if _, _, err := c.variable("TZ"); err == nil && x.timeZone == "" {
		zone := strings.TrimPrefix(env["TZ"], ":") // a program in Go accepts a path, too
		x.timeZone = cmp.Or(strings.TrimPrefix(zone, "/usr/share/zoneinfo/"), "UTC")
	}
}

func (x *exporter) checkZone() {
	const chart = "Europe/Paris"
	switch {
	case x.timeZone == "":
		x.Head = append(x.Head, fmt.Sprintf("the objects do not contain the variable TZ of the exporter's Deployment, which is the "+
			"zone of all times: %s is assumed, the default of its Helm chart; give the Deployment too, or --time-zone", chart))
		x.timeZone = chart
	case !legalZone(x.timeZone):
		x.Head = append(x.Head, fmt.Sprintf("the exporter's time zone, %s, is no IANA name; UTC is assumed, which is what it "+
			"fell back to if it could not load it", quote(x.timeZone)))
		x.timeZone = "UTC"
	}
}

// prescaledHPA adds what an HPA's annotations ask for. HPAs with the same hours share a window, and so do those that
// have none.
func (x *exporter) prescaledHPA(o *manifests.Object, amount string) error {
	e, err := x.window(o)
	if err != nil {
		return err
	}
	replicas, _ := strconv.Atoi(amount) // as the exporter does it: what is no number is 0
	switch {
	case replicas < 0:
		return fmt.Errorf("the annotation %s is %s: in its hours the exporter kept the HPA from scaling down, which no floor can do",
			x.min, quote(amount))
	case replicas == 0:
		return fmt.Errorf("the annotation %s is %s, not a number of replicas; the exporter ignored this HPA", x.min, quote(amount))
	}
	t := x.target(o.GetNamespace(), o.GetName(), int64(replicas))
	shared := x.windows[[2]string{e.Start, e.End}]
	switch {
	case shared == nil:
		e.Targets = []Target{t}
		if x.addWindow(e) {
			e.Origin = "From the annotations of the HPAs below"
			x.windows[[2]string{e.Start, e.End}] = e
		}
	case x.legalTarget(e.Origin, t):
		shared.Targets = append(shared.Targets, t)
	}
	return nil
}

// window returns a window with an HPA's hours; that of HPAs without any never opens.
func (x *exporter) window(o *manifests.Object) (*Entry, error) {
	startText, _ := annotation(o, x.start)
	endText, _ := annotation(o, x.end)
	start, err := parseTime(x.start, time.TimeOnly, startText, "a time such as 20:00:00; the exporter ignored it")
	end, endErr := parseTime(x.end, time.TimeOnly, endText, "a time such as 23:00:00; the exporter ignored it")
	if err = cmp.Or(err, endErr); err != nil {
		return nil, err
	}
	e := &Entry{Origin: origin(o), TimeZone: x.timeZone, Start: timeOfDay(start), End: endOfDay(end)}
	if start.Equal(end) {
		e.Name, e.Start, e.End, e.Dates.Never = "events-only", "00:00", "24:00", true
		e.note(onEntry, "these HPAs start and end at the same time, so that the exporter scaled them during events only: this "+
			"window never opens, and says what an event multiplies; without its exceptDates it is open all day")
		return e, nil
	}
	e.Name = strings.ReplaceAll("prescale-"+e.Start+"-"+e.End, ":", "")
	e.noteMidnight(end)
	return e, nil
}

// endOfDay writes a time of day at which something ends; one up to a second from midnight is midnight.
func endOfDay(t time.Time) string {
	if end := timeOfDay(t); end != "23:59:59" && end != "00:00" {
		return end
	}
	return "24:00"
}

// noteMidnight adds a comment where endOfDay takes an end one second before midnight for midnight.
func (e *Entry) noteMidnight(end time.Time) {
	if timeOfDay(end) == "23:59:59" {
		e.note(onEnd, "23:59:59 there; 24:00 leaves no second without a floor before a window that starts at midnight")
	}
}

// timeOfDay writes a time of day, with seconds where there are some.
func timeOfDay(t time.Time) string { return strings.TrimSuffix(t.Format(time.TimeOnly), ":00") }

const maxMultiplier = 1000

type prescalingEvent struct {
	Date        string `json:"date"`
	StartTime   string `json:"start_time"`
	EndTime     string `json:"end_time"`
	Multiplier  int64  `json:"multiplier"`
	Description string `json:"description"`
}

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
