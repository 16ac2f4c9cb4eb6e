package page_test

import (
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/zones"
)

// header begins every schedule.
const header = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\n"

// samples lists the names of the documents that the golden files and the tests in a browser are made of.
func samples() []string {
	return []string{"empty", "one", "forty", "clocks", "hostile", "refused", "unread", "wide", "held", "assumed", "unmatched", "mistaken", "distant", "crowd", "year"}
}

// sampleOf returns the sample of a name.
func sampleOf(name string) (*page.Document, error) {
	draw, known := map[string]func() (*page.Document, error){
		"empty": empty, "one": one, "clocks": clocks, "hostile": hostile, "refused": refused, "unread": unread, "wide": wide,
		"held": held, "assumed": assumed, "unmatched": unmatched, "mistaken": mistaken, "distant": distant, "year": year,
		"forty": func() (*page.Document, error) { return forty(40) },
		"crowd": func() (*page.Document, error) { return forty(1000) },
	}[name]
	if !known {
		return nil, fmt.Errorf("there is no sample %q", name)
	}
	return draw()
}

func empty() (*page.Document, error) {
	return document("The week of 14 December", "windows: []\n", nil, "2026-12-14T00:00:00+01:00", 7*day)
}

func year() (*page.Document, error) {
	return document("A year", evening, fleet(6), "2026-01-01T00:00:00+01:00", 365*day)
}

// unread returns the page of a controller that has not read a valid schedule yet.
func unread() (*page.Document, error) {
	return &page.Document{
		Title: "floorkeeper in cluster stage", Location: time.UTC, Now: time.Unix(1797681600, 0), Controls: &page.Query{For: "2d"},
		Refused: []string{`schedule.yaml:12:5: error: unknown field "widnows"; did you mean "windows"? [unknown-field]`}, Leader: "not known yet (this replica has not joined the election)",
	}, nil
}

// mistaken returns the answer to a query that asks for what there cannot be.
func mistaken() (*page.Document, error) {
	return &page.Document{
		Title: "A question without an answer", Location: time.UTC, Now: time.Unix(1797681600, 0), Controls: &page.Query{From: "yesterday", For: "2d"},
		Mistake: `cannot use from: "yesterday" is no date`,
	}, nil
}

const day = 24 * time.Hour

const evening = `windows:
  - name: prime-time
    description: after work
    start: "19:30"
    end: "00:30"
    leadTime: 10m
    rampUp: 30m
    rampDown: 1h
    targets: [{selector: {matchLabels: {tier: front}}, minReplicas: 400%}]
  - name: office-hours
    days: [mon-fri]
    start: "08:00"
    end: "18:00"
    targets: [{namespace: office, minReplicas: 8}]
  - name: month-end-billing
    daysOfMonth: [18]
    start: "17:00"
    duration: 12h
    targets: [{namespace: billing, minReplicas: 12}, {namespace: video, name: images, minReplicas: 14}]
`

const match = `events:
  - name: cup-final
    description: France - Brazil, four million viewers expected
    start: "2026-12-18T20:00"
    end: "2026-12-18T23:59"
    leadTime: 45m
    rampDown: 40m
    multiplier: 3
  - name: load-test
    start: "2026-12-19T10:00"
    duration: 2h
    targets: [{namespace: office, minReplicas: 5}, {namespace: video, minReplicas: 18}]
`

// document makes a document of a schedule and HPAs, rendered at its beginning.
func document(title, schedule string, hpas []autoscalingv2.HorizontalPodAutoscaler, from string, length time.Duration) (*page.Document, error) {
	parsed, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(header + schedule)})
	if err != nil {
		return nil, err
	}
	zone, err := zones.Load("Europe/Paris")
	if err != nil {
		return nil, err
	}
	begin, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return nil, err
	}
	scope := autoscaler.Scope{ExcludeNamespaces: []string{"kube-system"}}
	f := forecast.New(parsed, scope, hpas, begin, begin.Add(length))
	f.Context = forecast.Context{Now: begin}
	return &page.Document{
		Title: title, Forecast: f, Location: zone, Now: begin.Add(length / 3), Findings: f.Findings(),
		Revision: page.Revision{SHA256: "6f1c2b9ad4e85c30916b7f6adf0cbb6b4b0e7a5fe2b1a0c68f36e9a9b4f1d2c3"},
		Remedy:   "give a namespace or a name",
	}, nil
}

// hpa returns an HPA of a namespace and name, with labels and minReplicas up to maxReplicas.
func hpa(namespace, name, tier string, low, high int32) autoscalingv2.HorizontalPodAutoscaler {
	return autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"tier": tier}},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &low, MaxReplicas: high},
	}
}

func one() (*page.Document, error) {
	return document("prime-time on video/images", evening, []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "images", "front", 4, 40)},
		"2026-12-18T00:00:00+01:00", 2*day)
}

// fleet returns so many HPAs of a television platform.
func fleet(n int) []autoscalingv2.HorizontalPodAutoscaler {
	namespaces := []string{"video", "office", "billing", "api", "search"}
	names := []string{"images", "player", "catalog", "session", "recommendations-personalised", "edge-gateway", "transcoder", "subtitles"}
	tiers := []string{"front", "back", "front"}
	var all []autoscalingv2.HorizontalPodAutoscaler
	for i := range n {
		name := names[i/len(namespaces)%len(names)]
		if round := i / len(namespaces) / len(names); round > 0 {
			name = fmt.Sprintf("%s-%d", name, round)
		}
		low := int32(2 + i*7%11)
		all = append(all, hpa(namespaces[i%len(namespaces)], name, tiers[i%len(tiers)], low, low*int32(3+i%9)))
	}
	return all
}

// forty returns a night of many HPAs on a cluster, with one contested, one ignored, one that KEDA owns and one damaged.
func forty(n int) (*page.Document, error) {
	all := fleet(n)
	all[3].Annotations = map[string]string{"floorkeeper.dev/ignore": "true"}
	all[5].OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "player"}}
	all[6].Annotations = map[string]string{"floorkeeper.dev/baseline": "six"}
	now := time.Date(2026, 12, 18, 20, 14, 0, 0, time.UTC)
	if err := hold(evening+match, all, now); err != nil {
		return nil, err
	}
	all[1].Spec.MinReplicas = new(int32(9)) // somebody does not like the floor
	d, err := document("floorkeeper in cluster north", evening+match, all, "2026-12-18T06:00:00+01:00", 2*day)
	if err != nil {
		return nil, err
	}
	d.Now = now
	d.Live, d.Leader = true, "floorkeeper-6b7f9c5d4-x2x7p (this replica)"
	d.Revision.LoadedAt = d.Now.Add(-30 * time.Hour)
	d.Controls = &page.Query{For: "2d", Zone: "Europe/Paris"}
	d.Remedy = "filter by namespace or name"
	return d, nil
}

// hold makes the HPAs what the controller makes of them.
func hold(schedule string, all []autoscalingv2.HorizontalPodAutoscaler, now time.Time) error {
	parsed, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(header + schedule)})
	if err != nil {
		return err
	}
	for i := range all {
		next := autoscaler.Scope{}.Judge(parsed, &all[i], now).Desired
		if next.Condition == autoscaler.Held {
			all[i].Spec.MinReplicas = &next.MinReplicas
			all[i].Annotations = map[string]string{
				autoscaler.AnnotationBaseline: fmt.Sprint(next.Mark.Baseline), autoscaler.AnnotationFloor: fmt.Sprint(next.Mark.Floor),
				autoscaler.AnnotationBecause: next.Mark.Because, autoscaler.AnnotationSince: next.Mark.Since, autoscaler.AnnotationUntil: next.Mark.Until,
			}
		}
	}
	return nil
}

// clocks returns the week in which the clocks of Europe go back.
func clocks() (*page.Document, error) {
	d, err := document("The week in which the clocks go back", evening+`  - name: backup
    start: "02:30"
    end: "04:00"
    targets: [{namespace: office, minReplicas: 20}]
`, fleet(5), "2026-10-23T00:00:00+02:00", 4*day)
	if err == nil {
		d.Now = time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
	}
	return d, err
}

// hostile returns names that try to be more than names.
func hostile() (*page.Document, error) {
	all := fleet(4)
	all[0].Name = "<script>alert(1)</script>"
	all[1].Namespace, all[1].Name = `"><img src=x onerror=alert(2)>`, "\x1b[31mred\x00\u202egnp.exe"
	all[2].Name = strings.Repeat("long-name-without-any-end-", 12)
	all[3].Namespace, all[3].Name = "]]></title></svg><svg/onload=alert(3)>", "{{.Title}} `${7*7}` &amp; \u2028 ' -->"
	for i := range all {
		all[i].Labels = map[string]string{"tier": "front"}
	}
	d, err := document("</title><script>alert(4)</script>", evening+match, all, "2026-12-18T06:00:00+01:00", 2*day)
	if err != nil {
		return nil, err
	}
	d.Live, d.Leader = true, "<b>pod</b>\u202e"
	d.Revision.SHA256 = "</style><script>"
	d.Controls = &page.Query{From: `"><script>alert(5)</script>`, Zone: "javascript:alert(6)", Namespace: "' onfocus=alert(7) '", Name: "&quot;"}
	d.Refused = []string{"</code><script>alert(8)</script>.yaml:1:1: error: <b>no</b> [syntax]"}
	d.Places = func(entry string) string { return "<i>" + entry + ".yaml:3" }
	return d, nil
}

// refused returns a cluster in which the last edit of the schedule is invalid.
func refused() (*page.Document, error) {
	d, err := forty(7)
	if err != nil {
		return nil, err
	}
	d.Refused = []string{
		`schedule.yaml:14:12: error: start and end are both 19:30; write the one that you mean, or duration: 24h [empty-window]`,
		`schedule.yaml:22:9: error: unknown field "minReplica"; did you mean "minReplicas"? [unknown-field]`,
	}
	return d, nil
}
