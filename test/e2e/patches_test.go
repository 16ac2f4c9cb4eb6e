package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// wantOwnAnnotationsOnly: in the whole run floorkeeper has named no annotation but its own six in any patch, so that it
// has neither written nor removed declared-baseline, max-floor or ignore.
func (c *cluster) wantOwnAnnotationsOnly(t *testing.T) {
	own := []string{prefix + "baseline", prefix + "because", prefix + "floor", prefix + "managed-by", prefix + "since", prefix + "until"}
	merged, handedBack := 0, 0
	for _, r := range c.audit.requests(t) {
		if r.ObjectRef.Resource != "horizontalpodautoscalers" || r.Verb != "patch" {
			continue
		}
		var patch struct {
			Metadata struct {
				Annotations map[string]any `json:"annotations"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal([]byte(r.RequestObject), &patch); err != nil { // a JSON patch, which is a list
			handedBack++
			if text := string(r.RequestObject); strings.Contains(text, "annotations") || !strings.Contains(text, "/metadata/managedFields/") {
				t.Errorf("floorkeeper sent %s", text)
			}
			continue
		}
		merged++
		if keys := slices.Sorted(maps.Keys(patch.Metadata.Annotations)); !slices.Equal(keys, own) {
			t.Errorf("floorkeeper named the annotations %q in %s", keys, r.RequestObject)
		}
	}
	if t.Logf("%d changes and %d hand-backs", merged, handedBack); merged == 0 || handedBack == 0 {
		t.Error("the audit log shows no patches")
	}
}
