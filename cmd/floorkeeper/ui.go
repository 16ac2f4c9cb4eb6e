package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-logr/logr"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/cmd/internal/timeline"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
)

// pageSpan is how long a range the page of a running controller shows.
const pageSpan = "2d"

// ui is the page of a running controller. It reads what the controller has in memory, and asks the API server nothing.
type ui struct {
	hpas   client.Reader
	feed   *controller.Feed
	scope  autoscaler.Scope
	leader func(now time.Time) string
}

// addPage serves the page from every replica, if that is asked for.
func (o *runOptions) addPage(mgr ctrl.Manager, feed *controller.Feed, election *lock, logger logr.Logger) error {
	if o.pageAddress == "" || o.pageAddress == "0" {
		return nil
	}
	u := &ui{hpas: mgr.GetClient(), feed: feed, scope: autoscaler.Scope{ExcludeNamespaces: o.excludeNamespaces}, leader: election.leader}
	if !o.leaderElect {
		u.leader = func(time.Time) string { return "this process (there is no election)" }
	}
	return mgr.Add(everywhere(func(ctx context.Context) error {
		listener, err := pageserver.Listen(ctx, o.pageAddress)
		if err != nil {
			return fmt.Errorf("--ui-bind-address %s: %w", o.pageAddress, err)
		}
		logger.Info("serving the page", "address", listener.Addr().String())
		return pageserver.Serve(ctx, listener, pageserver.Handler(u.render, pageSpan))
	}))
}

// render makes the document of this moment.
func (u *ui) render(ctx context.Context, q pageserver.Query) (*timeline.Document, error) {
	now := time.Now()
	d := &timeline.Document{
		Title: "floorkeeper", Location: time.UTC, Now: now, Live: true, Leader: u.leader(now), Refused: problemLines(u.feed.Refusal()),
	}
	revision := u.feed.Current()
	if revision == nil {
		return d, nil
	}
	d.Revision = timeline.Revision{SHA256: revision.SHA256, LoadedAt: revision.LoadedAt}
	var hpas autoscalingv2.HorizontalPodAutoscalerList
	if err := u.hpas.List(ctx, &hpas, client.UnsafeDisableDeepCopy); err != nil {
		return nil, errors.New("the HorizontalPodAutoscalers are not read yet; see /readyz")
	}
	o := viewOptions{from: q.From, span: q.For, zone: q.Zone}
	if o.span == "" {
		o.span = pageSpan
	}
	zone, err := o.location(revision.Schedule)
	if err != nil {
		return nil, pageserver.Refusal{Err: err}
	}
	begin := now
	if o.from == "" { // a little before now, so that one sees what now is a part of
		begin = now.Truncate(time.Hour).Add(-2 * time.Hour)
	}
	from, to, err := o.within(zone, begin)
	if err != nil {
		return nil, pageserver.Refusal{Err: err}
	}
	d.Location = zone
	d.Forecast = forecast.New(revision.Schedule, u.scope, hpas.Items, from, to)
	d.Findings = slices.Concat(d.Forecast.Problems(), d.Forecast.Overlaps(), forecast.ScheduleFindings(revision.Schedule, now, from, to))
	narrow(d, q)
	d.Peak = peakOf(d, &cluster.Snapshot{}) // what Pods request is not in memory
	return d, nil
}

// narrow leaves in a document what the query asks for. Findings are those of all HPAs: an entry that covers none of the
// few asked for may well cover others.
func narrow(d *timeline.Document, q pageserver.Query) {
	d.Findings = slices.DeleteFunc(d.Findings, func(found forecast.Finding) bool {
		return found.HPA != nil && !q.Selects(found.HPA.Namespace, found.HPA.Name)
	})
	d.Forecast.Outlooks = slices.DeleteFunc(d.Forecast.Outlooks, func(o forecast.Outlook) bool {
		return !q.Selects(o.HPA.Namespace, o.HPA.Name)
	})
}

// problemLines returns what is wrong with a schedule, one problem each.
func problemLines(err error) []string {
	if err == nil {
		return nil
	}
	problems := config.Problems(nil)
	if !errors.As(err, &problems) {
		return []string{err.Error()}
	}
	return strings.Split(problems.Error(), "\n")
}
