package autoscaler

import (
	"encoding/json"
	"strconv"
)

// Patch returns the JSON merge patch that brings an HPA of this resource version to the state: spec.minReplicas and our
// five annotations in one write, so that no intermediate state ever exists. The resource version makes it fail with a
// conflict if anything was written in between.
func (s State) Patch(resourceVersion string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": resourceVersion, "annotations": s.annotations()},
		"spec":     map[string]any{"minReplicas": s.MinReplicas},
	})
}

// annotations returns our five keys with their values, nil for those to be removed.
func (s State) annotations() map[string]any {
	annotations := make(map[string]any)
	for _, key := range ownAnnotations() {
		annotations[key] = nil
	}
	if s.Condition == Held {
		annotations[AnnotationBaseline] = strconv.Itoa(int(s.Mark.Baseline))
		annotations[AnnotationFloor] = strconv.Itoa(int(s.Mark.Floor))
		annotations[AnnotationBecause] = s.Mark.Because
		annotations[AnnotationSince] = s.Mark.Since
		annotations[AnnotationUntil] = s.Mark.Until
	}
	return annotations
}
