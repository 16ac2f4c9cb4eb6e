package imports

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// exporter is how prescaling-exporter is set up: what its Deployment says, or else the defaults of its Helm chart.
type exporter struct {
	start, end, min string // annotations
	timeZone        string
	namespace       string // where it looks for events; "" if that is not known
}

// PrescalingExporter turns the annotations of HPAs and the PrescalingEvents of BedrockStreaming/prescaling-exporter
// into a schedule.
func PrescalingExporter(objects []manifests.Object, options Options) *Draft {
	d := begin("prescaling-exporter", options)
	x := d.exporter(objects)
	windows := map[[2]string]*Entry{}
	for i := range objects {
		if o := (object{&objects[i]}); o.is("autoscaling", "HorizontalPodAutoscaler") && o.annotation(x.min) != "" && d.once(o) {
			d.Found++
			d.prescaled(o, x, windows)
		}
	}
	for _, e := range d.Windows {
		if e.Start > e.End {
			e.note(onEnd, "this window crosses midnight, as its text means; the exporter was active from %s to 24:00 only, "+
				"because after midnight it compared with the new day's %s", e.Start, e.Start)
		}
	}
	d.prescalingEvents(objects, x)
	return d
}

// exporter finds the exporter's own settings.
func (d *Draft) exporter(objects []manifests.Object) exporter {
	x := exporter{
		start: "annotations.scaling.exporter.time.start", end: "annotations.scaling.exporter.time.end",
		min: "annotations.scaling.exporter.replica.min", timeZone: d.settings.TimeZone,
	}
	known := d.configMapsOf(objects)
	for i := range objects {
		o := object{&objects[i]}
		for _, c := range d.containers(o, known, "template") {
			if o.is("apps", "Deployment") && c.runs("prescaling-exporter") {
				d.readExporter(&x, o, c)
			}
		}
	}
	const chart = "Europe/Paris"
	switch {
	case x.timeZone == "":
		d.Head = append(d.Head, fmt.Sprintf("the objects do not tell the variable TZ of the exporter's Deployment, which is the "+
			"zone of all times: %s is assumed, the default of its Helm chart; give the Deployment too, or --time-zone", chart))
		x.timeZone = chart
	case !LegalZone(x.timeZone):
		d.Head = append(d.Head, fmt.Sprintf("the exporter's time zone, %s, is no IANA name; UTC is assumed, which is what it "+
			"fell back to if it could not load it", quote(x.timeZone)))
		x.timeZone = "UTC"
	}
	return x
}

// readExporter reads the variables of the exporter's container, with its defaults.
func (d *Draft) readExporter(x *exporter, o object, c container) {
	env := c.environment("ANNOTATION_START_TIME", "ANNOTATION_END_TIME", "ANNOTATION_MIN_REPLICAS", "NAMESPACE", "TZ")
	if why := env.unknowns(); why != "" {
		d.Head = append(d.Head, fmt.Sprintf("%s: %s; until then defaults are assumed", origin(o.Object), why))
	}
	x.start = cmp.Or(env.values["ANNOTATION_START_TIME"], x.start)
	x.end = cmp.Or(env.values["ANNOTATION_END_TIME"], x.end)
	x.min = cmp.Or(env.values["ANNOTATION_MIN_REPLICAS"], x.min)
	x.namespace = "prescaling-exporter"
	if namespace, given := env.values["NAMESPACE"]; given {
		x.namespace = d.namespace(namespace)
	}
	if x.timeZone == "" && env.unknown["TZ"] == "" {
		x.timeZone = cmp.Or(zoneOf(env.values["TZ"]), "UTC")
	}
}

// zoneOf returns the name of the time zone that a value of TZ means to a program in Go.
func zoneOf(tz string) string {
	return strings.TrimPrefix(strings.TrimPrefix(tz, ":"), "/usr/share/zoneinfo/")
}

// prescaled adds what an HPA's annotations say. HPAs with the same hours share a window, and so do those that have none.
func (d *Draft) prescaled(o object, x exporter, windows map[[2]string]*Entry) {
	from := origin(o.Object)
	start, end, err := x.hours(o)
	if err != nil {
		d.leave(from, "%v", err)
		return
	}
	amount, _ := strconv.Atoi(o.annotation(x.min)) // as the exporter does it: what is no number is 0
	replicas, note, ok := most(int64(amount))
	switch {
	case amount < 0:
		d.leave(from, "the annotation %s is %s: in its hours the exporter kept the HPA from scaling down, which no floor says",
			x.min, quote(o.annotation(x.min)))
		return
	case !ok:
		d.leave(from, "the annotation %s is %s, not a number of replicas; the exporter ignored this HPA", x.min, quote(o.annotation(x.min)))
		return
	}
	t := d.target(o.namespace(), o.name(), replicas)
	if note != "" {
		t.Notes = append(t.Notes, note)
	}
	if e := windows[[2]string{start, end}]; e != nil {
		if d.legalTarget(from, t) {
			e.Targets = append(e.Targets, t)
		}
		return
	}
	e := prescaleWindow(start, end)
	e.Origin, e.TimeZone, e.Targets = from, x.timeZone, []Target{t}
	e.upToMidnight(o.annotation(x.end))
	before := len(d.Windows)
	if d.addWindow(e); len(d.Windows) > before {
		e.Origin = "From the annotations of the HPAs below"
		windows[[2]string{start, end}] = e
	}
}

// prescaleWindow returns the window of the HPAs with these hours; that of HPAs without any never opens.
func prescaleWindow(start, end string) *Entry {
	if start != end {
		return &Entry{
			Name:  "prescale-" + strings.ReplaceAll(start, ":", "") + "-" + strings.ReplaceAll(end, ":", ""),
			Start: start, End: end,
		}
	}
	e := &Entry{Name: "events-only", Start: "00:00", End: "24:00", Dates: dates{Never: true}}
	e.note(onEntry, "these HPAs start and end at the same time, so that the exporter scaled them during events only: this "+
		"window never opens, and says what an event multiplies; without its exceptDates it is open all day")
	return e
}

// hours returns the two times of day of an HPA, as the exporter reads them and a schedule writes them; both are empty if
// they are the same.
func (x exporter) hours(o object) (from, to string, err error) {
	start, end := o.annotation(x.start), o.annotation(x.end)
	a, err := time.Parse(time.TimeOnly, start)
	if err != nil {
		return "", "", fmt.Errorf("%s is %s, not a time such as 20:00:00; the exporter ignored it", x.start, quote(start))
	}
	b, err := time.Parse(time.TimeOnly, end)
	if err != nil {
		return "", "", fmt.Errorf("%s is %s, not a time such as 23:00:00; the exporter ignored it", x.end, quote(end))
	}
	if timeOfDay(a) == timeOfDay(b) {
		return "", "", nil
	}
	return timeOfDay(a), endOfDay(b), nil
}

// endOfDay writes a time of day at which something ends; one up to a second from midnight is midnight.
func endOfDay(t time.Time) string {
	if end := timeOfDay(t); end != "23:59:59" && end != "00:00" {
		return end
	}
	return "24:00"
}

// upToMidnight says that an end one second before midnight was taken for midnight.
func (e *Entry) upToMidnight(end string) {
	if b, err := time.Parse(time.TimeOnly, end); err == nil && timeOfDay(b) == "23:59:59" {
		e.note(onEnd, "23:59:59 there; 24:00 leaves no second without a floor before a window that starts at midnight")
	}
}

// timeOfDay writes a time of day, with seconds where there are some.
func timeOfDay(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("15:04")
	}
	return t.Format(time.TimeOnly)
}
