package diff_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/diff"
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
	report := diff.NewReport(oneYear(parse(t, "windows: []"), hpas), oneYear(parse(t, text.String()), hpas), time.UTC)
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

// TestHPAsThatChangeAlikeAreOneLine compares for twelve HPAs that are alike, and one that is not.
func TestHPAsThatChangeAlikeAreOneLine(t *testing.T) {
	hpas := []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "other", 7, 1000)}
	for i := range 12 {
		hpas = append(hpas, hpa("video", fmt.Sprintf("front-%d", i), 4, 1000))
	}
	report := diff.NewReport(oneYear(parse(t, "windows: []"), hpas), oneYear(parse(t, nightly), hpas), time.UTC)
	var text, markdown bytes.Buffer
	if err := errors.Join(report.Text(&text), report.Markdown(&markdown)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"video/front-0, video/front-1, video/front-10 and 9 more  4 → 25\n", "video/other                                              7 → 25\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	for _, want := range []string{"| video/front-0, video/front-1, video/front-10 and 9 more | 4 → **25** | raised by window prime-time |\n", "|  |  | video/other | 7 → **25** |  |\n"} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the comment lacks %q:\n%s", want, markdown.String())
		}
	}
}
