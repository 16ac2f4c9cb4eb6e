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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// manager is floorkeeper's field manager.
const manager = "floorkeeper"

// loop writes what floorkeeper writes, from memory, so many requests at a time: the limit.
type loop struct {
	client kubernetes.Interface
	hpas   []autoscalingv2.HorizontalPodAutoscaler // as the API server stored them
}

// raise patches all HPAs.
func (l *loop) raise(ctx context.Context, atATime int, name string, start time.Time) error {
	return l.patch(ctx, atATime, floor, map[string]any{
		"floorkeeper.dev/baseline": strconv.Itoa(baseline), "floorkeeper.dev/floor": strconv.Itoa(floor),
		"floorkeeper.dev/because": name, "floorkeeper.dev/managed-by": "floorkeeper/floorkeeper",
		"floorkeeper.dev/since": start.UTC().Format(time.RFC3339), "floorkeeper.dev/until": end(start).Format(time.RFC3339),
	})
}

// release gives all baselines back.
func (l *loop) release(ctx context.Context, atATime int) error {
	return l.patch(ctx, atATime, baseline, map[string]any{
		"floorkeeper.dev/baseline": nil, "floorkeeper.dev/floor": nil, "floorkeeper.dev/because": nil,
		"floorkeeper.dev/managed-by": nil, "floorkeeper.dev/since": nil, "floorkeeper.dev/until": nil,
	})
}

func (l *loop) patch(ctx context.Context, atATime, minReplicas int, annotations map[string]any) error {
	return parallel(atATime, len(l.hpas), func(i int) error {
		data, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"resourceVersion": l.hpas[i].ResourceVersion, "annotations": annotations},
			"spec":     map[string]any{"minReplicas": minReplicas},
		})
		if err != nil {
			return err
		}
		return l.send(ctx, i, types.MergePatchType, data)
	})
}

func (l *loop) send(ctx context.Context, i int, kind types.PatchType, data []byte) error {
	hpas := l.client.AutoscalingV2().HorizontalPodAutoscalers(l.hpas[i].Namespace)
	stored, err := hpas.Patch(ctx, l.hpas[i].Name, kind, data, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		return fmt.Errorf("the loop cannot patch HPA %s/%s: %w", l.hpas[i].Namespace, l.hpas[i].Name, err)
	}
	l.hpas[i] = *stored
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
		return l.send(ctx, i, types.JSONPatchType, data)
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
