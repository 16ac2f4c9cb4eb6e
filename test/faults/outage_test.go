package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// recovery is how soon after the API is back every floor must be in effect.
const recovery = 20 * time.Second

// outage is a time without the API.
type outage struct {
	name       string
	begin, end func(t *testing.T, c *cluster)
}

// outages are the ways in which the API can be away: the API server ends, etcd ends, the API server hangs.
func outages() []outage {
	stopped := func(name controlplane.Component) outage {
		return outage{
			name: "without-" + string(name),
			begin: func(t *testing.T, c *cluster) {
				if err := c.StopComponent(name); err != nil {
					t.Fatal(err)
				}
			},
			end: func(t *testing.T, c *cluster) {
				if err := c.StartComponent(context.WithoutCancel(t.Context()), name); err != nil {
					t.Fatal(err)
				}
			},
		}
	}
	signal := func(signal syscall.Signal) func(*testing.T, *cluster) {
		return func(t *testing.T, c *cluster) {
			if err := c.Signal(controlplane.APIServer, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	hung := outage{name: "with-a-hung-kube-apiserver", begin: signal(syscall.SIGSTOP), end: signal(syscall.SIGCONT)}
	return []outage{stopped(controlplane.APIServer), stopped(controlplane.Etcd), hung}
}

// TestOutages lets a floor open and another close in the middle of each kind of outage. How long it lasts,
// FAULTS_OUTAGE says; without it there is a short one and a longer one.
func TestOutages(t *testing.T) {
	t.Parallel()
	text := os.Getenv("FAULTS_OUTAGE")
	long, err := time.ParseDuration(text)
	if text != "" && err != nil {
		t.Fatalf("cannot read FAULTS_OUTAGE: %v", err)
	}
	if text != "" {
		for _, kind := range outages() { // side by side, each with a control plane of its own
			t.Run(kind.name, func(t *testing.T) {
				t.Parallel()
				c := startCluster(t)
				c.play(t, kind.name, func(t *testing.T, s *scene) { s.playOutage(t, kind, long) })
				c.judge(t)
			})
		}
		return
	}
	c := startCluster(t)
	for _, kind := range outages() {
		for _, duration := range []time.Duration{time.Second, 15 * time.Second} {
			name := kind.name + "-for-" + duration.String()
			t.Run(name, func(t *testing.T) {
				c.play(t, name, func(t *testing.T, s *scene) { s.playOutage(t, kind, duration) })
			})
		}
	}
	t.Run("expired", func(t *testing.T) { c.play(t, "expired", expired) })
	t.Run("history", c.judge)
	t.Run("restored", func(t *testing.T) { c.play(t, "restored", restored) }) // its history does not go forward
}

// playOutage judges one outage: two replicas, a floor of web that opens in its middle, and one of api that closes then.
// The owners of cdn, whose floor opens as well, and of img, whose floor is in effect all the time, are the first to
// write when the API is back, before floorkeeper can have seen any event.
func (s *scene) playOutage(t *testing.T, kind outage, duration time.Duration) {
	s.create(t, "web", 2)
	s.create(t, "api", 3)
	s.create(t, "cdn", 2)
	s.create(t, "img", 2)
	a := s.keep(t, "a", nil)
	b := s.keep(t, "b", nil)
	keepers := []*keeper{a, b}
	middle := time.Now().UTC().Truncate(time.Second).Add(4*time.Second + (duration / 2).Truncate(time.Second))
	now := span{time.Now().UTC().Add(-5 * time.Second).Truncate(time.Second), middle}
	later := span{middle, middle.Add(time.Hour)}
	long := s.event("long", span{now.start, later.end}, 7, "img")
	s.publish(t, s.event("now", now, 6, "api"), s.event("later", later, 8, "web", "cdn"), long)
	s.awaitHeld(t, "api", 6)
	s.awaitHeld(t, "img", 7)

	at(middle.Add(-duration / 2))
	from := time.Now()
	kind.begin(t, s.cluster)
	at(middle.Add(duration / 2))
	began := time.Now()
	kind.end(t, s.cluster)
	back := time.Now()
	s.gaps = append(s.gaps, history.Interval{From: from.Add(-time.Second), To: back})
	s.edit(t, "cdn", 5)
	s.edit(t, "img", 5)
	took := s.recoveries(t, back, map[string]int32{"web": 8, "api": 3, "cdn": 8, "img": 7})
	t.Logf("RESULT %s %s: the API was back after %.1f s more; every floor stood after: %v; exits %d and %d", duration,
		kind.name, back.Sub(began).Seconds(), took, a.ended(), b.ended())
	for name, took := range took {
		if took > recovery {
			t.Errorf("%s stood as it should %s after the API was back, want at most %s", name, took, recovery)
		}
	}
	for _, k := range keepers {
		await.Success(t, k.name+" to be ready", k.ready)
		if k.ended() > 0 {
			t.Errorf("%s ended %d times, want never", k.name, k.ended())
		}
	}
	t.Logf("RESULT %s %s: both were ready after %.1f s", duration, kind.name, time.Since(back).Seconds())
	s.edit(t, "web", 4)
	s.awaitHeld(t, "web", 8)
	s.publish(t, s.event("later", later.until(2*time.Second), 8, "web", "cdn"))
	s.wantFree(t)
}

// recoveries returns how long after an instant each HPA came to have a minReplicas.
func (s *scene) recoveries(t *testing.T, since time.Time, want map[string]int32) map[string]time.Duration {
	t.Helper()
	took := map[string]time.Duration{}
	await.Success(t, fmt.Sprintf("minReplicas %v", want), func(ctx context.Context) error {
		for name, minReplicas := range want {
			if _, done := took[name]; done {
				continue
			}
			hpa, err := s.hpa(ctx, name)
			if err == nil && *hpa.Spec.MinReplicas == minReplicas {
				took[name] = time.Since(since).Round(100 * time.Millisecond)
			}
		}
		if len(took) < len(want) {
			return fmt.Errorf("only these: %v", took)
		}
		return nil
	})
	return took
}

// expired lets the watch end, and the API server forget the versions that came since, before the watch comes back: etcd
// is compacted, and an API server that has just started remembers none of what was before.
func expired(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	s.create(t, "api", 2)
	p := s.startProxy(t, s.namespace)
	// It must not end with the API server: a new process would know nothing either.
	k := s.keep(t, "only", p, "--leader-elect-lease-duration=90s", "--leader-elect-renew-deadline=80s")
	open := openFrom(-5 * time.Second)
	s.publish(t, s.gala(open, 8, "api"))
	s.awaitHeld(t, "web", 8)
	s.awaitHeld(t, "api", 8)

	seeing := p.blind()
	s.edit(t, "web", 5)
	s.edit(t, "web", 6)
	s.drop(t, "api")
	s.create(t, "api", 3)
	s.compact(t)
	from := time.Now()
	if err := s.StopComponent(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	if err := s.StartComponent(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	s.gaps = append(s.gaps, history.Interval{From: from.Add(-time.Second), To: time.Now()})
	seeing()
	s.awaitHeld(t, "web", 8)
	s.awaitHeld(t, "api", 8)
	p.mu.Lock()
	gone := p.expired
	p.mu.Unlock()
	if gone == 0 {
		t.Error("the API server refused no watch for an old version: this proves nothing")
	}
	if k.ended() > 0 {
		t.Errorf("it ended %d times", k.ended())
	}
	s.publish(t, s.gala(open.until(2*time.Second), 8, "api"))
	s.wantFree(t)
	s.wantQuiet(t, p)
}

// compact makes etcd forget every version but the latest, by its JSON gateway.
func (s *scene) compact(t *testing.T) {
	t.Helper()
	hpa, err := s.hpa(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.EtcdSocket())
	}}
	defer transport.CloseIdleConnections()
	body := fmt.Sprintf(`{"revision": %q, "physical": true}`, hpa.ResourceVersion)
	client := &http.Client{Transport: transport, Timeout: await.Patience}
	answer, err := client.Post("http://etcd/v3/kv/compaction", "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("cannot compact etcd: %s %s %v", answer.Status, text, err)
	}
}
