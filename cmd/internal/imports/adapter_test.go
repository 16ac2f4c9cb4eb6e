package imports_test

import (
	"fmt"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
)

// adapterHPA returns an HPA that uses the ClusterScalingSchedule campaign with a target.
func adapterHPA(namespace, target string) string {
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: %s}
spec:
  maxReplicas: 50
  metrics:
    - type: Object
      object:
        describedObject: {apiVersion: zalando.org/v1, kind: ClusterScalingSchedule, name: campaign}
        metric: {name: campaign}
        target: {%s}
---
`, namespace, target)
}

// campaign is a ClusterScalingSchedule in a time zone.
func campaign(zone string) string {
	return fmt.Sprintf(`
apiVersion: zalando.org/v1
kind: ClusterScalingSchedule
metadata: {name: campaign}
spec:
  schedules:
    - {type: Repeating, value: 60, durationMinutes: 30, period: {startTime: "08:00", timezone: %s, days: [Mon]}}
---
`, zone)
}

func TestKubeMetricsAdapterSaysWhatIsTrue(t *testing.T) {
	average := "type: AverageValue, averageValue: 10"
	try(t, "kube-metrics-adapter", map[string]importCase{
		"of its own clock": {
			options: imports.Options{TimeZone: "Europe/Oslo"},
			objects: adapterHPA("shop", average) + campaign("Local"),
			want:    []string{`"Local" is the clock of the tool's own container, usually UTC, which is assumed`, "timeZone: UTC\n"},
			never:   []string{"did so too"},
		},
		"of a zone that is none": {
			objects: adapterHPA("shop", average) + campaign("Nowhere"),
			want:    []string{`"Nowhere" is no IANA time zone, so Europe/Berlin is assumed; the adapter did so too`},
		},
		"once, of an HPA without an averageValue": {
			objects: adapterHPA("shop", "type: Value, value: 10") + campaign("UTC"),
			want:    []string{"without an averageValue"}, never: []string{"no HPA among the objects uses it"},
		},
		"of an HPA that is left out by default": {
			objects: adapterHPA("kube-system", average) + campaign("UTC"),
			want:    []string{"floorkeeper leaves HPAs in kube-system alone, unless --exclude-namespaces says otherwise"},
		},
	})
}
