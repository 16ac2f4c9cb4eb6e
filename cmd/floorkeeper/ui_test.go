package main

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/pageserver"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller"
)

// shelf is a cache that holds some HPAs, or cannot be read.
type shelf struct {
	client.Reader
	hpas []autoscalingv2.HorizontalPodAutoscaler
	err  error
}

func (s shelf) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	list.(*autoscalingv2.HorizontalPodAutoscalerList).Items = s.hpas
	return s.err
}

func someHPA(namespace, name string) autoscalingv2.HorizontalPodAutoscaler {
	return autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(2)), MaxReplicas: 50},
	}
}

const allDay = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: Europe/Paris
windows:
  - {name: all-day, start: "00:00", end: "24:00", targets: [{namespace: video, minReplicas: 25}]}
  - {name: shops, start: "08:00", end: "20:00", targets: [{namespace: shop, minReplicas: 9}]}
`

// pageOf returns the status and text of a page.
func pageOf(t *testing.T, render pageserver.Render, target string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	pageserver.Handler(render, pageSpan).ServeHTTP(w, httptest.NewRequest("GET", target, nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

// expect compares a page with what it has to say, and with what it must not say, which begins with an exclamation mark.
func expect(t *testing.T, page string, told ...string) {
	t.Helper()
	for _, text := range told {
		text, absent := strings.CutPrefix(text, "!")
		if strings.Contains(page, text) == absent {
			t.Errorf("the page says %q: %v, want %v\n%.3000s", text, !absent == false, !absent, page)
		}
	}
}

func TestPageOfAController(t *testing.T) {
	feed := controller.NewFeed()
	u := &ui{
		hpas: shelf{hpas: []autoscalingv2.HorizontalPodAutoscaler{someHPA("video", "images"), someHPA("shop", "web"), someHPA("else", "where")}},
		feed: feed, leader: func(time.Time) string { return "floorkeeper-1 (this replica)" },
	}
	_, page := pageOf(t, u.render, "/")
	expect(t, page, "there is no valid schedule", "!The schedule was refused", "floorkeeper-1</strong><span>this replica")

	broken := config.Problems{{File: "schedule.yaml", Line: 7, Column: 3, Message: "no <b>such</b> day", Rule: "day"}}
	feed.Publish(controller.Outcome{Err: broken})
	_, page = pageOf(t, u.render, "/")
	expect(t, page, "There is no valid schedule yet", "schedule.yaml:7:3: error: no &lt;b&gt;such&lt;/b&gt; day")

	schedule, err := config.Parse(config.File{Name: "schedule.yaml", Data: []byte(allDay)})
	if err != nil {
		t.Fatal(err)
	}
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedule, SHA256: "0123456789abcdef0123", LoadedAt: time.Now()}})
	_, page = pageOf(t, u.render, "/")
	expect(t, page, "&#43;30 Pods", "0123456789ab", "!The schedule was refused", "video/images", "shop/web", "Nothing is planned for 1 other HPA",
		"Pending: 2, not 25", "Europe/Paris", "now ")

	_, page = pageOf(t, u.render, "/?namespace=shop&tz=UTC")
	expect(t, page, "shop/web", "!video/images", "times in UTC", "!covers no Horizontal")
	_, page = pageOf(t, u.render, "/?namespace=sh0p")
	expect(t, page, "No HPA matches namespace sh0p", "Show all HPAs", "!No entry covers")

	feed.Publish(controller.Outcome{Err: broken})
	_, page = pageOf(t, u.render, "/")
	expect(t, page, "The last good schedule stays in force", "schedule.yaml:7:3", "video/images")

	u.hpas = shelf{err: errors.New("not yet")}
	if status, page := pageOf(t, u.render, "/"); status != 503 || !strings.Contains(page, "not read yet") {
		t.Errorf("with an empty cache the page is %d %q, want 503", status, page)
	}
}

func TestLeaderInWords(t *testing.T) {
	renewed := metav1.Now()
	l := &lock{LeaseLock: &resourcelock.LeaseLock{LockConfig: resourcelock.ResourceLockConfig{Identity: "pod-1_aaaa"}}, term: 5 * time.Second}
	says := func(after time.Duration, want string) {
		t.Helper()
		if got := l.leader(time.Now().Add(after)); got != want {
			t.Errorf("after %s the leader is told as %q, want %q", after, got, want)
		}
	}
	says(0, "not known yet (this replica has not joined the election)")
	l.saw(resourcelock.LeaderElectionRecord{HolderIdentity: "pod-1_aaaa", RenewTime: renewed})
	says(0, "pod-1 (this replica)")
	l.saw(resourcelock.LeaderElectionRecord{HolderIdentity: "pod-2_bbbb", RenewTime: renewed})
	says(0, "pod-2")
	says(11*time.Second, "nobody (pod-2 has stopped)")
	says(16*time.Second, "not known (the API server does not answer)")
	l.saw(resourcelock.LeaderElectionRecord{})
	says(0, "nobody at the moment")
}

// TestPlanPageReadsAnew edits the schedule behind a page's back.
func TestPlanPageReadsAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schedule.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(allDay)
	o := &viewOptions{span: "7d", now: time.Now}
	first, err := o.look(t.Context(), []string{file}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &planPage{options: o, args: []string{file}, title: "Plan", last: first}
	_, page := pageOf(t, p.render, "/")
	expect(t, page, "video/*", "all-day", "each lane stands for a target")

	write(strings.ReplaceAll(allDay, "all-day", "around-the-clock"))
	_, page = pageOf(t, p.render, "/?for=1d")
	expect(t, page, "around-the-clock", "!all-day")

	write(strings.ReplaceAll(allDay, "start:", "begin:"))
	_, page = pageOf(t, p.render, "/")
	expect(t, page, "The schedule was refused", "schedule.yaml:5:", "around-the-clock")
	if status, page := pageOf(t, p.render, "/?from=2026-13-01"); status != 400 || !strings.Contains(page, `value="2026-13-01"`) {
		t.Errorf("a date that is none is answered %d %q", status, page)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	_, page = pageOf(t, p.render, "/")
	expect(t, page, "Not everything can be read", "schedule.yaml", "around-the-clock", "!The schedule was refused")
}

// TestPlanPageKeepsItsHPAs: manifests that become unreadable behind a page's back are told of, and those before stay.
func TestPlanPageKeepsItsHPAs(t *testing.T) {
	dir := t.TempDir()
	file, hpas := filepath.Join(dir, "schedule.yaml"), filepath.Join(dir, "hpas.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, allDay)
	write(hpas, "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {namespace: video, name: images}\n"+
		"spec: {minReplicas: 4, maxReplicas: 40, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}}\n")
	o := &viewOptions{span: "7d", now: time.Now, inputs: inputs{hpas: []string{hpas}}}
	first, err := o.look(t.Context(), []string{file}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &planPage{options: o, args: []string{file}, title: "Plan", last: first}
	_, page := pageOf(t, p.render, "/")
	expect(t, page, "video/images", "&#43;21 Pods", "<title>Plan of schedule.yaml</title>", "!Not everything can be read")

	write(hpas, "kind: [HorizontalPodAutoscaler\n")
	status, page := pageOf(t, p.render, "/")
	expect(t, page, "Not everything can be read", "hpas.yaml:", "video/images", "!1 problem")
	if status != 200 {
		t.Errorf("the page is %d, want 200", status)
	}
}
