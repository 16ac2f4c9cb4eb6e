package year

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	installation = home + "/floorkeeper"      // this one
	another      = "elsewhere/floorkeeper"    // which holds HPAs too
	otherEntry   = "an-entry-of-another-file" // because of which it does
)

// otherMarks are the annotations of another installation.
func (p *page) otherMarks() map[string]string {
	return map[string]string{
		prefix + "baseline": strconv.Itoa(int(p.other.baseline)), prefix + "floor": strconv.Itoa(int(p.other.floor)),
		prefix + "because": otherEntry, prefix + "since": "2024-01-01T00:00:00Z", prefix + "until": "2044-01-01T00:00:00Z",
		prefix + "managed-by": another,
	}
}

// another lets another installation hold an HPA that this one does not, or release what it holds.
func (w *walk) another(ctx context.Context, now, next time.Time) error {
	if err := w.before(ctx, w.between(now, next)); err != nil {
		return err
	}
	p := w.pages[w.rng.IntN(len(w.pages))]
	switch {
	case p.other != nil:
		if err := w.otherReleases(ctx, p); err != nil {
			return err
		}
	case !p.held && !p.damaged && !p.takenOff() && p.declared == "" && p.live > 0 && p.live < p.maxReplicas:
		w.score.Others++
		p.other = &mark{p.live, p.live + 1 + w.rng.Int32N(p.maxReplicas-p.live)}
		p.live = p.other.floor
		w.log.say("%s takes %s", another, p)
		if err := w.otherWrites(ctx, p, p.otherMarks()); err != nil {
			return err
		}
	}
	if err := w.check(ctx, false, 0); err != nil {
		return fmt.Errorf("after another installation has written: %w", err)
	}
	return w.after(ctx)
}

// otherReleases lets another installation give the baseline back.
func (w *walk) otherReleases(ctx context.Context, p *page) error {
	w.log.say("%s releases %s", another, p)
	none := map[string]string{}
	maps.Copy(none, p.otherMarks())
	for key := range none {
		none[key] = ""
	}
	p.live, p.word, p.other = p.other.baseline, p.other.baseline, nil
	return w.otherWrites(ctx, p, none)
}

// otherWrites writes minReplicas and annotations; an empty one is removed.
func (w *walk) otherWrites(ctx context.Context, p *page, annotations map[string]string) error {
	values := map[string]any{}
	for key, value := range annotations {
		values[key] = orNull(value)
	}
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": values}, "spec": map[string]any{"minReplicas": p.live}})
	if err != nil {
		return err
	}
	_, err = w.client.AutoscalingV2().HorizontalPodAutoscalers(p.namespace).
		Patch(ctx, p.name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "elsewhere"})
	return err
}

// anyPage draws an HPA that no other installation holds.
func (w *walk) anyPage() *page {
	for {
		if p := pick(w.rng, w.pages...); p.other == nil {
			return p
		}
	}
}
