package forecast

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/evening"
)

// crowd is so many HPAs that the schedule treats differently.
func crowd(count int) []autoscalingv2.HorizontalPodAutoscaler {
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i := range count {
		hpa := evening.HPA(autoscaler.State{MinReplicas: int32(1 + i), MaxReplicas: 10_000})
		hpa.Name = fmt.Sprintf("front-%04d", i)
		hpas = append(hpas, *hpa)
	}
	return hpas
}

func all(*autoscalingv2.HorizontalPodAutoscaler) bool { return true }

func TestLimits(t *testing.T) {
	schedule, hpas := evening.Schedule(t, 30*time.Minute), crowd(20)
	from := evening.Clock(t, "12:00:00")
	to := from.AddDate(0, 0, 31)
	within := func(ctx context.Context, steps int64, selects func(*autoscalingv2.HorizontalPodAutoscaler) bool) *Forecast {
		return Within(ctx, steps, selects, schedule, autoscaler.Scope{}, hpas, from, to)
	}
	whole := New(schedule, autoscaler.Scope{}, hpas, from, to)
	kept := 0
	for i := range whole.Outlooks {
		kept += whole.Outlooks[i].Len()
	}
	if f := within(t.Context(), int64(3*kept), all); f.Err() != nil || f.Outlooks[7].Len() != whole.Outlooks[7].Len() {
		t.Errorf("within %d steps the forecast has %d stretches and ends with %v, want %d", 3*kept, f.Outlooks[7].Len(), f.Err(), whole.Outlooks[7].Len())
	}

	f := within(t.Context(), int64(kept), all)
	some := 0
	for i := range f.Outlooks {
		some += f.Outlooks[i].Len()
	}
	if !errors.Is(f.Err(), ErrTooLarge) || some > kept {
		t.Errorf("%d steps give %d stretches of %d and %v, want ErrTooLarge", kept, some, kept, f.Err())
	}

	one := within(t.Context(), int64(kept), func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool { return hpa.Name == "front-0007" })
	if one.Err() != nil || one.Outlooks[7].Len() != whole.Outlooks[7].Len() || one.Outlooks[8].Len() != 0 {
		t.Errorf("of one HPA the forecast has %d stretches, of others %d, and ends with %v", one.Outlooks[7].Len(), one.Outlooks[8].Len(), one.Err())
	}
	for _, finding := range one.Problems() {
		if finding.Rule == MatchesNothing {
			t.Errorf("the forecast of one HPA finds that %s matches nothing", finding.Entry)
		}
	}
}

// TestNobodyWaits: the work stops where the context ends, within a timeline and between overlapping claims.
func TestNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	f := Within(ctx, 1_000_000, func(*autoscalingv2.HorizontalPodAutoscaler) bool {
		if seen++; seen == 3 {
			cancel()
		}
		return true
	}, evening.Schedule(t, 30*time.Minute), autoscaler.Scope{}, crowd(20), evening.Clock(t, "12:00:00"), evening.Clock(t, "12:00:00").AddDate(0, 0, 31))
	if !errors.Is(f.Err(), context.Canceled) || f.Outlooks[1].Len() == 0 || f.Outlooks[2].Len() != 0 || f.Outlooks[19].Len() != 0 {
		t.Errorf("it ends with %v and %d, %d and %d stretches of the second, third and last HPA", f.Err(), f.Outlooks[1].Len(), f.Outlooks[2].Len(), f.Outlooks[19].Len())
	}
	for range f.Outlooks[0].Claims() {
		t.Fatal("claims are computed for nobody")
	}
}
