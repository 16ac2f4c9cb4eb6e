package forecast

import (
	"fmt"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// shortfall returns what keeps the HPA from getting the floor of a stretch, and "" where nothing does.
func (o *Outlook) shortfall(s Stretch) FindingKind {
	switch {
	case s.Floor == 0:
		return ""
	case o.ByKEDA:
		return OwnedByKEDA
	case o.Refusal != "" && o.State.Lost():
		return LostBaseline
	case o.Refusal == "" && s.Full > o.State.MaxReplicas:
		return ClampedFloor
	default:
		return ""
	}
}

func (o *Outlook) shortfallMessage(kind FindingKind, s Stretch) string {
	switch kind {
	case OwnedByKEDA:
		return o.Refusal + ", which would overwrite a floor, so it gets none; use a KEDA trigger instead"
	case LostBaseline:
		return o.Refusal + ", so its minReplicas stays as it is; give the baseline in the annotation " + autoscaler.AnnotationDeclaredBaseline
	}
	return fmt.Sprintf("the floor %d is above maxReplicas %d and will be clamped to it; raise maxReplicas before then", s.Full, o.State.MaxReplicas)
}
