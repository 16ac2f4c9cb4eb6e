package migrate

import (
	"fmt"
	"slices"
	"strconv"
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
		case o.is(kedaGroup, "ScaledJob") && len(cronTriggers(o)) > 0:
			d.Found++
			d.leave(origin(o.Object), "a ScaledJob makes Jobs and has no HPA; floorkeeper cannot replace its cron triggers")
		}
	}
	if k.owned {
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
	own   map[[2]string]string // HPAs that KEDA does not own, by namespace and name of their target
	owned bool                 // some window is for an HPA of KEDA
}

// ownHPAs returns the HPAs that no ScaledObject owns.
func (d *Draft) ownHPAs(objects []manifests.Object) map[[2]string]string {
	own := map[[2]string]string{}
	for i := range objects {
		o := object{&objects[i]}
		owned := slices.ContainsFunc(list(at(o.Object.Object, "metadata", "ownerReferences")), func(ref any) bool {
			return text(at(ref, "kind")) == "ScaledObject"
		})
		if o.is("autoscaling", "HorizontalPodAutoscaler") && !owned {
			own[[2]string{d.namespace(o.namespace()), text(o.spec("scaleTargetRef", "name"))}] = o.name()
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
	comments := k.comments(o, len(triggers))
	for number := range len(list(o.spec("triggers"))) + 1 {
		if triggers[number] == nil {
			continue
		}
		k.Found++
		t := trigger{o: o, from: fmt.Sprintf("%s, trigger %d", origin(o.Object), number), fields: at(triggers[number], "metadata")}
		windows, err := t.windows(k.days)
		if err != nil {
			k.leave(t.from, "%v", err)
			continue
		}
		for _, e := range windows {
			e.Targets = []Target{k.hpa(o, t.replicas)}
			if t.note != "" {
				e.Targets[0].Notes = append(e.Targets[0].Notes, t.note)
			}
			for _, comment := range comments {
				e.note(onTargets, "%s", comment)
			}
			comments = nil
			if paused(o) {
				e.Suspend = true
				e.note(onSuspend, "the ScaledObject is paused")
			}
			k.addWindow(e)
		}
	}
}

// hpa returns the HPA of a ScaledObject as a target.
func (k *keda) hpa(o object, replicas int64) Target {
	name, found := k.own[[2]string{k.namespace(o.namespace()), text(o.spec("scaleTargetRef", "name"))}]
	if !found {
		k.owned = true
		name = text(o.spec("advanced", "horizontalPodAutoscalerConfig", "name"))
	}
	if name == "" {
		name = "keda-hpa-" + o.name()
	}
	return k.target(o.namespace(), name, replicas)
}

// paused says whether KEDA leaves the ScaledObject alone.
func paused(o object) bool {
	if o.annotation("autoscaling.keda.sh/paused-replicas") != "" {
		return true
	}
	value := o.annotation("autoscaling.keda.sh/paused")
	parsed, err := strconv.ParseBool(value)
	return value != "" && (parsed || err != nil)
}

// comments says what of a ScaledObject no window can say.
func (k *keda) comments(o object, crons int) []string {
	var all []string
	if least, _ := whole(o.spec("minReplicaCount")); least == 0 {
		all = append(all, "minReplicaCount is 0 or missing: KEDA scaled to zero when nothing was active; an HPA of your own keeps "+
			"its minReplicas, 1 or more")
	}
	if idle, given := whole(o.spec("idleReplicaCount")); given {
		all = append(all, fmt.Sprintf("idleReplicaCount %d has no equivalent", idle))
	}
	if o.spec("advanced", "scalingModifiers", "formula") != nil {
		all = append(all, "scalingModifiers computed the replicas by a formula; here they are desiredReplicas")
	}
	var others []string
	for _, trigger := range list(o.spec("triggers")) {
		if kind := text(at(trigger, "type")); kind != "cron" {
			others = append(others, kind)
		}
	}
	if slices.Sort(others); len(others) > 0 && crons > 0 {
		all = append(all, fmt.Sprintf("it has other triggers (%s), which your own HPA needs as metrics", clean(strings.Join(slices.Compact(others), ", "))))
	}
	return all
}
