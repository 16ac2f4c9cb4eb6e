package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// one measures the boundaries of a single HPA, up and down, one after the other. Between two of them a timer loop patches
// another HPA, which bears the mark of another installation.
func (b *bench) one(ctx context.Context) (err error) {
	if err := b.fleet.grow(ctx, 2); err != nil {
		return err
	}
	// Without the policy, ownership is handed back a second after each change: that must not meet the next one.
	count, gap := 200, time.Second
	if b.short {
		count = 20
	}
	if !b.handBack {
		gap *= 2
	}
	if err := b.publish(b.fleet.schedule(1)); err != nil {
		return err
	}
	k, err := b.startKeepers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.stop()) }()
	first := time.Now().Add(6 * time.Second).Truncate(time.Second)
	if err := errors.Join(b.publish(b.alternating(first, count, gap)), b.audit.skip()); err != nil {
		return err
	}
	late := gap * 3 / 4
	if err := b.timerLoop(ctx, first.Add(late), count, gap); err != nil {
		return err
	}
	if err := sleep(ctx, time.Now().Add(2*settlement)); err != nil {
		return err
	}
	requests, err := b.audit.read()
	if err != nil {
		return err
	}
	keeper, err1 := delays(requests, b.fleet.names[0], first, count, gap)
	loop, err2 := delays(requests, b.fleet.names[1], first.Add(late), count, gap)
	b.reportOne(count, keeper, loop)
	return errors.Join(err1, err2)
}

func (b *bench) reportOne(count int, keeper, loop []float64) {
	same := func(ms float64) float64 { return ms }
	keepers, loops := statsOf(keeper, same), statsOf(loop, same)
	value, is := keepers.P99-loops.P99, "ms from p99 to p99"
	if b.short { // the largest of a few is noise
		value, is = keepers.Median-loops.Median, "ms from median to median"
	}
	b.Results = append(b.Results, result{
		Name: fmt.Sprintf("boundary of 1 HPA, %d boundaries", count), Unit: "ms", Floorkeeper: keepers, Limit: &loops,
		LimitIs: "timer loop that patches directly, at other instants of the same seconds", Value: value, ValueIs: is, Target: new(25.0),
		Details: map[string]float64{"p99 of floorkeeper": keepers.P99, "p99 of the loop": loops.P99},
	})
	b.point("boundary", "floorkeeper", "HPAs", 1, keepers.Median/1000)
	b.point("boundary", "limit", "HPAs", 1, loops.Median/1000)
}

// alternating returns a schedule in which the floor of the first HPA begins or ends after each gap.
func (b *bench) alternating(first time.Time, count int, gap time.Duration) string {
	var text strings.Builder
	text.WriteString(head + "windows: []\nevents:\n")
	for i := 0; i < count; i += 2 {
		start := first.Add(time.Duration(i) * gap).UTC()
		fmt.Fprintf(&text, "- {name: event-%d, start: %q, end: %q, targets: [{namespace: %s, name: %s, minReplicas: %d}]}\n", i,
			start.Format(time.RFC3339), start.Add(gap).Format(time.RFC3339), b.fleet.names[0].Namespace, b.fleet.names[0].Name, floor)
	}
	return text.String()
}

// timerLoop raises and releases the second HPA in turn.
func (b *bench) timerLoop(ctx context.Context, first time.Time, count int, gap time.Duration) error {
	l := &loop{client: b.own, installation: "another/installation", hpas: make([]autoscalingv2.HorizontalPodAutoscaler, 1)}
	for i := range count {
		instant := first.Add(time.Duration(i) * gap)
		if err := sleep(ctx, instant.Add(-gap/8)); err != nil {
			return err
		}
		// floorkeeper hands back what its manager owns, whoever wrote it.
		name := b.fleet.names[1]
		hpa, err := b.own.AutoscalingV2().HorizontalPodAutoscalers(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("the loop cannot read its HPA: %w", err)
		}
		l.hpas[0] = *hpa
		if err := sleep(ctx, instant); err != nil {
			return err
		}
		if i%2 == 0 {
			err = l.raise(ctx, 1, occasion{"event", time.Now(), floor})
		} else {
			err = l.release(ctx, 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// delays returns how many milliseconds after each instant the first patch of an HPA since then was answered.
func delays(requests []request, hpa types.NamespacedName, first time.Time, count int, gap time.Duration) ([]float64, error) {
	var all []float64
	for _, r := range requests {
		instant := first.Add(time.Duration(len(all)) * gap)
		if len(all) == count || r.key() != hpa || r.Verb != "patch" || !r.ok() || r.RequestReceivedTimestamp.Before(instant) {
			continue
		}
		all = append(all, float64(r.StageTimestamp.Sub(instant).Microseconds())/1000)
	}
	if len(all) < count {
		return nil, fmt.Errorf("%s was patched at %d of %d boundaries", hpa, len(all), count)
	}
	return all, nil
}
