package diff

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// Replicas are what minReplicas is over a stretch: one number, or all from the first to the last of a ramp.
type Replicas struct {
	First, Last int32
	Asked       int32 // the largest floor that maxReplicas clamps; 0 for none
}

// replicas returns what an HPA has over a stretch.
func replicas(s forecast.Stretch, state *autoscaler.State) Replicas {
	r := Replicas{First: s.MinReplicas, Last: s.MinReplicas}
	if s.Floor > s.MinReplicas && s.MinReplicas == state.MaxReplicas {
		r.Asked = s.Floor
	}
	return r
}

// with returns what it is over this stretch and the next, which is of the same ramp.
func (r Replicas) with(next Replicas) Replicas {
	return Replicas{r.First, next.Last, max(r.Asked, next.Asked)}
}

func (r Replicas) least() int32 { return min(r.First, r.Last) }
func (r Replicas) most() int32  { return max(r.First, r.Last) }

// String returns one number, or the first and the last of a ramp, and whether maxReplicas limits it.
func (r Replicas) String() string {
	text := fmt.Sprint(r.First)
	if r.First != r.Last {
		text = fmt.Sprintf("%d…%d", r.First, r.Last)
	}
	if r.Asked > 0 {
		text += fmt.Sprintf(" (maxReplicas, clamped from %d)", r.Asked)
	}
	return text
}
