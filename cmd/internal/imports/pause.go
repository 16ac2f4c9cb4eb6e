package imports

import (
	"fmt"
	"strconv"
)

// The annotations by which a person pauses a ScaledObject.
const (
	kedaPaused         = "autoscaling.keda.sh/paused"
	kedaPausedReplicas = "autoscaling.keda.sh/paused-replicas"
	kedaPausedScaleIn  = "autoscaling.keda.sh/paused-scale-in"
	kedaPausedScaleOut = "autoscaling.keda.sh/paused-scale-out"
)

// pause says how KEDA is paused for a ScaledObject, if it is: by a number of replicas, whatever it holds, or else by a
// value that does not say no.
func pause(o object) (string, bool) {
	if replicas, given := o.annotated(kedaPausedReplicas); given {
		if number, numeric := whole(replicas); numeric {
			return fmt.Sprintf("the ScaledObject is paused at %d replicas, which nothing here asks for", number), true
		}
		return "the ScaledObject is paused", true
	}
	return "the ScaledObject is paused", o.switched(kedaPaused)
}

// switched says whether an annotation is true for KEDA, which takes what is no boolean for true.
func (o object) switched(name string) bool {
	value, given := o.annotated(name)
	on, err := strconv.ParseBool(written(value))
	return given && (on || err != nil)
}

// pauseComments says what of a ScaledObject is paused in one direction only.
func pauseComments(o object) []string {
	var all []string
	if o.switched(kedaPausedScaleIn) {
		all = append(all, "paused-scale-in: KEDA's HPA does not scale down; your own needs behavior.scaleDown.selectPolicy: "+
			"Disabled for that")
	}
	if o.switched(kedaPausedScaleOut) {
		all = append(all, "paused-scale-out: KEDA's HPA does not scale up; a floor raises the replicas all the same")
	}
	return all
}
