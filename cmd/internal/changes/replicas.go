package changes

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/controller"
)

// Replicas are what minReplicas is over a stretch: one number, or all from the least to the most of a ramp.
type Replicas struct {
	Least, Most int32
	Falling     bool  // it begins with the most
	Asked       int32 // the largest floor that maxReplicas clamps; 0 for none
}

// replicas returns what an HPA has over a stretch.
func replicas(s controller.Stretch, state *controller.State) Replicas {
	r := Replicas{Least: s.MinReplicas, Most: s.MinReplicas}
	if s.Floor > s.MinReplicas && s.MinReplicas == state.MaxReplicas {
		r.Asked = s.Floor
	}
	return r
}

// with returns what it is over this stretch and the next.
func (r Replicas) with(next Replicas) Replicas {
	return Replicas{min(r.Least, next.Least), max(r.Most, next.Most), next.Least < r.Least, max(r.Asked, next.Asked)}
}

// String returns one number, or the first and the last of a ramp, and whether maxReplicas limits it.
func (r Replicas) String() string {
	text := fmt.Sprint(r.Most)
	switch {
	case r.Falling:
		text = fmt.Sprintf("%d…%d", r.Most, r.Least)
	case r.Least != r.Most:
		text = fmt.Sprintf("%d…%d", r.Least, r.Most)
	}
	if r.Asked > 0 {
		text += fmt.Sprintf(" (maxReplicas, clamped from %d)", r.Asked)
	}
	return text
}
