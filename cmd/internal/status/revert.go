package status

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

const contestedFor = 10 * time.Minute

func lastRevert(hpa *autoscalingv2.HorizontalPodAutoscaler, reverts []corev1.Event, now time.Time) (troubleReport, bool) {
	var last time.Time
	var note string
	for _, event := range reverts {
		if event.InvolvedObject.UID != hpa.UID || event.ReportingController != autoscaler.FieldManager {
			continue
		}
		if at := eventTime(&event); at.After(last) {
			last, note = at, event.Message
		}
	}
	if last.IsZero() || now.Sub(last) > contestedFor {
		return troubleReport{}, false
	}
	return troubleReport{autoscaler.Trouble{Kind: autoscaler.TroubleContested, Message: note}, &last}, true
}

func eventTime(event *corev1.Event) time.Time {
	latest := event.EventTime.Time
	if event.Series != nil && event.Series.LastObservedTime.After(latest) {
		latest = event.Series.LastObservedTime.Time
	}
	if event.LastTimestamp.After(latest) {
		latest = event.LastTimestamp.Time
	}
	return latest
}
