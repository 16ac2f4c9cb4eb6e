package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// prefix is that of floorkeeper's annotations. The demo judges floorkeeper from outside, so it reads what a user reads.
const prefix = "floorkeeper.dev/"

// change is a new state of an HPA or of a Deployment, at the instant at which the API server reported it.
type change struct {
	at         time.Time
	hpa        *autoscalingv2.HorizontalPodAutoscaler
	deployment *appsv1.Deployment
}

// watch sends every change in a namespace until the context ends.
func watch(ctx context.Context, client kubernetes.Interface, namespace string) (<-chan change, error) {
	changes := make(chan change, 1000)
	tell := func(object any) {
		c := change{at: time.Now()}
		c.hpa, _ = object.(*autoscalingv2.HorizontalPodAutoscaler)
		c.deployment, _ = object.(*appsv1.Deployment)
		select {
		case changes <- c:
		case <-ctx.Done():
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: tell, UpdateFunc: func(_, object any) { tell(object) }}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	for _, informer := range []cache.SharedIndexInformer{
		factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer(),
		factory.Apps().V1().Deployments().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, fmt.Errorf("cannot watch the applications: %w", err)
		}
	}
	factory.Start(ctx.Done())
	return changes, nil
}

// record is everything that was observed, in order, and the latest of each application.
type record struct {
	observations []observation
	latest       map[string]observation
}

// add records a change. An application counts from the moment at which both of its objects are known.
func (r *record) add(c change) {
	var o observation
	switch {
	case c.hpa != nil:
		o = r.latest[c.hpa.Name]
		o.app = c.hpa.Name
		o.readHPA(c.hpa)
	case c.deployment != nil:
		o = r.latest[c.deployment.Name]
		o.app = c.deployment.Name
		o.replicas, o.ready = c.deployment.Status.Replicas, c.deployment.Status.ReadyReplicas
	}
	o.at = c.at
	r.latest[o.app] = o
	if o.foreign != "" {
		r.observations = append(r.observations, o)
	}
}

// readHPA reads the state of an HPA. A number that is not readable counts as -1, which no phase wants.
func (o *observation) readHPA(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	number := func(text string) int32 {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return -1
		}
		return int32(n)
	}
	o.minReplicas = 1
	if hpa.Spec.MinReplicas != nil {
		o.minReplicas = *hpa.Spec.MinReplicas
	}
	o.held, o.baseline, o.floor, o.because, o.until = false, 0, 0, "", time.Time{}
	for key := range hpa.Annotations {
		o.held = o.held || strings.HasPrefix(key, prefix)
	}
	if o.held {
		o.baseline, o.floor = number(hpa.Annotations[prefix+"baseline"]), number(hpa.Annotations[prefix+"floor"])
		o.because = hpa.Annotations[prefix+"because"]
		o.until, _ = time.Parse(time.RFC3339Nano, hpa.Annotations[prefix+"until"])
	}
	o.foreign = foreign(hpa)
}

// foreign is everything in an HPA that only its owner may change, as text to compare.
func foreign(hpa *autoscalingv2.HorizontalPodAutoscaler) string {
	spec := hpa.Spec.DeepCopy()
	spec.MinReplicas = nil
	annotations := maps.Clone(hpa.Annotations)
	maps.DeleteFunc(annotations, func(key, _ string) bool { return strings.HasPrefix(key, prefix) })
	if len(annotations) == 0 {
		annotations = nil
	}
	text, err := json.Marshal([]any{hpa.UID, spec, hpa.Labels, annotations, hpa.OwnerReferences, hpa.Finalizers})
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// rows are the latest observations in the order of the applications.
func (r *record) rows() []observation {
	var rows []observation
	for _, a := range apps() {
		if o, known := r.latest[a.name]; known {
			rows = append(rows, o)
		}
	}
	return rows
}
