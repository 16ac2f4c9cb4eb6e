package year

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// account is floorkeeper's name in the audit log.
const account = "system:serviceaccount:" + home + ":" + home

// record is what the audit log is judged by.
type record struct {
	file      string
	schedules []history.InForce
}

// scope is floorkeeper's.
func scope() autoscaler.Scope {
	return autoscaler.Scope{
		ExcludeNamespaces: []string{excluded}, Installation: installation, Limit: autoscaler.Limit{MaxFloor: mostReplicas, Factor: 1000 * mostTimes},
	}
}

// flags make the API server keep a record.
func (r *record) flags(t *testing.T) []string {
	t.Helper()
	flags, file, err := history.Record(t.ArtifactDir())
	if err != nil {
		t.Fatal(err)
	}
	r.file = file
	return flags
}

// follows notes that a schedule is about to be published.
func (r *record) follows(schedule *schedules.Schedule) {
	r.schedules = append(r.schedules, history.InForce{From: time.Now(), Schedule: schedule})
}

// judge replays the audit log of the whole year against the model checker, which knows nothing of the ledger.
func (w *walk) judge(t *testing.T) error {
	t.Helper()
	if err := w.sign(t.Context()); err != nil {
		return fmt.Errorf("cannot end the history: %w", err)
	}
	var log history.Log
	if err := await(t.Context(), func() (err error) {
		if log, err = history.Read(w.record.file); err != nil {
			return err
		}
		return w.recorded(t.Context(), log)
	}); err != nil {
		return fmt.Errorf("cannot read the history: %w", err)
	}
	began := time.Now()
	violations := history.Model{
		Schedules: w.record.schedules,
		Clock:     w.clock.at,
		Scope:     scope(),
		NoZero:    w.noZero,
		Users:     []string{account},
		Slack:     100 * time.Millisecond, // the clock is stopped while anything is written; more would hide what came late
		Grace:     patience,
	}.Check(log)
	t.Logf("the history of %d writes was judged in %s", len(log.Writes), time.Since(began).Round(time.Second))
	var errs []error
	for i, v := range violations {
		if i == 10 {
			errs = append(errs, fmt.Errorf("and %d more", len(violations)-i))
			break
		}
		errs = append(errs, errors.New(v.String()))
	}
	return errors.Join(errs...)
}

// sign writes something to every HPA that concerns nobody. A write whose answer floorkeeper did not get, because it
// was restarted, may be the last one otherwise, and the log shows it only by what follows.
func (w *walk) sign(ctx context.Context) error {
	list, err := w.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, hpa := range list.Items {
		_, err := w.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Patch(ctx, hpa.Name, types.MergePatchType,
			[]byte(`{"metadata":{"annotations":{"year":"over"}}}`), metav1.PatchOptions{})
		if err != nil {
			return err
		}
	}
	return nil
}

// recorded checks that the log has come to what the HPAs are now.
func (w *walk) recorded(ctx context.Context, log history.Log) error {
	list, err := w.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, hpa := range list.Items {
		if !log.Has(hpa.Namespace, hpa.Name, hpa.ResourceVersion) {
			return fmt.Errorf("it does not hold version %s of %s/%s", hpa.ResourceVersion, hpa.Namespace, hpa.Name)
		}
	}
	return nil
}
