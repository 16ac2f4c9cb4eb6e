package imports

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

const kedaGroup = "keda.sh"

type scaledObject struct {
	ScaleTargetRef   autoscalingv2.CrossVersionObjectReference `json:"scaleTargetRef"`
	MinReplicaCount  int32                                     `json:"minReplicaCount"`
	IdleReplicaCount *int32                                    `json:"idleReplicaCount"`
	Triggers         []kedaTrigger                             `json:"triggers"`
	Advanced         struct {
		Restore bool `json:"restoreToOriginalReplicaCount"`
		HPA     struct {
			Name string `json:"name"`
		} `json:"horizontalPodAutoscalerConfig"`
		Modifiers struct {
			Formula string `json:"formula"`
		} `json:"scalingModifiers"`
	} `json:"advanced"`
}

type kedaTrigger struct {
	Type       string         `json:"type"`
	MetricType string         `json:"metricType"`
	Metadata   map[string]any `json:"metadata"` // texts; numbers are read, too
}

func (t kedaTrigger) isCron() bool { return t.Type == "cron" }

// KEDA turns the cron triggers of ScaledObjects into a schedule for the HPAs that KEDA made of them, or for HPAs of
// one's own that have the same target.
func KEDA(objects []manifests.Object, options Options) *Draft {
	d := newDraft("KEDA", objects, options)
	k := &keda{Draft: d, days: calendar(), own: d.ownHPAs()}
	for _, kind := range []string{"ScaledObject", "ScaledJob"} {
		for o, spec := range specs[scaledObject](d, kedaGroup, kind) {
			switch {
			case !slices.ContainsFunc(spec.Triggers, kedaTrigger.isCron) || d.duplicate(o):
			case kind == "ScaledObject":
				k.scaledObject(o, spec)
			default:
				d.Found++
				d.omit(origin(o), "a ScaledJob makes Jobs and has no HPA; floorkeeper cannot replace its cron triggers")
			}
		}
	}
	if k.owned && len(d.Windows) > 0 {
		d.Head = append(d.Head, "KEDA still owns HPAs that are named here, and floorkeeper refuses those: first replace their "+
			"ScaledObjects by HPAs of your own, under the name that is written here or with theirs written here; docs/migrate-keda.md "+
			"says in which order")
	}
	return d
}

type keda struct {
	*Draft
	days  []calendarDay
	own   map[scaleTarget]string // the names of HPAs that KEDA does not own
	owned bool                   // some ScaledObject has an HPA of KEDA
}

type scaleTarget struct{ namespace, group, kind, name string }

func (d *Draft) scaleTarget(namespace string, ref autoscalingv2.CrossVersionObjectReference) scaleTarget {
	group := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).Group
	return scaleTarget{d.namespace(namespace), group, ref.Kind, ref.Name}
}

func (d *Draft) ownHPAs() map[scaleTarget]string {
	own := map[scaleTarget]string{}
	for o, spec := range specs[autoscalingv2.HorizontalPodAutoscalerSpec](d, "autoscaling", "HorizontalPodAutoscaler") {
		owned := func(ref metav1.OwnerReference) bool { return ref.Kind == "ScaledObject" }
		if !slices.ContainsFunc(o.GetOwnerReferences(), owned) {
			own[d.scaleTarget(o.GetNamespace(), spec.ScaleTargetRef)] = o.GetName()
		}
	}
	return own
}

func (k *keda) scaledObject(o *manifests.Object, spec *scaledObject) {
	hpa, notes := k.hpa(o, spec)
	notes = append(notes, spec.notes(o)...)
	pause, paused := kedaPause(o)
	for i, trigger := range spec.Triggers {
		if !trigger.isCron() {
			continue
		}
		k.Found++
		from := fmt.Sprintf("%s, trigger %d", origin(o), i+1)
		windows, replicas, err := trigger.windows(k.days)
		if err != nil {
			k.omit(from, "%v", err)
			continue
		}
		if trigger.MetricType == "Value" {
			notes = append(notes, "metricType is Value: KEDA's HPA multiplied the ready Pods by desiredReplicas at each evaluation, up to "+
				"maxReplicaCount; here it is desiredReplicas")
		}
		windows[0].noteAll(onTargets, notes)
		notes = nil
		for _, e := range windows {
			e.Name = strings.TrimPrefix(o.GetNamespace()+"-"+o.GetName(), "-")
			e.Origin = fmt.Sprintf("%s: from %s to %s", from, quote(trigger.get("start")), quote(trigger.get("end")))
			e.Targets = []Target{k.target(o.GetNamespace(), hpa, replicas)}
			if e.Suspend = paused; paused {
				e.note(onSuspend, "%s", pause)
			}
			k.addWindow(e)
		}
	}
}

// hpa returns the name of a ScaledObject's HPA, or of one's own for the same workload, with comments.
func (k *keda) hpa(o *manifests.Object, spec *scaledObject) (name string, notes []string) {
	name = cmp.Or(spec.Advanced.HPA.Name, "keda-hpa-"+o.GetName())
	ref := spec.ScaleTargetRef
	ref.APIVersion, ref.Kind = cmp.Or(ref.APIVersion, "apps/v1"), cmp.Or(ref.Kind, "Deployment") // KEDA's defaults
	own, found := k.own[k.scaleTarget(o.GetNamespace(), ref)]
	if found && own != name {
		notes = append(notes, fmt.Sprintf("%s is an HPA of your own that scales the same %s %s; it is named here in place of "+
			"KEDA's %s", clean(own), clean(ref.Kind), clean(ref.Name), clean(name)))
	}
	if found {
		return own, notes
	}
	k.owned = true
	if _, paused := kedaPause(o); paused {
		notes = append(notes, fmt.Sprintf("KEDA deletes the HPA of a paused ScaledObject, so that there is no %s: end the "+
			"pause before you go on, or write an HPA of that name", clean(name)))
	}
	return name, notes
}

func (s *scaledObject) notes(o *manifests.Object) (notes []string) {
	others := sets.New[string]()
	for _, trigger := range s.Triggers {
		if !trigger.isCron() {
			others.Insert(trigger.Type)
		}
	}
	for _, n := range []struct {
		applies bool
		text    string
	}{
		{s.MinReplicaCount == 0, "minReplicaCount is 0 or missing: KEDA scaled to zero when nothing was active; an HPA of your own keeps " +
			"its minReplicas, 1 or more, and no floor wakes a workload that is scaled to zero: set minReplicaCount to 1 or more before you go on"},
		{s.IdleReplicaCount != nil, fmt.Sprintf("idleReplicaCount %d has no equivalent", valueOr(s.IdleReplicaCount, 0))},
		{s.Advanced.Modifiers.Formula != "", "scalingModifiers computed the replicas by a formula; here they are desiredReplicas"},
		{s.Advanced.Restore, "restoreToOriginalReplicaCount: KEDA sets the replicas back when the ScaledObject is deleted, with " +
			"--cascade=orphan too; set it to false first"},
		{len(others) > 0, fmt.Sprintf("it has other triggers (%s), which your own HPA needs as metrics", clean(strings.Join(sets.List(others), ", ")))},
		{isOn(o, "autoscaling.keda.sh/paused-scale-in"), "paused-scale-in: KEDA's HPA does not scale down; your own needs " +
			"behavior.scaleDown.selectPolicy: Disabled for that"},
		{isOn(o, "autoscaling.keda.sh/paused-scale-out"), "paused-scale-out: KEDA's HPA does not scale up; a floor raises the replicas all the same"},
	} {
		if n.applies {
			notes = append(notes, n.text)
		}
	}
	return notes
}

// kedaPause reports how a ScaledObject is paused, if it is. KEDA takes any value of paused-replicas for a pause.
func kedaPause(o *manifests.Object) (note string, paused bool) {
	note = "the ScaledObject is paused"
	replicas, given := annotation(o, "autoscaling.keda.sh/paused-replicas")
	if number, err := strconv.Atoi(replicas); err == nil {
		note = fmt.Sprintf("%s at %d replicas, which nothing here asks for", note, number)
	}
	return note, given || isOn(o, "autoscaling.keda.sh/paused")
}

// isOn reports whether an annotation is true for KEDA, which takes what is no boolean for true.
func isOn(o *manifests.Object, name string) bool {
	value, given := annotation(o, name)
	on, err := strconv.ParseBool(value)
	return given && (on || err != nil)
}

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
	from, to := t.get("start"), t.get("end")
	start, err := parseCron(from, cronFields)
	if err != nil {
		return nil, 0, fmt.Errorf("its start %s cannot be read: %w", quote(from), err)
	}
	end, err := parseCron(to, cronFields)
	if err != nil {
		return nil, 0, fmt.Errorf("its end %s cannot be read: %w", quote(to), err)
	}
	if from == to {
		return nil, 0, fmt.Errorf("it starts and ends at the same time, %s, which KEDA refuses", quote(from))
	}
	active, irregular := replay(days, start, end)
	if windows, err = windowsOf(days, active); err != nil {
		return nil, 0, fmt.Errorf("from %s to %s: %w", quote(from), quote(to), err)
	}
	if len(windows) == 0 {
		return nil, 0, errors.New("it never starts, or it never ends")
	}
	for _, e := range windows {
		e.TimeZone = zone
	}
	if irregular {
		windows[0].note(onEnd, "KEDA was active whenever the next line to come due was an end, whatever came before: also between two "+
			"ends with no start between them, and not between two starts with no end between them")
	}
	return windows, replicas, nil
}

// replay returns when a trigger is active: from each start to the next end. KEDA itself considers only which line comes
// due next, and is active while that is an end; the two differ where a line comes due twice in a row, which is irregular.
func replay(days []calendarDay, start, end *cronLine) (active []stretch, irregular bool) {
	began := -1 // when the current stretch began, -1 if there is none
	for now, ends := range due(days, start, end) {
		switch {
		case len(active) > maxWindows*len(days): // so many stretches are too many windows
			return active, irregular
		case ends && began >= 0:
			active, began = extend(active, stretch{began, now}), -1
		case ends:
			irregular = irregular || len(active) > 0
		case began >= 0:
			irregular = true
		default:
			began = now
		}
	}
	if began >= 0 && len(active) > 0 {
		active = extend(active, stretch{began, len(days) * dayLength})
	}
	return active, irregular
}

// due yields each minute of the calendar at which one of the lines comes due, and whether that is the end. An end comes
// before a start at the same time.
func due(days []calendarDay, start, end *cronLine) iter.Seq2[int, bool] {
	minutes := slices.Concat(start.minutes, end.minutes)
	slices.Sort(minutes)
	minutes = slices.Compact(minutes)
	return func(yield func(int, bool) bool) {
		for i, day := range days {
			starts, ends := start.on(day), end.on(day)
			for _, minute := range minutes {
				if ends && end.at(minute) && !yield(i*dayLength+minute, true) || starts && start.at(minute) && !yield(i*dayLength+minute, false) {
					return
				}
			}
		}
	}
}

func extend(active []stretch, s stretch) []stretch {
	if last := len(active) - 1; last >= 0 && active[last].to == s.from {
		active[last].to = s.to
		return active
	}
	return append(active, s)
}
