package page_test

import (
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// TestALimitIsNamed: picture, table and text name what has clamped a floor, which is not always maxReplicas.
func TestALimitIsNamed(t *testing.T) {
	for limit, want := range map[autoscaler.Limit][2]string{
		{}:               {"cut off by maxReplicas", "clamped to maxReplicas 1,200"},
		{MaxFloor: 1100}: {"cut off by maxReplicas or a limit", "clamped to --max-floor 1,100"},
		{Factor: 2500}:   {"cut off by maxReplicas or a limit", "clamped to the limit 1,000 of --max-floor-factor"},
	} {
		d, err := document("a night", evening, []autoscalingv2.HorizontalPodAutoscaler{hpa("video", "images", "front", 400, 1200)}, "2026-12-18T00:00:00+01:00", 2*day)
		if err != nil {
			t.Fatal(err)
		}
		f := d.Forecast
		d.Forecast = forecast.New(f.Schedule, autoscaler.Scope{Limit: limit}, []autoscalingv2.HorizontalPodAutoscaler{*f.Outlooks[0].HPA}, f.From, f.To)
		d.Forecast.Context = f.Context
		html := drawn(t, d, page.HTML)
		var lanes strings.Builder
		if err := page.Lanes(&lanes, d.Forecast, d.Location, time.Time{}, page.Terminal{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(html, want[0]+"<") || !strings.Contains(html, want[1]) {
			t.Errorf("%+v: neither %q", limit, want)
		}
		words := "! clamped to maxReplicas\n"
		if limit != (autoscaler.Limit{}) {
			words = "! clamped to maxReplicas or a limit\n"
		}
		if !strings.Contains(lanes.String(), words) {
			t.Errorf("%+v: without %q:\n%s", limit, words, lanes.String())
		}
	}
}
