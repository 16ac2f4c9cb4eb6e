package imports

import (
	"fmt"
	"strconv"

	"github.com/floorkeeper/floorkeeper/cmd/internal/manifests"
)

// kedaPause reports how a ScaledObject is paused, if it is. KEDA takes any value of paused-replicas for a pause.
func kedaPause(o *manifests.Object) (note string, paused bool) {
	if replicas, given := annotation(o, "autoscaling.keda.sh/paused-replicas"); given {
		if number, err := strconv.Atoi(replicas); err == nil {
			return fmt.Sprintf("the ScaledObject is paused at %d replicas, which nothing here asks for", number), true
		}
		return "the ScaledObject is paused", true
	}
	return "the ScaledObject is paused", isOn(o, "autoscaling.keda.sh/paused")
}

// isOn reports whether an annotation is true for KEDA, which takes what is no boolean for true.
func isOn(o *manifests.Object, name string) bool {
	value, given := annotation(o, name)
	on, err := strconv.ParseBool(value)
	return given && (on || err != nil)
}

// directionNotes names the pauses in one direction only.
func directionNotes(o *manifests.Object) []string {
	var notes []string
	if isOn(o, "autoscaling.keda.sh/paused-scale-in") {
		notes = append(notes, "paused-scale-in: KEDA's HPA does not scale down; your own needs behavior.scaleDown.selectPolicy: "+
			"Disabled for that")
	}
	if isOn(o, "autoscaling.keda.sh/paused-scale-out") {
		notes = append(notes, "paused-scale-out: KEDA's HPA does not scale up; a floor raises the replicas all the same")
	}
	return notes
}
