package imports_test

import (
	"fmt"
	"testing"
)

// literals are all variables of hpa-time-scaler but its time zone and its replicas.
const literals = `{name: NAMESPACE, value: shop}, {name: HPA_NAME, value: web}, {name: SCALE_UP_TIME, value: "08:00"}, {name: SCALE_DOWN_TIME, value: "13:30"}`

// scalerJob returns a CronJob of hpa-time-scaler, with further fields of its spec, variables, and where more come from.
func scalerJob(schedule, spec, env, envFrom string) string {
	return fmt.Sprintf(`
apiVersion: batch/v1
kind: CronJob
metadata: {name: scaler, namespace: shop}
spec:
  schedule: %q
  %s
  jobTemplate: {spec: {template: {spec: {containers: [{name: scaler, image: hpa-time-scaler, env: [%s], envFrom: [%s]}]}}}}
---
`, schedule, spec, env, envFrom)
}

// inZone returns the variables for a time zone.
func inZone(zone string) string {
	return literals + ", {name: TIMEZONE, value: " + zone + "}"
}

func TestHPATimeScalerRunsByTheClockOfItsCronJob(t *testing.T) {
	const utc = "timeZone: Etc/UTC"
	try(t, "hpa-time-scaler", map[string]importCase{
		"hours of another zone": {
			objects: scalerJob("1 22,4 * * *", utc, inZone("Australia/Brisbane"), ""),
			want:    []string{"start: \"08:00\"", "end: \"13:30\"", "the CronJob changed minReplicas only when it ran, at \"1 22,4 * * *\" in the time zone Etc/UTC: "},
			never:   []string{"days:"},
		},
		"days of another zone": {
			objects: scalerJob("1 22 * * 0-4", utc, inZone("Australia/Brisbane"), ""),
			want: []string{
				"days: [mon-thu, sun]", "the CronJob changed minReplicas only when it ran, at \"1 22 * * 0-4\" in the time zone Etc/UTC: " +
					"see that these days and hours in Australia/Brisbane are what is meant",
			},
		},
		"dates of another zone": {
			objects: scalerJob("1 22,4 1 * *", utc, inZone("Australia/Brisbane"), ""),
			want:    []string{"daysOfMonth: [1]", "the CronJob changed minReplicas only when it ran, at \"1 22,4 1 * *\" in the time zone Etc/UTC: "},
		},
		"days of a zone that changes its clocks": {
			objects: scalerJob("1 22,5 * * 0-4", utc, inZone("Australia/Melbourne"), ""),
			want: []string{
				"days: [mon-thu, sun]",
				"the CronJob changed minReplicas only when it ran, at \"1 22,5 * * 0-4\" in the time zone Etc/UTC: ",
			},
		},
		"days that change with the clocks": {
			objects: scalerJob("30 13 * * 1-5", utc, `{name: NAMESPACE, value: shop}, {name: HPA_NAME, value: web}, {name: SCALE_UP_TIME, value: "23:00"}, `+
				`{name: SCALE_DOWN_TIME, value: "23:50"}, {name: TIMEZONE, value: Australia/Melbourne}`, ""),
			want: []string{"the CronJob changed minReplicas only when it ran, at \"30 13 * * 1-5\" in the time zone Etc/UTC: "},
		},
		"nights of another zone": {
			objects: scalerJob("30 13,20 * * 1-5", utc, `{name: NAMESPACE, value: shop}, {name: HPA_NAME, value: web}, {name: SCALE_UP_TIME, value: "22:00"}, `+
				`{name: SCALE_DOWN_TIME, value: "06:00"}, {name: TIMEZONE, value: Australia/Melbourne}`, ""),
			want: []string{"days: [mon-fri]", "the CronJob changed minReplicas only when it ran, at \"30 13,20 * * 1-5\" in the time zone Etc/UTC: "},
		},
		"a zone that Kubernetes does not know": {
			objects: scalerJob("1 * * * *", "timeZone: Mars/Olympus", inZone("UTC"), ""),
			want:    []string{`its timeZone is "Mars/Olympus", not an IANA name, so that it does not run`}, never: []string{"start:"},
		},
		"days that are meant as they are written": {
			objects: scalerJob("1,31 * * * 1-5", utc, inZone("Australia/Brisbane"), ""),
			want: []string{
				"days: [mon-fri]", "the CronJob changed minReplicas only when it ran, at \"1,31 * * * 1-5\" in the time zone Etc/UTC: ",
			},
		},
		"hours of a zone that nobody names": {
			objects: scalerJob("1 22,4 * * *", "", inZone("Australia/Brisbane"), ""),
			want: []string{"the CronJob changed minReplicas only when it ran, at \"1 22,4 * * *\" in the time zone UTC, which is assumed as the " +
				"CronJob names no time zone and runs by the clock of kube-controller-manager: see that these days and hours in " +
				"Australia/Brisbane are what is meant"},
			never: []string{"days:"},
		},
		"days of a zone that nobody names": {
			objects: scalerJob("1 22 * * 0-4", "", inZone("Australia/Brisbane"), ""),
			want:    []string{"days: [mon-thu, sun]", "the CronJob names no time zone"},
		},
		"a zone that does not matter": {
			objects: scalerJob("1,31 * * * *", "", inZone("Australia/Melbourne"), ""), never: []string{"the CronJob", "days:"},
		},
		"a run too late, in the same zone": {
			objects: scalerJob("1 8,15 * * 1-5", "timeZone: Europe/Oslo", inZone("Europe/Oslo"), ""),
			want:    []string{"days: [mon-fri]", "the CronJob changed minReplicas only when it ran"},
		},
		"a run on the next day, which is none of the days": {
			objects: scalerJob("0 * * * 1-5", "timeZone: UTC", `{name: NAMESPACE, value: shop}, {name: HPA_NAME, value: web}, `+
				`{name: SCALE_UP_TIME, value: "08:00"}, {name: SCALE_DOWN_TIME, value: "23:30"}`, ""),
			want: []string{"days: [mon-fri]", "the CronJob changed minReplicas only when it ran"},
		},
		"the same zone": {
			objects: scalerJob("1 8,14 * * 1-5", "timeZone: Europe/Oslo", inZone("Europe/Oslo"), ""), want: []string{"days: [mon-fri]"}, never: []string{"the CronJob"},
		},
	})
}

func TestHPATimeScalerSettings(t *testing.T) {
	const hourly = "1 * * * *"
	const secret = "its settings are in the Secret numbers, which is not read: write them into env as values, for the import"
	config := "{apiVersion: v1, kind: ConfigMap, metadata: {name: numbers, namespace: shop}, data: {SCALE_UP_REPLICAS: %s}}"
	variable := func(from string) string { return literals + ", {name: SCALE_UP_REPLICAS, valueFrom: {" + from + "}}" }
	all := inZone("UTC") + `, {name: SCALE_UP_REPLICAS, value: "7"}, {name: SCALE_DOWN_REPLICAS, value: "1"}`
	nothing := []string{"start:"}
	try(t, "hpa-time-scaler", map[string]importCase{
		"a variable from a Secret": {
			objects: scalerJob(hourly, "", variable("secretKeyRef: {name: numbers, key: up}"), ""), want: []string{secret}, never: nothing,
		},
		"all variables from a Secret": {
			objects: scalerJob(hourly, "", literals, "{secretRef: {name: numbers}}"), want: []string{secret}, never: nothing,
		},
		"a Secret that can hold none of them": {
			objects: scalerJob(hourly, "", literals, "{prefix: X_, secretRef: {name: numbers}}"), want: []string{"minReplicas: 2"},
		},
		"a Secret whose values are all replaced": {
			objects: scalerJob(hourly, "", all, "{secretRef: {name: numbers}}"), want: []string{"minReplicas: 7"},
		},
		"a variable that does not matter, from a Secret": {
			objects: scalerJob(hourly, "", literals+", {name: TOKEN, valueFrom: {secretKeyRef: {name: numbers, key: token}}}", ""), want: []string{"minReplicas: 2"},
		},
		"a key of a ConfigMap": {
			objects: scalerJob(hourly, "", variable("configMapKeyRef: {name: numbers, key: SCALE_UP_REPLICAS}"), "") + fmt.Sprintf(config, "'25'"), want: []string{"minReplicas: 25"},
		},
		"a key that is missing": {
			objects: scalerJob(hourly, "", variable("configMapKeyRef: {name: numbers, key: up}"), "") + fmt.Sprintf(config, "'25'"),
			want:    []string{`its SCALE_UP_REPLICAS is in the ConfigMap numbers, which has no key "up", so that its container does not start`}, never: nothing,
		},
		"a key that may be missing": {
			objects: scalerJob(hourly, "", variable("configMapKeyRef: {name: numbers, key: up, optional: true}"), "") + fmt.Sprintf(config, "'25'"), want: []string{"minReplicas: 2"},
		},
		"a number in a ConfigMap": {
			objects: scalerJob(hourly, "", literals, "{configMapRef: {name: numbers}}") + fmt.Sprintf(config, "25"),
			want:    []string{"its settings are in the ConfigMap numbers, whose data is not all text, which the API server refuses: put it in quotes"}, never: nothing,
		},
		"a number in the CronJob": {
			objects: scalerJob(hourly, "", literals+", {name: SCALE_UP_REPLICAS, value: 25}", ""),
			want:    []string{"CronJob shop/scaler (x.yaml:2): it cannot be read: json: cannot unmarshal number into Go struct field EnvVar"}, never: nothing,
		},
		"a field that only the Pod has": {
			objects: scalerJob(hourly, "", literals+", {name: HPA_NAME, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[app]'}}}", ""),
			want:    []string{"its HPA_NAME is known only once the Pod runs: write it into env as a value, for the import"}, never: nothing,
		},
	})
}

func TestHPATimeScalerAndTheHPA(t *testing.T) {
	hpa := "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {minReplicas: %d, maxReplicas: 9}}"
	try(t, "hpa-time-scaler", map[string]importCase{
		"a manifest without a namespace": {
			objects: `
apiVersion: batch/v1
kind: CronJob
metadata: {name: scaler}
spec:
  schedule: "1,31 * * * *"
  jobTemplate: {spec: {template: {spec: {containers: [{name: scaler, image: hpa-time-scaler, envFrom: [{configMapRef: {name: settings}}],
    env: [{name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}]}]}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {HPA_NAME: web}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, spec: {minReplicas: 1, maxReplicas: 9}}
`,
			want:  []string{"the manifest names no namespace; default is assumed, --namespace names another", "- {namespace: default, name: web, minReplicas: 2}"},
			never: []string{"SCALE_DOWN_REPLICAS"},
		},
		"a program that does not start": {
			objects: scalerJob("1,31 * * * *", "", "{name: HPA_NAME, value: web}", ""), want: []string{"it has no HPA_NAME or no NAMESPACE"},
		},
		"an HPA that the CronJob has raised": {
			objects: scalerJob("1,31 * * * *", "", literals, "") + fmt.Sprintf(hpa, 2),
			want: []string{"SCALE_DOWN_REPLICAS is 1, and the HPA has minReplicas 2: " +
				"outside of the window set it to 1 in the HPA's manifest, as no schedule holds that"},
		},
		"an HPA with another number": {
			objects: scalerJob("1,31 * * * *", "", literals, "") + fmt.Sprintf(hpa, 4),
			want:    []string{"SCALE_DOWN_REPLICAS is 1, and the HPA has minReplicas 4: outside of the window set it to 1 in the HPA's manifest, as no schedule holds that"},
		},
		"a clock of its own": {
			objects: scalerJob("1,31 * * * *", "", inZone("Local"), ""), want: []string{"usually UTC, which is assumed"}, never: []string{"could not load"},
		},
	})
}
