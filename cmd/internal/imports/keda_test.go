package imports_test

import (
	"fmt"
	"strings"
	"testing"
)

// scaledObject returns a ScaledObject shop/web with annotations, further fields of its spec, and cron triggers.
func scaledObject(annotations, spec, triggers string) string {
	return fmt.Sprintf(`
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop, annotations: {%s}}
spec: {minReplicaCount: 1, %s, triggers: [%s]}
---
`, annotations, spec, triggers)
}

// cronTrigger returns a trigger with two cron lines.
func cronTrigger(start, end string) string {
	return fmt.Sprintf("{type: cron, metadata: {timezone: UTC, start: %q, end: %q, desiredReplicas: 5}}", start, end)
}

// ownHPA returns an HPA shop/web-own for a Deployment web of an API group.
func ownHPA(apiVersion string) string {
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-own, namespace: shop}
spec: {maxReplicas: 9, scaleTargetRef: {apiVersion: %s, kind: Deployment, name: web}}
`, apiVersion)
}

func TestKEDAHPAs(t *testing.T) {
	daily := cronTrigger("0 8 * * *", "0 9 * * *")
	theirs, own := []string{"name: keda-hpa-web,"}, []string{
		"name: web-own,", "shop-web (ScaledObject shop/web (x.yaml:2), trigger 1: from \"0 8 * * *\" to \"0 9 * * *\"): " +
			"web-own is an HPA of your own that scales the same Deployment web; it is named here in place of KEDA's keda-hpa-web",
	}
	try(t, "keda", map[string]importCase{
		"an HPA for the same Deployment takes KEDA's place": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", daily) + ownHPA("apps/v1"), want: own,
			never: []string{"KEDA still owns"},
		},
		"an HPA in another version of the API group does": {
			objects: scaledObject("", "scaleTargetRef: {name: web, apiVersion: apps/v1}", daily) + ownHPA("apps/v1beta2"), want: own,
		},
		"an HPA for a Deployment does not where a StatefulSet has the name": {
			objects: scaledObject("", "scaleTargetRef: {name: web, kind: StatefulSet}", daily) + ownHPA("apps/v1"), want: theirs,
		},
		"an HPA for a kind of another group does not": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", daily) + ownHPA("example.com/v1"), want: theirs,
		},
	})
}

func TestKEDAPauses(t *testing.T) {
	daily := cronTrigger("0 8 * * *", "0 9 * * *")
	gone := "KEDA deletes the HPA of a paused ScaledObject, so that there is no keda-hpa-web: end the pause before you go on, or write an HPA of that name"
	paused := []string{"    suspend: true\n", "the ScaledObject is paused\n", gone}
	try(t, "keda", map[string]importCase{
		"by true":               {objects: scaledObject("autoscaling.keda.sh/paused: 'true'", "scaleTargetRef: {name: web}", daily), want: paused},
		"by an empty value":     {objects: scaledObject("autoscaling.keda.sh/paused: ''", "scaleTargetRef: {name: web}", daily), want: paused},
		"by what is no boolean": {objects: scaledObject("autoscaling.keda.sh/paused: 'yes'", "scaleTargetRef: {name: web}", daily), want: paused},
		"not by false":          {objects: scaledObject("autoscaling.keda.sh/paused: 'false'", "scaleTargetRef: {name: web}", daily), never: []string{"suspend", "pause"}},
		"by no number at all":   {objects: scaledObject("autoscaling.keda.sh/paused-replicas: ''", "scaleTargetRef: {name: web}", daily), want: paused},
		"by a number, whatever else": {
			objects: scaledObject("autoscaling.keda.sh/paused-replicas: '5', autoscaling.keda.sh/paused: 'false'", "scaleTargetRef: {name: web}", daily),
			want:    []string{"    suspend: true\n", "the ScaledObject is paused at 5 replicas, which nothing here asks for\n", gone},
		},
		"with an HPA of one's own": {
			objects: scaledObject("autoscaling.keda.sh/paused: 'true'", "scaleTargetRef: {name: web}", daily) + ownHPA("apps/v1"),
			want:    []string{"the ScaledObject is paused\n"}, never: []string{"KEDA deletes"},
		},
		"of scaling in only": {
			objects: scaledObject("autoscaling.keda.sh/paused-scale-in: 'true'", "scaleTargetRef: {name: web}", daily),
			want:    []string{"paused-scale-in: KEDA's HPA does not scale down; your own needs behavior.scaleDown.selectPolicy: Disabled for that"},
			never:   []string{"suspend"},
		},
		"of scaling out only": {
			objects: scaledObject("autoscaling.keda.sh/paused-scale-out: ''", "scaleTargetRef: {name: web}", daily),
			want:    []string{"paused-scale-out: KEDA's HPA does not scale up; a floor raises the replicas all the same"},
			never:   []string{"suspend"},
		},
	})
}

func TestKEDASaysWhatNoWindowHolds(t *testing.T) {
	try(t, "keda", map[string]importCase{
		"the replicas of before KEDA": {
			objects: scaledObject("", "scaleTargetRef: {name: web}, advanced: {restoreToOriginalReplicaCount: true}", cronTrigger("0 8 * * *", "0 9 * * *")),
			want:    []string{"restoreToOriginalReplicaCount: KEDA sets the replicas back when the ScaledObject is deleted, with --cascade=orphan too; set it to false first"},
		},
		"a metric that multiplies": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", "{type: cron, metricType: Value, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: 5}}"),
			want:    []string{"metricType is Value: KEDA's HPA multiplied the ready Pods by desiredReplicas at each evaluation, up to maxReplicaCount; here it is desiredReplicas"},
		},
		"a workload at zero": {
			objects: strings.Replace(scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("0 8 * * *", "0 9 * * *")), "minReplicaCount: 1, ", "", 1),
			want:    []string{"no floor wakes a workload that is scaled to zero: set minReplicaCount to 1 or more before you go on"},
		},
	})
}

func TestKEDABehavedOtherwiseWhereALineComesDueTwiceInARow(t *testing.T) {
	const irregular = "KEDA was active whenever the next line to come due was an end, whatever came before: also between two ends " +
		"with no start between them, and not between two starts with no end between them"
	try(t, "keda", map[string]importCase{
		"ends too many": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("0 8,18 * * *", "0 10,20,21 * * *")),
			want: []string{"shop-web (ScaledObject shop/web (x.yaml:2), trigger 1: from \"0 8,18 * * *\" to \"0 10,20,21 * * *\"): " +
				irregular},
		},
		"once, for many windows": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("30 * * * *", "45-50 * * * *")),
			want: []string{"shop-web (ScaledObject shop/web (x.yaml:2), trigger 1: from \"30 * * * *\" to \"45-50 * * * *\"): " +
				irregular},
			never: []string{"shop-web-2 (ScaledObject"},
		},
		"the one time of the week": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("30 6 * * 1-5", "10 22 * * *")),
			want:    []string{irregular},
		},
		"a start too many": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("0 6,20,21 * * *", "0 7,22 * * *")),
			want: []string{"shop-web (ScaledObject shop/web (x.yaml:2), trigger 1: from \"0 6,20,21 * * *\" to \"0 7,22 * * *\"): " +
				irregular},
		},
		"not where starts and ends alternate": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("0 6,20 * * *", "0 7,22 * * *")),
			never:   []string{"KEDA was active"},
		},
	})
}

func TestKEDAReadsStepsBeyondTheRange(t *testing.T) {
	try(t, "keda", map[string]importCase{
		"as robfig/cron does": {
			objects: scaledObject("", "scaleTargetRef: {name: web}", cronTrigger("*/90 8 * * *", "30/9223372036854775807 9 * * *")),
			want:    []string{"    start: \"08:00\"\n", "    end: \"09:30\"\n"},
		},
	})
}
