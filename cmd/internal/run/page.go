package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

const (
	pageSpan  = "2d"
	pageSteps = 1_000_000 // of a page's forecast, which then takes 30 MB at most
)

// ui is the page of a running controller. It reads what the controller has in memory, and asks the API server nothing.
type ui struct {
	hpas   client.Reader
	feed   *controller.Feed
	scope  autoscaler.Scope
	leader func(now time.Time) string

	findings cli.Findings
}

// addPage serves the page from every replica, if that is asked for.
func (o *options) addPage(mgr ctrl.Manager, feed *controller.Feed, election *lock, logger logr.Logger) error {
	if o.pageAddress == "" || o.pageAddress == "0" {
		return nil
	}
	u := &ui{hpas: mgr.GetClient(), feed: feed, scope: o.scope(), leader: election.leader, findings: o.findings}
	if !o.leaderElect {
		u.leader = func(time.Time) string { return "this process (there is no election)" }
	}
	return mgr.Add(everywhere(func(ctx context.Context) error {
		listener, err := page.Listen(ctx, o.pageAddress)
		if err != nil {
			return fmt.Errorf("--ui-bind-address %s: %w", o.pageAddress, err)
		}
		logger.Info("serving the page", "address", listener.Addr().String())
		return page.Serve(ctx, listener, page.Handler(u.render, pageSpan))
	}))
}

// begin returns when the page begins: without a wish, a little before now, so that one sees what now is a part of.
func begin(o cli.PreviewOptions, now time.Time) time.Time {
	if o.From != "" {
		return now
	}
	return now.Truncate(time.Hour).Add(-2 * time.Hour)
}

func (u *ui) render(ctx context.Context, q page.Query) (*page.Document, error) {
	now := time.Now()
	d := &page.Document{
		Title: "floorkeeper", Location: time.UTC, Now: now, Live: true, Leader: u.leader(now), Refused: cli.ProblemLines(u.feed.Refusal()),
	}
	revision := u.feed.Current()
	if revision == nil {
		return d, nil
	}
	d.Revision = page.Revision{SHA256: revision.SHA256, LoadedAt: revision.LoadedAt}
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := u.hpas.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		return nil, errors.New("the HorizontalPodAutoscalers are not read yet; see /readyz")
	}
	o := cli.PreviewOptions{From: q.From, Span: q.For, Zone: q.Zone}
	if o.Span == "" {
		o.Span = pageSpan
	}
	zone, err := o.Location(revision.Schedule)
	if err != nil {
		return nil, page.Refusal{Err: err}
	}
	from, to, err := o.Range(zone, begin(o, now))
	if err != nil {
		return nil, page.Refusal{Err: err}
	}
	d.Location = zone
	selects := func(hpa *autoscalingv2.HorizontalPodAutoscaler) bool { return q.Selects(hpa.Namespace, hpa.Name) }
	d.Forecast = forecast.Within(ctx, pageSteps, selects, revision.Schedule, u.scope, hpas.Items, from, to)
	if err := d.Forecast.Err(); err != nil {
		return nil, err
	}
	d.Forecast.Context = forecast.Context{Now: now, Selects: selects, Ignore: u.findings.Rules()}
	d.Forecast.ControllerRate, d.Forecast.SchedulerRate = u.findings.Rates()
	d.Forecast.WarnAdded = u.findings.WarnAdded
	d.Findings = d.Forecast.Findings()
	cli.Narrow(d, q)
	d.Peak = cli.PeakOf(d, &cluster.Snapshot{}) // what Pods request is not in memory
	return d, nil
}
