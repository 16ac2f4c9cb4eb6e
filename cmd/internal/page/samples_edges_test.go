package page_test

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/cmd/internal/placeholders"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// wide returns what takes most room: times with seconds, and the largest numbers that there are.
func wide() (*page.Document, error) {
	d, err := document("Large numbers, odd times", `windows:
  - name: everything-that-there-is
    start: "19:30:17"
    end: "00:30"
    rampUp: 30m
    targets: [{namespace: a, minReplicas: 999999}]
  - name: before
    start: "18:00:01"
    end: "23:00"
    targets: [{namespace: a, minReplicas: 500}]
`, []autoscalingv2.HorizontalPodAutoscaler{
		hpa("a", "recommendations-personalised", "front", 1, 999_999), hpa("a", "clamped", "front", 4, 10), hpa("a", "above", "front", 600, 900_000),
	}, "2026-12-18T06:00:00+01:00", 2*day)
	if err != nil {
		return nil, err
	}
	d.Live, d.Leader = true, "floorkeeper-6b7f9c5d4-x2x7p (this replica)"
	d.Peak = page.Peak{Pods: 1_234_567, At: d.Now, Requests: "123456.789 CPU and 1234567Mi of memory"}
	d.Controls = &page.Query{For: "2d", Namespace: "a"}
	d.Unread = []string{"hpas.yaml:3:1: error: cannot read this any more"}
	return d, nil
}

// held returns an hour in which nothing changes: of HPAs that are held, by one entry of two that ask for as much, up to
// maxReplicas and below a baseline, and of one whose annotations are damaged while it is raised.
func held() (*page.Document, error) {
	all := []autoscalingv2.HorizontalPodAutoscaler{
		hpa("video", "images", "front", 4, 40), hpa("video", "player", "front", 6, 20), hpa("office", "mail", "back", 12, 30), hpa("video", "damaged", "front", 25, 400),
	}
	all[3].Annotations = map[string]string{autoscaler.AnnotationBaseline: "six"}
	return document("An hour", evening+`  - name: late-shift
    start: "18:00"
    end: "22:00"
    targets: [{namespace: office, minReplicas: 8}, {namespace: video, name: images, minReplicas: 16}]
`, all, "2026-12-17T21:00:00+01:00", time.Hour)
}

// assumed returns what a schedule does without HPAs.
func assumed() (*page.Document, error) {
	parsed, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(header + evening + match)})
	if err != nil {
		return nil, err
	}
	d, err := document("Of targets alone", evening+match, placeholders.For(parsed), "2026-12-18T06:00:00+01:00", 2*day)
	if err == nil {
		d.Assumed = true
	}
	return d, err
}

// unmatched returns a page that is asked for a namespace that there is not.
func unmatched() (*page.Document, error) {
	d, err := document("floorkeeper", evening, nil, "2026-12-18T06:00:00+01:00", 2*day)
	if err == nil {
		d.Controls = &page.Query{For: "2d", Namespace: "vide0"}
	}
	return d, err
}

// distant returns a year in which little happens.
func distant() (*page.Document, error) {
	return document("Twelve months", `windows:
  - name: month-end-billing
    daysOfMonth: [-1]
    start: "17:00"
    duration: 12h
    targets: [{namespace: billing, minReplicas: 12}]
`, fleet(5), "2026-12-01T00:00:00+01:00", 366*day)
}
