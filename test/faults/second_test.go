package faults

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// twins play with a second API server over the same etcd, one after the other: first it finds etcd slow, then it hangs, ends
// and starts again.
func (c *cluster) twins(t *testing.T) {
	t.Parallel()
	etcd := startSlowEtcd(t, c.EtcdSocket())
	second, err := c.StartSecondAPIServer(t.Context(), etcd.socket)
	if err != nil {
		t.Fatal(err)
	}
	account := c.accountAt(t, second)
	t.Run("slow", func(t *testing.T) {
		c.play(t, "slow-etcd", func(t *testing.T, s *scene) { slowEtcd(t, s, etcd, account) })
	})
	t.Run("two", func(t *testing.T) {
		c.play(t, "two-api-servers", func(t *testing.T, s *scene) { twoAPIServers(t, s, second, account) })
	})
}

// accountAt writes a kubeconfig file of floorkeeper's account for an API server.
func (c *cluster) accountAt(t *testing.T, server *rest.Config) string {
	t.Helper()
	kubeconfig, err := clientcmd.LoadFromFile(c.Account)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig.Clusters[kubeconfig.Contexts[kubeconfig.CurrentContext].Cluster].Server = server.Host
	path := filepath.Join(c.dir, "second.kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfig, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// slowEtcd lets floors open and close while everything between etcd and the API server of both replicas takes its time: a
// bit, which may show in nothing but that time, and then for longer than the election waits.
func slowEtcd(t *testing.T, s *scene, etcd *slowSocket, account string) {
	s.create(t, "web", 2)
	a := s.keep(t, "a", nil, "--kubeconfig="+account)
	b := s.keep(t, "b", nil, "--kubeconfig="+account)
	s.awaitHolder(t, "")
	etcd.delay(150 * time.Millisecond)
	first := openFrom(3 * time.Second)
	first.end = first.start.Add(4 * time.Second)
	second := span{first.end.Add(5 * time.Second), first.end.Add(time.Hour)}
	s.publish(t, s.event("first", first, 8, "web"), s.event("second", second, 9, "web"))
	at(first.start)
	s.awaitMin(t, 8)
	raised := time.Since(first.start)
	at(first.end)
	s.awaitMin(t, 2)
	lowered := time.Since(first.end)

	etcd.delay(1500 * time.Millisecond)
	at(second.start.Add(5 * time.Second))
	etcd.delay(0)
	fast := time.Now()
	s.awaitMin(t, 9)
	again := time.Since(fast)
	t.Logf("RESULT etcd answered after 0.3 s: raised after %.1f s, given back after %.1f s; after 3 s for a while: the floor stood %.1f s after it was fast again; exits %d and %d",
		raised.Seconds(), lowered.Seconds(), again.Seconds(), a.ended(), b.ended())
	if again > recovery || a.ended()+b.ended() > 0 {
		t.Errorf("the floor stood after %s, want at most %s; the replicas ended %d and %d times, want never", again, recovery, a.ended(), b.ended())
	}
	s.edit(t, "web", 3)
	s.awaitHeld(t, "web", 9)
	s.publish(t, s.event("second", second.until(2*time.Second), 9, "web"))
	s.wantFree(t)
}

// twoAPIServers has a replica at each of two API servers. The owner writes by way of the second, which hangs while a floor
// opens, and ends while its replica leads and another floor opens. What starts then has no policy at first.
func twoAPIServers(t *testing.T, s *scene, second *rest.Config, account string) {
	s.create(t, "web", 2)
	client, err := kubernetes.NewForConfig(second)
	if err != nil {
		t.Fatal(err)
	}
	there := &scene{cluster: &cluster{client: client}, namespace: s.namespace, owner: s.owner}
	first := s.keep(t, "first", nil)
	s.awaitHolder(t, "")
	b := s.keep(t, "second", nil, "--kubeconfig="+account)
	open := openFrom(2 * time.Second)
	s.publish(t, s.gala(open, 8))
	signal := func(signal syscall.Signal) {
		if err := s.Signal(controlplane.SecondAPIServer, signal); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	s.awaitHeld(t, "web", 8)
	raised := time.Since(open.start)
	signal(syscall.SIGCONT)
	there.edit(t, "web", 5)
	s.awaitHeld(t, "web", 8)

	former, err := s.holder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.signal(t, syscall.SIGTERM, true)
	s.awaitHolder(t, former)
	there.edit(t, "web", 4)
	s.awaitHeld(t, "web", 8)
	s.keep(t, "third", nil)
	gap := history.Interval{From: time.Now().Add(-time.Second)}
	if err := s.StopComponent(controlplane.SecondAPIServer); err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	s.publish(t, s.gala(open, 11))
	s.awaitMin(t, 11)
	took := time.Since(ended)
	if err := s.StartComponent(t.Context(), controlplane.SecondAPIServer); err != nil {
		t.Fatal(err)
	}
	gap.To = time.Now()
	s.gaps = append(s.gaps, gap)
	there.edit(t, "web", 3)
	s.awaitHeld(t, "web", 11)
	await.Success(t, b.name+" to be ready", b.ready)
	t.Logf("RESULT two API servers: one hangs, and the floor stands %.1f s after its start; that of the leader ends, and a floor stands %.1f s after",
		raised.Seconds(), took.Seconds())
	if took > recovery || b.ended() > 0 {
		t.Errorf("the floor stood after %s, want at most %s; the replica ended %d times, want never", took, recovery, b.ended())
	}
	s.publish(t, s.gala(open.until(2*time.Second), 11))
	s.wantFree(t)
}

// slowSocket is between an API server and etcd. All that goes either way takes its time; the order stays.
type slowSocket struct {
	socket string
	lag    atomic.Int64
}

func (s *slowSocket) delay(lag time.Duration) { s.lag.Store(int64(lag)) }

// startSlowEtcd starts a socket that leads to etcd's.
func startSlowEtcd(t *testing.T, etcd string) *slowSocket {
	t.Helper()
	s := &slowSocket{socket: filepath.Join(filepath.Dir(etcd), "slow.sock")} // short, as the path of a socket must be
	listener, err := net.Listen("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { cancel(); _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", etcd)
			if err != nil {
				_ = client.Close()
				continue
			}
			context.AfterFunc(ctx, func() { _ = errors.Join(client.Close(), server.Close()) })
			go s.carry(client, server)
			go s.carry(server, client)
		}
	}()
	return s
}

// carry takes what comes from one end to the other, until one is closed.
func (s *slowSocket) carry(from, to net.Conn) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 10_000)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 32<<10)
			n, err := from.Read(data)
			if n > 0 {
				pieces <- piece{data[:n], time.Now().Add(time.Duration(s.lag.Load()))}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		at(p.due)
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_ = errors.Join(from.Close(), to.Close())
	for range pieces { // so that the reader ends
	}
}
