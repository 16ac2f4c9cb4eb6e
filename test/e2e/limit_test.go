package e2e

import (
	"fmt"
	"testing"
	"time"
)

// limiting is the annotation by which an owner lowers the limit.
const limiting = prefix + "max-floor"

// limitClamps: a floor of a typo ends at the limit, which the HPA's owner can lower and not lift. What the owner writes above
// the limit is theirs, and tomorrow's typo is reported today.
func limitClamps(t *testing.T, s *scene) {
	s.maxFloor = 12
	s.deploy(t, app{name: "web", min: 2, max: 3000})
	s.deploy(t, app{name: "api", min: 2, max: 3000, annotations: map[string]string{limiting: "100"}})
	name, later, open := s.named("gala"), s.named("encore"), openNow()
	start := time.Now().Add(3 * time.Hour)
	s.publish(t, event(name, open, s.targets("web: 2500", "api: 2500")), event(later, span{start, start.Add(time.Hour)}, s.targets("web: 30")))
	s.keep(t, "only", s.mount, fmt.Sprint("--max-floor=", s.maxFloor), "--warn-added-replicas=15")
	for _, hpa := range []string{"web", "api"} {
		s.awaitHeld(t, hpa, 12, 2, name)
		s.awaitEvent(t, hpa, kubeEvent{
			"Warning", "FloorClamped",
			"floor 2500 (event " + name + ") is above --max-floor and is clamped to 12; correct the schedule, or raise --max-floor to get it",
		})
	}
	s.awaitReady(t, "web", 12)
	s.awaitWarning(t, "web", "FloorAtRisk", "event "+later+", from ",
		": the floor 30 is above --max-floor 12 and will be clamped to it; correct the schedule, or raise --max-floor before then")
	s.awaitWarning(t, configMap, "FloorAtRisk", "event "+name+" is open: all floors together add 20 replicas over the baselines, 20 of them for "+
		"this entry, and --warn-added-replicas is 15; check its amounts and its targets")

	annotate := func(value string) {
		s.kubectl(t, "annotate", "hpa", "web", "--namespace="+s.namespace, "--overwrite", limiting+"="+value)
	}
	annotate("5")
	s.awaitHeld(t, "web", 5, 2, name)
	s.awaitEvent(t, "web", kubeEvent{
		"Warning", "FloorClamped",
		"floor 2500 (event " + name + ") is above " + limiting + " and is clamped to 5; correct the schedule, or raise " + limiting + " to get it",
	})
	annotate("5o")
	s.awaitHeld(t, "web", 12, 2, name)
	s.awaitEvent(t, "web", kubeEvent{
		"Warning", "DeclarationIgnored",
		limiting + ` "5o" is not applied: write a whole number from 1 to 999999; the floor is limited by --max-floor 12`,
	})
	s.setMin(t, "web", 15)
	s.awaitHeld(t, "web", 15, 15, name)
	s.setMin(t, "web", 3)
	s.awaitHeld(t, "web", 12, 3, name)
	s.publish(t)
	s.awaitFree(t, "web", 3)
	s.awaitFree(t, "api", 2)
}
