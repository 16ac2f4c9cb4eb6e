package imports_test

import (
	"fmt"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/imports"
)

// prescaledHPA returns an HPA video/images with the exporter's annotations.
func prescaledHPA(replicas, start, end string) string {
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: images
  namespace: video
  annotations:
    annotations.scaling.exporter.replica.min: %q
    annotations.scaling.exporter.time.start: %q
    annotations.scaling.exporter.time.end: %q
---
`, replicas, start, end)
}

// prescalingEvent returns an event on a day of December 2026.
func prescalingEvent(start, end string) string {
	return fmt.Sprintf(`
apiVersion: prescaling.bedrock.tech/v1
kind: PrescalingEvent
metadata: {name: final, namespace: prescaling}
spec: {date: "2026-12-18", start_time: %q, end_time: %q, multiplier: 3, description: ""}
---
`, start, end)
}

// exporterIn returns the exporter's Deployment with a value of TZ.
func exporterIn(zone string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: exporter, namespace: prescaling}
spec: {template: {spec: {containers: [{name: exporter, image: prescaling-exporter, env: [{name: TZ, value: %q}]}]}}}
---
`, zone)
}

func TestPrescalingEventsThatTheExporterCouldNotRead(t *testing.T) {
	utc := imports.Options{TimeZone: "UTC"}
	try(t, "prescaling-exporter", map[string]importCase{
		"a start without seconds": {
			options: utc, objects: prescalingEvent("20:00", "23:00:00"),
			want: []string{
				`start: "2026-12-18T20:00"`, `end: "2026-12-18T23:00"`,
				`: "20:00" there, without seconds, which the exporter could not read: see whether it was ever active as its text means`,
			},
			never: []string{"crosses midnight"},
		},
		"a start without seconds, and an end on the next day": {
			options: utc, objects: prescalingEvent("20:00", "02:00:00"),
			want: []string{`end: "2026-12-19T02:00"`, `"20:00" there, without seconds, which the exporter could not read`},
		},
		"an end without seconds": {
			options: utc, objects: prescalingEvent("20:00:00", "23:00"),
			want: []string{`end: "2026-12-18T23:00"`, `: "23:00" there, without seconds, which the exporter could not read`},
		},
		"a start that is none": {
			options: utc, objects: prescalingEvent("8pm", "23:00:00"),
			want:  []string{`its start_time is "8pm", not a time such as 20:00:00`},
			never: []string{"start:"},
		},
		"no start": {
			options: utc, objects: prescalingEvent("", "23:00:00"), want: []string{`its start_time is "", not a time such as 20:00:00`}, never: []string{"start:"},
		},
		"an end that is none": {
			options: utc, objects: prescalingEvent("20:00:00", "late"), want: []string{`its end_time is "late", not a time such as 20:00:00`}, never: []string{"start:"},
		},
		"a start that is the end": {
			options: utc, objects: prescalingEvent("20:00:00", "20:00:00"),
			want: []string{"it starts and ends at 20:00"}, never: []string{"start:"},
		},
		"a start that is the end, but for its seconds": {
			options: utc, objects: prescalingEvent("20:00", "20:00:00"),
			want: []string{"it starts and ends at 20:00"}, never: []string{"start:"},
		},
	})
}

func TestPrescaledHPAs(t *testing.T) {
	utc := imports.Options{TimeZone: "UTC"}
	try(t, "prescaling-exporter", map[string]importCase{
		"no time of their own, for events only": {
			options: utc, objects: prescaledHPA("4", "00:00:00", "00:00:00") + prescalingEvent("20:00:00", "23:00:00"),
			want: []string{
				"  - name: events-only\n", `exceptDates: ["0001-01-01/9999-12-31"]`, "{namespace: video, name: images, minReplicas: 4}",
				"events-only (From the annotations of the HPAs below): these HPAs start and end at the same time, so that the exporter " +
					"scaled them during events only: this window never opens, and says what an event multiplies",
			},
			never: []string{"there is no window"},
		},
		"no replicas": {
			options: utc, objects: prescaledHPA("0", "20:00:00", "23:00:00"), want: []string{"not a number of replicas; the exporter ignored this HPA"},
		},
		"fewer replicas than none": {
			options: utc, objects: prescaledHPA("-5", "20:00:00", "23:00:00"),
			want: []string{`is "-5": in its hours the exporter kept the HPA from scaling down, which no floor can do`}, never: []string{"ignored"},
		},
		"more replicas than a number can say": {
			options: utc, objects: prescaledHPA("99999999999999999999", "20:00:00", "23:00:00"),
			want: []string{"minReplicas: 999999", "is more than a schedule can ask for"}, never: []string{"ignored"},
		},
	})
}

func TestPrescalingZones(t *testing.T) {
	for zone, want := range map[string]string{
		":Europe/Paris": "timeZone: Europe/Paris\n", "/usr/share/zoneinfo/Europe/Paris": "timeZone: Europe/Paris\n",
		":/usr/share/zoneinfo/Europe/Paris": "timeZone: Europe/Paris\n", "": "timeZone: UTC\n",
	} {
		try(t, "prescaling-exporter", map[string]importCase{"TZ=" + zone: {
			objects: prescaledHPA("4", "20:00:00", "23:00:00") + exporterIn(zone), want: []string{want}, never: []string{"fell back"},
		}})
	}
	try(t, "prescaling-exporter", map[string]importCase{"TZ=Paris": {
		objects: prescaledHPA("4", "20:00:00", "23:00:00") + exporterIn("Paris"), want: []string{"timeZone: UTC\n", `the exporter's time zone, "Paris",`},
	}})
	try(t, "prescaling-exporter", map[string]importCase{"TZ in a ConfigMap that is not there": {
		objects: prescaledHPA("4", "20:00:00", "23:00:00") + `
apiVersion: apps/v1
kind: Deployment
metadata: {name: exporter, namespace: prescaling}
spec: {template: {spec: {containers: [{name: exporter, image: prescaling-exporter, envFrom: [{configMapRef: {name: settings}}]}]}}}
`,
		want: []string{"timeZone: Europe/Paris\n", "its settings are in the ConfigMap settings, which is not among the objects", "Europe/Paris is assumed"},
	}})
}
