package page

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/floorkeeper/floorkeeper/text"
)

// maxName is how much of a name is shown, in characters. Kubernetes' own have at most 253.
const maxName = 260

// nameOf returns the HPA's namespace and name, as they are shown.
func nameOf(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	return text.CutMiddle(text.Line(hpa.Namespace+"/"+hpa.Name), maxName)
}

// lasting returns a duration as people say it, in its two largest units.
func lasting(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		if minutes := int(d.Minutes()) % 60; minutes > 0 {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), minutes)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		if hours := int(d.Hours()) % 24; hours > 0 {
			return fmt.Sprintf("%d days %d h", int(d.Hours())/24, hours)
		}
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	}
}

// The layouts in which instants are shown.
const (
	dayLayout   = "Monday 2 January 2006"
	clockLayout = "15:04"
)
