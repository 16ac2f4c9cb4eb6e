package imports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

const kedaGroup = "keda.sh"

// KEDA turns the cron triggers of ScaledObjects into a schedule for the HPAs that KEDA made of them, or for HPAs of
// one's own that have the same target.
func KEDA(objects []manifests.Object, options Options) *Draft {
	d := begin("KEDA", options)
	k := keda{d, calendar(), d.ownHPAs(objects), false}
	for i := range objects {
		o := object{&objects[i]}
		switch {
		case o.is(kedaGroup, "ScaledObject"):
			k.scaledObject(o)
		case o.is(kedaGroup, "ScaledJob") && len(cronTriggers(o)) > 0 && d.once(o):
			d.Found++
			d.leave(origin(o.Object), "a ScaledJob makes Jobs and has no HPA; floorkeeper cannot replace its cron triggers")
		}
	}
	if k.owned && len(d.Windows) > 0 {
		d.Head = append(d.Head, "KEDA still owns HPAs that are named here, and floorkeeper refuses those: first replace their "+
			"ScaledObjects by HPAs of your own, under the name that stands here or with theirs written here; docs/migrate-keda.md "+
			"says in which order")
	}
	return d
}

// keda is an import from KEDA.
type keda struct {
	*Draft
	days  []calendarDay
	own   map[scaleTarget]string // the names of HPAs that KEDA does not own
	owned bool                   // some ScaledObject has an HPA of KEDA
}

// scaleTarget is a workload that an HPA or a ScaledObject scales.
type scaleTarget struct{ namespace, group, kind, name string }

// ownHPAs returns the HPAs that no ScaledObject owns.
func (d *Draft) ownHPAs(objects []manifests.Object) map[scaleTarget]string {
	own := map[scaleTarget]string{}
	for i := range objects {
		o := object{&objects[i]}
		owned := slices.ContainsFunc(list(at(o.Object.Object, "metadata", "ownerReferences")), func(ref any) bool {
			return text(at(ref, "kind")) == "ScaledObject"
		})
		if o.is("autoscaling", "HorizontalPodAutoscaler") && !owned {
			ref := o.spec("scaleTargetRef")
			own[scaleTarget{
				d.namespace(o.namespace()), group(text(at(ref, "apiVersion"))), text(at(ref, "kind")), text(at(ref, "name")),
			}] = o.name()
		}
	}
	return own
}

// cronTriggers returns the triggers of type cron, by their number from 1.
func cronTriggers(o object) map[int]any {
	found := map[int]any{}
	for i, trigger := range list(o.spec("triggers")) {
		if text(at(trigger, "type")) == "cron" {
			found[i+1] = trigger
		}
	}
	return found
}

// scaledObject adds the windows of all cron triggers of a ScaledObject.
func (k *keda) scaledObject(o object) {
	triggers := cronTriggers(o)
	if len(triggers) == 0 || !k.once(o) {
		return
	}
	hpa, comments := k.hpa(o)
	comments = append(comments, k.comments(o)...)
	pause, paused := pause(o)
	for number := range len(list(o.spec("triggers"))) + 1 {
		if triggers[number] == nil {
			continue
		}
		k.Found++
		t := trigger{o: o, from: fmt.Sprintf("%s, trigger %d", origin(o.Object), number), fields: triggers[number]}
		windows, err := t.windows(k.days)
		if err != nil {
			k.leave(t.from, "%v", err)
			continue
		}
		for i, e := range windows {
			e.Targets = []Target{k.target(o.namespace(), hpa, t.replicas)}
			if i == 0 {
				e.noteAll(onTargets, append(comments, t.comments()...))
				comments = nil
			}
			if t.note != "" {
				e.Targets[0].Notes = append(e.Targets[0].Notes, t.note)
			}
			if e.Suspend = paused; paused {
				e.note(onSuspend, "%s", pause)
			}
			k.addWindow(e)
		}
	}
}

// hpa returns the name of a ScaledObject's HPA, or of one's own for the same workload, with comments. Where the
// ScaledObject does not say the kind of its workload, KEDA takes it for a Deployment.
func (k *keda) hpa(o object) (name string, comments []string) {
	name = cmp.Or(text(o.spec("advanced", "horizontalPodAutoscalerConfig", "name")), "keda-hpa-"+o.name())
	ref := o.spec("scaleTargetRef")
	target := scaleTarget{
		k.namespace(o.namespace()), group(cmp.Or(text(at(ref, "apiVersion")), "apps/v1")),
		cmp.Or(text(at(ref, "kind")), "Deployment"), text(at(ref, "name")),
	}
	own, found := k.own[target]
	switch _, paused := pause(o); {
	case found && own != name:
		comments = append(comments, fmt.Sprintf("%s is an HPA of your own that scales the same %s %s; it stands here in place of "+
			"KEDA's %s", clean(own), clean(target.kind), clean(target.name), clean(name)))
	case !found && paused:
		comments = append(comments, fmt.Sprintf("KEDA deletes the HPA of a paused ScaledObject, so that there is no %s: end the "+
			"pause before you go on, or write an HPA of that name", clean(name)))
	}
	if found {
		return own, comments
	}
	k.owned = true
	return name, comments
}

// comments says what of a ScaledObject no window can say.
func (k *keda) comments(o object) []string {
	var all []string
	if least, _ := whole(o.spec("minReplicaCount")); least == 0 {
		all = append(all, "minReplicaCount is 0 or missing: KEDA scaled to zero when nothing was active; an HPA of your own keeps "+
			"its minReplicas, 1 or more, and no floor wakes a workload that stands at zero: set minReplicaCount to 1 or more "+
			"before you go on")
	}
	if idle, given := whole(o.spec("idleReplicaCount")); given {
		all = append(all, fmt.Sprintf("idleReplicaCount %d has no equivalent", idle))
	}
	if o.spec("advanced", "scalingModifiers", "formula") != nil {
		all = append(all, "scalingModifiers computed the replicas by a formula; here they are desiredReplicas")
	}
	all = append(all, pauseComments(o)...)
	if o.spec("advanced", "restoreToOriginalReplicaCount") == true {
		all = append(all, "restoreToOriginalReplicaCount: KEDA sets the replicas back when the ScaledObject is deleted, with "+
			"--cascade=orphan too; set it to false first")
	}
	var others []string
	for _, trigger := range list(o.spec("triggers")) {
		if kind := text(at(trigger, "type")); kind != "cron" {
			others = append(others, kind)
		}
	}
	if slices.Sort(others); len(others) > 0 {
		all = append(all, fmt.Sprintf("it has other triggers (%s), which your own HPA needs as metrics", clean(strings.Join(slices.Compact(others), ", "))))
	}
	return all
}
