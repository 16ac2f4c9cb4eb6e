package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// manager is floorkeeper's field manager.
const manager = "floorkeeper"

// installation is the mark of the installation that the loop and floorkeeper write.
const installation = "floorkeeper/floorkeeper"

// loop writes what floorkeeper writes, from memory, so many requests at a time: the limit.
type loop struct {
	client       kubernetes.Interface
	installation string
	hpas         []autoscalingv2.HorizontalPodAutoscaler // as the API server stored them
}

// newLoop returns a loop over all HPAs in place of floorkeeper.
func (b *bench) newLoop(ctx context.Context) (*loop, error) {
	hpas, err := b.fleet.list(ctx)
	return &loop{client: b.own, installation: installation, hpas: hpas}, err
}

// raise patches all HPAs.
func (l *loop) raise(ctx context.Context, atATime int, o occasion) error {
	return l.patch(ctx, atATime, o.minReplicas, l.marks(o))
}

// marks are the annotations of an HPA that is held.
func (l *loop) marks(o occasion) map[string]any {
	return map[string]any{
		"floorkeeper.dev/baseline": strconv.Itoa(baseline), "floorkeeper.dev/floor": strconv.Itoa(o.minReplicas),
		"floorkeeper.dev/because": o.name, "floorkeeper.dev/managed-by": l.installation,
		"floorkeeper.dev/since": o.start.UTC().Format(time.RFC3339), "floorkeeper.dev/until": o.end().UTC().Format(time.RFC3339),
	}
}

// release gives all baselines back.
func (l *loop) release(ctx context.Context, atATime int) error {
	marks := l.marks(occasion{})
	for key := range marks {
		marks[key] = nil
	}
	return l.patch(ctx, atATime, baseline, marks)
}

func (l *loop) patch(ctx context.Context, atATime, minReplicas int, annotations map[string]any) error {
	return parallel(atATime, len(l.hpas), func(i int) error {
		return l.insist(ctx, &l.hpas[i], minReplicas, annotations)
	})
}

// change sends a patch of the shape of floorkeeper's.
func (l *loop) change(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, minReplicas int, annotations map[string]any) error {
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": hpa.ResourceVersion, "annotations": annotations},
		"spec":     map[string]any{"minReplicas": minReplicas},
	})
	if err != nil {
		return err
	}
	return l.send(ctx, hpa, types.MergePatchType, data)
}

// insist sends the patch again where somebody else, such as the HPA controller, has written meanwhile.
func (l *loop) insist(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, minReplicas int, annotations map[string]any) error {
	for {
		err := l.change(ctx, hpa, minReplicas, annotations)
		if !apierrors.IsConflict(err) {
			return err
		}
		fresh, err := l.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Get(ctx, hpa.Name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("the loop cannot read HPA %s/%s: %w", hpa.Namespace, hpa.Name, err)
		}
		*hpa = *fresh
	}
}

func (l *loop) send(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, kind types.PatchType, data []byte) error {
	hpas := l.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace)
	stored, err := hpas.Patch(ctx, hpa.Name, kind, data, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		return fmt.Errorf("the loop cannot patch HPA %s/%s: %w", hpa.Namespace, hpa.Name, err)
	}
	*hpa = *stored
	return nil
}

// handBack gives the ownership of the fields back.
func (l *loop) handBack(ctx context.Context, atATime int) error {
	return parallel(atATime, len(l.hpas), func(i int) error {
		index := slices.IndexFunc(l.hpas[i].ManagedFields, func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == manager })
		if index < 0 {
			return fmt.Errorf("the loop does not own fields of HPA %s/%s", l.hpas[i].Namespace, l.hpas[i].Name)
		}
		entry := fmt.Sprintf("/metadata/managedFields/%d", index)
		data, err := json.Marshal([]map[string]any{
			{"op": "test", "path": entry + "/manager", "value": manager}, {"op": "remove", "path": entry},
		})
		if err != nil {
			return err
		}
		return l.send(ctx, &l.hpas[i], types.JSONPatchType, data)
	})
}

// announce writes an Event on each HPA, as floorkeeper does after a raise.
func (l *loop) announce(ctx context.Context, atATime int, name string) error {
	return parallel(atATime, len(l.hpas), func(i int) error {
		hpa, now := &l.hpas[i], time.Now()
		event := &eventsv1.Event{
			ObjectMeta:          metav1.ObjectMeta{Namespace: hpa.Namespace, Name: fmt.Sprintf("%s.%x", hpa.Name, now.UnixNano())},
			EventTime:           metav1.NewMicroTime(now),
			ReportingController: manager, ReportingInstance: manager + "-bench",
			Action: fmt.Sprintf("minReplicas %d -> %d, event %s", baseline, floor, name),
			Reason: "FloorRaised", Type: corev1.EventTypeNormal,
			Note: fmt.Sprintf("minReplicas %d -> %d until Sun 30 Nov 23:30 UTC (event %s); baseline %d", baseline, floor, name, baseline),
			Regarding: corev1.ObjectReference{
				Kind: "HorizontalPodAutoscaler", APIVersion: "autoscaling/v2", Namespace: hpa.Namespace, Name: hpa.Name,
				UID: hpa.UID, ResourceVersion: hpa.ResourceVersion,
			},
		}
		_, err := l.client.EventsV1().Events(hpa.Namespace).Create(ctx, event, metav1.CreateOptions{})
		return err
	})
}
