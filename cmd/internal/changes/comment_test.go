package changes_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/changes"
)

// TestMarkdownFitsIntoAComment compares schedules that differ in very much.
func TestMarkdownFitsIntoAComment(t *testing.T) {
	var text strings.Builder
	text.WriteString("events:\n")
	for i := range 500 {
		fmt.Fprintf(&text, "- {name: event-%d, start: %s, duration: 1h, targets: [{namespace: video, minReplicas: %d}]}\n",
			i, begin.Add(time.Duration(i)*3*time.Hour).Format("2006-01-02T15:04"), 10+i)
	}
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i := range 50 {
		hpas = append(hpas, hpa("video", fmt.Sprintf("a-service-with-a-long-name-%d", i), 4, 1000))
	}
	report := changes.Compare(forecast(parse(t, "windows: []"), hpas), forecast(parse(t, text.String()), hpas), time.UTC)
	for range 500 {
		report.Warnings = append(report.Warnings, strings.Repeat("A warning of some length. ", 10))
	}
	var markdown bytes.Buffer
	if err := report.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	if got := markdown.Len(); got > 65_536 {
		t.Errorf("the comment has %d bytes, and GitHub takes 65,536 characters", got)
	}
	for _, want := range []string{"more warnings", "more entries", "more changes", "event-0", "a-service-with-a-long-name-1, "} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the comment lacks %q", want)
		}
	}
}
