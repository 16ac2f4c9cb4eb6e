package history

import (
	"encoding/json"
	"maps"
	"slices"

	jsonpatch "github.com/evanphx/json-patch/v5"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// recover adds requests that failed, but that were stored, as the next write shows: etcd may store what the API server
// has given up waiting for. It reports a violation where the next write names a version before it that the log does not
// have, and returns false if no gap of the log explains that: the stored object is then taken as it is.
func (c *checker) recover(h *life, w *Write) (known bool) {
	for i := range c.log.Lost {
		u := &c.log.Lost[i]
		before := h.last()
		if u.Namespace != before.Namespace || u.Name != before.HPA.Name || c.recovered[i] ||
			u.Received.Before(before.Received) || u.Received.After(w.Answered) {
			continue
		}
		stored, err := u.applied(before.Write)
		if err != nil || !shows(before.Write, stored, w) {
			continue
		}
		c.recovered[i] = true
		c.take(h, stored)
	}
	before := h.last()
	if names(before.Write, w) {
		return true
	}
	if !c.interrupted(before.Write, w) {
		c.violated(Incomplete, w.Request, "it changes version %s, which the log does not hold; before it comes %s",
			w.expects(), before.Request)
		return true
	}
	return false
}

// interrupted reports whether the log has a gap between two writes.
func (c *checker) interrupted(before, w *Write) bool {
	return slices.ContainsFunc(c.Gaps, func(gap Interval) bool {
		return gap.From.Before(w.Answered) && gap.To.After(before.Received)
	})
}

// names reports whether a write that names the version it changes names this one.
func names(before, w *Write) bool {
	version, err := parseVersion(w.expects())
	return err != nil || w.Idle || before.guessed || version == before.Version
}

// shows reports whether a write shows that a lost one was stored before it: it names another version than it would change
// otherwise, or it has kept what the lost one wrote.
func shows(before, stored, w *Write) bool {
	if _, err := parseVersion(w.expects()); err == nil && !w.Idle {
		return !names(before, w)
	}
	_, states := w.stated()
	was, would, is := marks(before, states), marks(stored, states), marks(w, states)
	return !maps.Equal(was, would) && maps.Equal(would, is)
}

// marks returns our annotations and, unless the write at hand states it, minReplicas.
func marks(w *Write, states bool) map[string]any {
	m := map[string]any{}
	for _, key := range ownKeys() {
		m[key] = at(w.stored, "metadata", "annotations", key)
	}
	if !states {
		m["minReplicas"] = replicas(at(w.stored, "spec", "minReplicas"))
	}
	return m
}

// applied returns the write that a lost request would have made of what was stored before it.
func (w *Write) applied(before *Write) (*Write, error) {
	object, err := json.Marshal(before.stored)
	if err != nil {
		return nil, err
	}
	said, err := json.Marshal(w.said)
	if err != nil {
		return nil, err
	}
	switch {
	case w.steps != nil:
		object, err = applySteps(object, w.steps)
	case w.said != nil:
		object, err = jsonpatch.MergePatch(object, said)
	}
	if err != nil {
		return nil, err
	}
	stored := *w
	stored.UID, stored.Version, stored.noZero, stored.coarse, stored.guessed = before.UID, before.Version, before.noZero, before.coarse, true
	stored.HPA, stored.stored = &autoscalingv2.HorizontalPodAutoscaler{}, nil
	if err := json.Unmarshal(object, &stored.stored); err != nil {
		return nil, err
	}
	if metadata := fields(stored.stored, "metadata"); metadata != nil {
		metadata["resourceVersion"] = at(before.stored, "metadata", "resourceVersion")
	}
	return &stored, json.Unmarshal(object, stored.HPA)
}

func applySteps(object []byte, steps []any) ([]byte, error) {
	data, err := json.Marshal(steps)
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.DecodePatch(data)
	if err != nil {
		return nil, err
	}
	return patch.Apply(object)
}

// lostWith reports whether a request was lost that would have created or deleted the HPA.
func (c *checker) lostWith(verb string, w *Write) bool {
	for _, u := range c.log.Lost {
		if u.Verb == verb && u.Namespace == w.Namespace && (u.Name == w.Name || u.Name == "") {
			return true
		}
	}
	return false
}
