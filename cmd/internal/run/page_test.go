package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
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

func TestPageOfAController(t *testing.T) {
	feed := controller.NewFeed()
	u := &ui{
		hpas: shelf{hpas: []autoscalingv2.HorizontalPodAutoscaler{someHPA("video", "images"), someHPA("shop", "web"), someHPA("else", "where")}},
		feed: feed, leader: func(time.Time) string { return "floorkeeper-1 (this replica)" },
	}
	_, body := command.Page(t, page.Handler(u.render, pageSpan), "/")
	command.Expect(t, body, "there is no valid schedule", "!The schedule was refused", "floorkeeper-1</strong><span>this replica")

	broken := source.Problems{{Place: source.Place{File: "schedule.yaml", Line: 7, Column: 3}, Message: "no <b>such</b> day", Rule: "day"}}
	feed.Publish(controller.Outcome{Err: broken})
	_, body = command.Page(t, page.Handler(u.render, pageSpan), "/")
	command.Expect(t, body, "There is no valid schedule yet", "schedule.yaml:7:3: error: no &lt;b&gt;such&lt;/b&gt; day")

	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(command.AllDay)})
	if err != nil {
		t.Fatal(err)
	}
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedule, SHA256: "0123456789abcdef0123", LoadedAt: time.Now()}})
	_, body = command.Page(t, page.Handler(u.render, pageSpan), "/")
	command.Expect(t, body, "+30 Pods", "0123456789ab", "!The schedule was refused", "video/images", "shop/web", "Nothing is planned for 1 other HPA",
		"Pending: 2, not 25", "Europe/Paris", "now ")

	_, body = command.Page(t, page.Handler(u.render, pageSpan), "/?namespace=shop&tz=UTC")
	command.Expect(t, body, "shop/web", "!video/images", "times in UTC", "!covers no Horizontal")
	_, body = command.Page(t, page.Handler(u.render, pageSpan), "/?namespace=sh0p")
	command.Expect(t, body, "No HPA matches namespace sh0p", "Show all HPAs", "!No entry covers")

	feed.Publish(controller.Outcome{Err: broken})
	_, body = command.Page(t, page.Handler(u.render, pageSpan), "/")
	command.Expect(t, body, "The last good schedule stays in force", "schedule.yaml:7:3", "video/images")

	u.hpas = shelf{err: errors.New("not yet")}
	if status, body := command.Page(t, page.Handler(u.render, pageSpan), "/"); status != 503 || !strings.Contains(body, "not read yet") {
		t.Errorf("with an empty cache the page is %d %q, want 503", status, body)
	}
}

// TestPageOfManyHPAs: a page that would take long is refused soon, and one of them is shown.
func TestPageOfManyHPAs(t *testing.T) {
	text := command.Head + "timeZone: UTC\nrampUp: 5m\nrampDown: 5m\nwindows:\n"
	for hour := range 12 {
		text += fmt.Sprintf("  - {name: w%d, start: \"%02d:00\", duration: 20m, targets: [{namespace: shop, minReplicas: 300%%}]}\n", hour, 2*hour)
	}
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	feed := controller.NewFeed()
	feed.Publish(controller.Outcome{Revision: &controller.Revision{Schedule: schedule, SHA256: "0123456789abcdef0123", LoadedAt: time.Now()}})
	var hpas []autoscalingv2.HorizontalPodAutoscaler
	for i := range 1000 {
		hpa := someHPA("shop", fmt.Sprintf("web-%03d", i))
		*hpa.Spec.MinReplicas, hpa.Spec.MaxReplicas = int32(10+i), 100_000
		hpas = append(hpas, hpa)
	}
	handler := page.Handler((&ui{hpas: shelf{hpas: hpas}, feed: feed, leader: func(time.Time) string { return "" }}).render, pageSpan)
	if status, body := command.Page(t, handler, "/?for=31d"); status != 400 || !strings.Contains(body, "ask for a shorter range, a namespace or a name") {
		t.Errorf("a page of 1,000 HPAs and 31 days is answered %d", status)
	}
	if status, body := command.Page(t, handler, "/?for=31d&name=web-007"); status != 200 || !strings.Contains(body, "shop/web-007") || strings.Contains(body, "shop/web-008") {
		t.Errorf("a page of one HPA and 31 days is answered %d", status)
	}
}

func TestLeaderInWords(t *testing.T) {
	renewed := metav1.Now()
	l := &lock{LeaseLock: &resourcelock.LeaseLock{LockConfig: resourcelock.ResourceLockConfig{Identity: "pod-1_aaaa"}}, term: 5 * time.Second}
	says := func(after time.Duration, want string) {
		t.Helper()
		if got := l.leader(time.Now().Add(after)); got != want {
			t.Errorf("after %s the leader is reported as %q, want %q", after, got, want)
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
