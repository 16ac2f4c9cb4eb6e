package placeholders_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/schedules"
)

func parse(t *testing.T, text string) *schedules.Schedule {
	t.Helper()
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(
		"apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: UTC\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

func TestEachTargetHasAStandInThatItSelects(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"a name":       {`windows: [{name: w, start: "10:00", end: "11:00", targets: [{namespace: video, name: images, minReplicas: 5}]}]`, []string{"video/images 1"}},
		"a namespace":  {`windows: [{name: w, start: "10:00", end: "11:00", targets: [{namespace: video, minReplicas: 5}]}]`, []string{"video/* 1"}},
		"a percentage": {`windows: [{name: w, start: "10:00", end: "11:00", targets: [{namespace: video, minReplicas: 150%}]}]`, []string{"video/* 100"}},
		"a multiplier of the baseline": {
			`events: [{name: e, start: 2026-12-01T10:00, duration: 1h, multiplier: 2, targets: [{namespace: video}]}]`, []string{"video/* 100"},
		},
		"a multiplier of windows": {`
windows: [{name: w, start: "10:00", end: "11:00", targets: [{namespace: video, name: images, minReplicas: 5}]}]
events: [{name: e, start: 2026-12-01T10:00, duration: 1h, multiplier: 2, targets: [{namespace: video}]}]`, []string{"video/images 1", "video/* 100"}},
		"both a number and a percentage": {`
windows:
  - {name: v, start: "10:00", end: "11:00", targets: [{namespace: video, name: images, minReplicas: 5}]}
  - {name: w, start: "10:00", end: "11:00", targets: [{namespace: video, name: images, minReplicas: 200%}]}`, []string{"video/images 1", "video/images 100"}},
		"labels": {
			`
windows:
  - name: w
    start: "10:00"
    end: "11:00"
    targets:
      - {selector: {matchLabels: {tier: front}}, minReplicas: 5}
      - {namespace: shop, selector: {matchExpressions: [{key: tier, operator: In, values: [b, a]}, {key: x, operator: Exists}, {key: y, operator: DoesNotExist}]}, minReplicas: 5}`,
			[]string{"*/tier=front 1", "shop/tier in (a,b),x,!y 1"},
		},
		"both in a namespace": {
			`windows: [{name: w, start: "10:00", end: "11:00", targets: [{namespace: video, minReplicas: 5}, {namespace: video, minReplicas: 200%}]}]`,
			[]string{"video/* 1", "video/* with baseline 100 100"},
		},
		"a label that is asked for twice": {
			`windows: [{name: w, start: "10:00", end: "11:00", targets: [{selector: {matchLabels: {tier: front}, matchExpressions: [{key: tier, operator: In, values: [front]}]}, minReplicas: 5}]}]`,
			[]string{"*/tier=front 1"},
		},
		"a value that is excluded": {
			`windows: [{name: w, start: "10:00", end: "11:00", targets: [{selector: {matchExpressions: [{key: tier, operator: In, values: [a, b]}, {key: tier, operator: NotIn, values: [a]}]}, minReplicas: 5}]}]`,
			[]string{"*/tier in (a,b),tier notin (a) 1"},
		},
		"a selector that nothing can match": {
			`windows: [{name: w, start: "10:00", end: "11:00", targets: [{selector: {matchLabels: {tier: front}, matchExpressions: [{key: tier, operator: DoesNotExist}]}, minReplicas: 5}]}]`, nil,
		},
		"a suspended entry": {`windows: [{name: w, suspend: true, start: "10:00", end: "11:00", targets: [{namespace: video, minReplicas: 5}]}]`, nil},
		"the same target twice": {`
windows:
  - {name: v, start: "10:00", end: "11:00", targets: [{namespace: video, minReplicas: 5}]}
  - {name: w, start: "12:00", end: "13:00", targets: [{namespace: video, minReplicas: 7}]}`, []string{"video/* 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			schedule := parse(t, test.text)
			var got []string
			for _, hpa := range placeholders.For(schedule, schedule) {
				got = append(got, fmt.Sprintf("%s/%s %d", hpa.Namespace, hpa.Name, *hpa.Spec.MinReplicas))
				subject := schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: *hpa.Spec.MinReplicas}
				if len(schedule.Covering(subject)) == 0 {
					t.Errorf("no entry covers %s/%s", hpa.Namespace, hpa.Name)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("placeholders (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhatTellsSelectorsApartHasAStandIn compares schedules of which one selects more than the other.
func TestWhatTellsSelectorsApartHasAStandIn(t *testing.T) {
	window := func(selector string) *schedules.Schedule {
		return parse(t, `windows: [{name: w, start: "10:00", end: "11:00", targets: [{selector: {matchExpressions: [`+selector+`]}, minReplicas: 5}]}]`)
	}
	const back = `{key: tier, operator: In, values: [back]}`
	for name, wider := range map[string]string{
		"a value less":        `{key: tier, operator: In, values: [back, front]}`,
		"a value for any":     `{key: tier, operator: Exists}`,
		"any for one":         `{key: tier, operator: NotIn, values: [other]}`,
		"a further condition": `{key: tier, operator: In, values: [back]}, {key: canary, operator: DoesNotExist}`,
		"an exclusion":        `{key: tier, operator: In, values: [back]}, {key: canary, operator: NotIn, values: ["yes"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			before, after := window(wider), window(back)
			told := 0
			for _, hpa := range placeholders.For(before, after) {
				subject := schedules.HPA{Namespace: hpa.Namespace, Name: hpa.Name, Labels: hpa.Labels, Baseline: 1}
				if len(before.Covering(subject)) != len(after.Covering(subject)) {
					told++
				}
			}
			if told == 0 {
				t.Error("no placeholder is covered by one of the schedules and not by the other")
			}
		})
	}
}
