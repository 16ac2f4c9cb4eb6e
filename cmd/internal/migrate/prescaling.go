package migrate

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
		if o := (object{&objects[i]}); o.is("autoscaling", "HorizontalPodAutoscaler") && o.annotation(x.min) != "" {
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
	found, known := "", d.configMapsOf(objects)
	for i := range objects {
		o := object{&objects[i]}
		for _, c := range containers(o.spec("template"), d.namespace(o.namespace()), known) {
			if !o.is("apps", "Deployment") || !c.runs("prescaling-exporter") {
				continue
			}
			env, _ := c.environment()
			found = origin(o.Object)
			x.start = cmp.Or(env["ANNOTATION_START_TIME"], x.start)
			x.end = cmp.Or(env["ANNOTATION_END_TIME"], x.end)
			x.min = cmp.Or(env["ANNOTATION_MIN_REPLICAS"], x.min)
			x.namespace = cmp.Or(env["NAMESPACE"], "prescaling-exporter")
			x.timeZone = cmp.Or(x.timeZone, env["TZ"], "UTC")
		}
	}
	const chart = "Europe/Paris"
	switch {
	case x.timeZone != "" && !LegalZone(x.timeZone):
		d.Head = append(d.Head, fmt.Sprintf("the exporter's time zone, %s, is no IANA name; UTC is assumed, which is what it "+
			"fell back to if it could not load it", quote(x.timeZone)))
		x.timeZone = "UTC"
	case found == "" && x.timeZone == "":
		d.Head = append(d.Head, fmt.Sprintf("the exporter's Deployment, whose variable TZ is the zone of all times, is not "+
			"among the objects: %s is assumed, the default of its Helm chart; give the Deployment too, or --time-zone", chart))
		x.timeZone = chart
	}
	return x
}

// prescaled adds what an HPA's annotations say. HPAs with the same hours share a window.
func (d *Draft) prescaled(o object, x exporter, windows map[[2]string]*Entry) {
	from := origin(o.Object)
	amount, err := strconv.Atoi(o.annotation(x.min))
	replicas, note, ok := most(int64(amount))
	if err != nil || !ok {
		d.leave(from, "the annotation %s is %s, not a number of replicas; the exporter ignored this HPA", x.min, quote(o.annotation(x.min)))
		return
	}
	start, end, err := x.hours(o.annotation(x.start), o.annotation(x.end))
	if err != nil {
		d.leave(from, "%v", err)
		return
	}
	t := d.target(o.namespace(), o.name(), replicas)
	if note != "" {
		t.Notes = append(t.Notes, note)
	}
	e := windows[[2]string{start, end}]
	if e == nil {
		e = &Entry{
			Name:   "prescale-" + strings.ReplaceAll(start, ":", "") + "-" + strings.ReplaceAll(end, ":", ""),
			Origin: from, TimeZone: x.timeZone, Start: start, End: end, Targets: []Target{t},
		}
		e.upToMidnight(o.annotation(x.end))
		before := len(d.Windows)
		if d.addWindow(e); len(d.Windows) > before {
			e.Origin = "Daily, from the annotations of the HPAs below"
			windows[[2]string{start, end}] = e
		}
		return
	}
	if d.legalTarget(from, t) {
		e.Targets = append(e.Targets, t)
	}
}

// hours reads the two times of day, as the exporter does, and writes them as a schedule does.
func (x exporter) hours(start, end string) (from, to string, err error) {
	a, err := time.Parse(time.TimeOnly, start)
	if err != nil {
		return "", "", fmt.Errorf("%s is %s, not a time such as 20:00:00; the exporter ignored it", x.start, quote(start))
	}
	b, err := time.Parse(time.TimeOnly, end)
	if err != nil {
		return "", "", fmt.Errorf("%s is %s, not a time such as 23:00:00; the exporter ignored it", x.end, quote(end))
	}
	from, to = timeOfDay(a), timeOfDay(b)
	if from == to {
		return "", "", fmt.Errorf("it starts and ends at %s, so that it was never active by itself; a whole day is "+
			"start: \"00:00\" and end: \"24:00\"", from)
	}
	if to == "23:59:59" || to == "00:00" {
		to = "24:00"
	}
	return from, to, nil
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
