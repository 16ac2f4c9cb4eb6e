package status

import (
	"io"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	leads := func(r *statusReport) { r.Leader.Leading = true }
	trouble := func(kinds ...autoscaler.TroubleKind) func(*statusReport) {
		return func(r *statusReport) {
			for _, kind := range kinds {
				r.HPAs = append(r.HPAs, hpaReport{Problems: []troubleReport{{Trouble: autoscaler.Trouble{Kind: kind}}}})
			}
		}
	}
	for name, test := range map[string]struct {
		want   int
		change []func(*statusReport)
	}{
		"fine":                    {0, []func(*statusReport){leads}},
		"nobody leads":            {4, []func(*statusReport){trouble("contested")}},
		"the Lease is unknown":    {2, []func(*statusReport){func(r *statusReport) { r.Leader.Unknown = "you may not read it" }}},
		"the schedule is unknown": {2, []func(*statusReport){leads, func(r *statusReport) { r.Schedule.Unknown = "it does not exist" }}},
		"an invalid ConfigMap":    {5, []func(*statusReport){leads, func(r *statusReport) { r.Schedule.State = scheduleInvalid }}},
		"a refused schedule":      {5, []func(*statusReport){leads, trouble("unreached"), func(r *statusReport) { r.Schedule.LeaderRefused = true }}},
		"contested":               {6, []func(*statusReport){leads, trouble("unreached", "contested")}},
		"unreached":               {7, []func(*statusReport){leads, trouble("damaged", "unreached")}},
		"damaged":                 {8, []func(*statusReport){leads, trouble("ignored", "damaged")}},
		"clamped":                 {0, []func(*statusReport){leads, trouble("clamped", "ignored")}},
	} {
		r := &statusReport{}
		for _, change := range test.change {
			change(r)
		}
		if got, _ := cli.ExitCode(r.verdict(), io.Discard); got != test.want {
			t.Errorf("%s: exit code %d, want %d", name, got, test.want)
		}
	}
}

func TestLastRevert(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)
	hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{UID: "web"}}
	ago := func(d time.Duration) corev1.Event {
		return corev1.Event{
			InvolvedObject: corev1.ObjectReference{UID: "web"}, ReportingController: "floorkeeper", Message: d.String(),
			EventTime: metav1.NewMicroTime(now.Add(-d)),
		}
	}
	series := ago(20 * time.Minute)
	series.Series = &corev1.EventSeries{Count: 2, LastObservedTime: metav1.NewMicroTime(now.Add(-5 * time.Minute))}
	stranger := ago(time.Second)
	stranger.ReportingController = "somebody"
	for name, test := range map[string]struct {
		events []corev1.Event
		want   string // the message, "" for none
	}{
		"none":                    {nil, ""},
		"once, a minute ago":      {[]corev1.Event{ago(time.Minute)}, "1m0s"},
		"once, five minutes ago":  {[]corev1.Event{ago(5 * time.Minute)}, ""},
		"twice in a series":       {[]corev1.Event{series}, "20m0s"},
		"twice, by two writers":   {[]corev1.Event{ago(5 * time.Minute), ago(6 * time.Minute)}, "5m0s"},
		"twice, long ago":         {[]corev1.Event{ago(11 * time.Minute), ago(12 * time.Minute)}, ""},
		"an Event of another one": {[]corev1.Event{stranger}, ""},
	} {
		if got, found := lastRevert(hpa, test.events, now); got.Message != test.want || found != (test.want != "") {
			t.Errorf("%s: %q (%t), want %q", name, got.Message, found, test.want)
		}
	}
}
