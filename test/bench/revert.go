package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// reverted is what another writer sets minReplicas to.
const reverted = baseline + 1

// reverts measures how soon a floor that another writer lowers is raised again, without the floor guard. Each HPA is
// lowered once, so that no writer insists.
func (b *bench) reverts(ctx context.Context) (err error) {
	count := 200
	if b.short {
		count = 20
	}
	if err := b.fleet.grow(ctx, max(count, len(b.fleet.names))); err != nil {
		return err
	}
	if err := b.lift(ctx, guardName); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.guard(ctx)) }()
	var keeper, loop []float64
	for _, turn := range []struct {
		play        func(context.Context, func() error) error
		first, last int
		into        *[]float64
	}{
		{b.keeperReverts, 0, count / 2, &keeper}, {b.loopReverts, 0, count, &loop}, {b.keeperReverts, count / 2, count, &keeper},
	} {
		err := turn.play(ctx, func() error {
			found, err := b.revert(ctx, turn.first, turn.last)
			*turn.into = append(*turn.into, found...)
			return err
		})
		if err != nil {
			return err
		}
	}
	same := func(ms float64) float64 { return ms }
	b.reportReverts(count, statsOf(keeper, same), statsOf(loop, same))
	return nil
}

func (b *bench) reportReverts(count int, keepers, loops stats) {
	value, is := keepers.P99, "ms, p99"
	if b.short { // the largest of a few is noise
		value, is = keepers.Median, "ms, median"
	}
	b.Results = append(b.Results, result{
		Name: fmt.Sprintf("revert to re-raise, %d reverts, no guard", count), Unit: "ms", Floorkeeper: keepers, Limit: &loops,
		LimitIs: "informer that patches at once", Value: value, ValueIs: is, Target: new(30.0),
		Details: map[string]float64{"p99 of the informer": loops.P99},
	})
}

// revert lowers some HPAs, one after the other, and returns after how many milliseconds each was raised again.
func (b *bench) revert(ctx context.Context, first, last int) ([]float64, error) {
	if err := b.audit.skip(); err != nil {
		return nil, err
	}
	data := fmt.Appendf(nil, `{"spec":{"minReplicas":%d}}`, reverted)
	for _, name := range b.fleet.names[first:last] {
		_, err := b.admin.AutoscalingV2().HorizontalPodAutoscalers(name.Namespace).
			Patch(ctx, name.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: "helm"})
		if err != nil {
			return nil, fmt.Errorf("cannot lower a floor: %w", err)
		}
		if err := sleep(ctx, time.Now().Add(150*time.Millisecond)); err != nil {
			return nil, err
		}
	}
	if err := sleep(ctx, time.Now().Add(2*settlement)); err != nil {
		return nil, err
	}
	requests, err := b.audit.read()
	if err != nil {
		return nil, err
	}
	return answers(requests, b.fleet.names[first:last])
}

// answers returns how many milliseconds after the write of somebody else the account's first one was answered.
func answers(requests []request, names []types.NamespacedName) ([]float64, error) {
	var all []float64
	lowered := map[types.NamespacedName]time.Time{}
	slices.SortFunc(requests, func(a, b request) int { return a.RequestReceivedTimestamp.Compare(b.RequestReceivedTimestamp) })
	for _, r := range requests {
		if r.ObjectRef.Resource != "horizontalpodautoscalers" || r.Verb != "patch" || !r.ok() {
			continue
		}
		if r.User.Username != account {
			lowered[r.key()] = r.StageTimestamp
		} else if at, found := lowered[r.key()]; found {
			all = append(all, float64(r.StageTimestamp.Sub(at).Microseconds())/1000)
			delete(lowered, r.key())
		}
	}
	if len(all) < len(names) {
		return nil, fmt.Errorf("%d of %d floors were raised again", len(all), len(names))
	}
	return all, nil
}

// keeperReverts lets floorkeeper hold all HPAs meanwhile.
func (b *bench) keeperReverts(ctx context.Context, meanwhile func() error) (err error) {
	m := &meeting{bench: b, n: len(b.fleet.names), entries: 1}
	if err := b.publish(b.fleet.schedule(1)); err != nil {
		return err
	}
	k, err := b.startKeepers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.stop()) }()
	_, err = m.observe(ctx, time.Now(), false, func() error {
		return b.publish(b.fleet.schedule(1, occasion{"all-day", time.Now().Add(-time.Hour), floor}))
	})
	if err == nil {
		err = sleep(ctx, time.Now().Add(3*time.Second)) // the look-ahead that follows the raises
	}
	if err == nil {
		err = meanwhile()
	}
	if err != nil {
		return err
	}
	if _, err := m.keeperRelease(ctx); err != nil {
		return err
	}
	return b.fleet.reset(ctx)
}

// loopReverts lets an informer that patches at once hold all HPAs meanwhile, beside another one.
func (b *bench) loopReverts(ctx context.Context, meanwhile func() error) (err error) {
	standby, err := b.startInformants(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, standby.stop()) }()
	l, err := b.newLoop(ctx)
	if err != nil {
		return err
	}
	day := occasion{"all-day", time.Now().Add(-time.Hour), floor}
	if err := l.raise(ctx, 32, day); err != nil {
		return err
	}
	inner, stop := context.WithCancel(ctx)
	factory := informers.NewSharedInformerFactory(b.own, 0)
	defer factory.Shutdown()
	defer stop()
	_, err = factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		UpdateFunc: func(_, changed any) {
			if hpa, ok := changed.(*autoscalingv2.HorizontalPodAutoscaler); ok && *hpa.Spec.MinReplicas == reverted {
				marks := l.marks(day)
				marks["floorkeeper.dev/baseline"] = strconv.Itoa(reverted)
				_ = l.change(inner, hpa.DeepCopy(), floor, marks) // what fails is missing in the audit log
			}
		},
	})
	if err != nil {
		return fmt.Errorf("cannot watch the HPAs: %w", err)
	}
	factory.Start(inner.Done())
	factory.WaitForCacheSync(inner.Done())
	if err := meanwhile(); err != nil {
		return err
	}
	return b.fleet.reset(ctx)
}
