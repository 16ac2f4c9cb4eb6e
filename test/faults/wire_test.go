package faults

import (
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

// wire carries connections to the API server as they are, TLS and HTTP/2 included, until they are muted.
type wire struct {
	kubeconfig string // of floorkeeper's ServiceAccount, by way of the wire
	upstream   string

	mu    sync.Mutex
	muted chan struct{} // closed when the connections that there are die
	ends  []net.Conn
}

// startWire starts a wire for the account of a kubeconfig file.
func (c *cluster) startWire(t *testing.T, name string) *wire {
	t.Helper()
	kubeconfig, err := clientcmd.LoadFromFile(c.Account)
	if err != nil {
		t.Fatal(err)
	}
	target := kubeconfig.Clusters[kubeconfig.Contexts[kubeconfig.CurrentContext].Cluster]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{upstream: strings.TrimPrefix(target.Server, "https://"), muted: make(chan struct{})}
	t.Cleanup(func() {
		_ = listener.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, end := range w.ends {
			_ = end.Close()
		}
	})
	go w.accept(listener)
	target.Server = "https://" + listener.Addr().String()
	w.kubeconfig = filepath.Join(c.dir, name+".wire.kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfig, w.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return w
}

// accept carries each connection until the listener is closed.
func (w *wire) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.upstream)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.mu.Lock()
		muted := w.muted
		w.ends = append(w.ends, client, server)
		w.mu.Unlock()
		go carry(client, server, muted)
		go carry(server, client, muted)
	}
}

// carry takes what comes from one end to the other, and closes both when one is closed. Once they are muted it takes nothing
// along, and closes nothing.
func carry(from, to net.Conn, muted <-chan struct{}) {
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		select {
		case <-muted:
			return
		default:
		}
		if _, failed := to.Write(data[:n]); err != nil || failed != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

// mute lets all connections die without a word, as when a firewall forgets them. New ones are carried.
func (w *wire) mute() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.muted)
	w.muted = make(chan struct{})
}

// mutedConnections lets the connections of both replicas die without a word shortly before a floor opens, and those of the
// leader before it closes. Neither end sees an error until somebody asks.
func mutedConnections(t *testing.T, s *scene) {
	s.create(t, "web", 2)
	w := s.startWire(t, s.namespace)
	a := s.keep(t, "a", nil, "--kubeconfig="+w.kubeconfig)
	s.awaitHolder(t, "")
	b := s.keep(t, "b", nil, "--kubeconfig="+w.kubeconfig)
	open := openFrom(4 * time.Second)
	s.publish(t, s.gala(open, 8))
	at(open.start.Add(-time.Second))
	w.mute()
	muted := time.Now()
	s.awaitMin(t, 8)
	raised := time.Since(muted)
	s.awaitHeld(t, "web", 8)
	s.edit(t, "web", 3)
	s.awaitHeld(t, "web", 8)

	open = open.until(4 * time.Second)
	s.publish(t, s.gala(open, 8))
	at(open.end.Add(-time.Second))
	w.mute()
	muted = time.Now()
	s.edit(t, "web", 4)
	s.wantFree(t)
	freed := time.Since(muted)
	t.Logf("RESULT all connections of both replicas died without a word: the floor stood after %.1f s, and was given back after %.1f s", raised.Seconds(), freed.Seconds())
	if late := max(raised, freed); late > recovery {
		t.Errorf("minReplicas was right %s after the connections had died, want at most %s", late, recovery)
	}
	if a.ended()+b.ended() > 0 {
		t.Errorf("the replicas ended %d and %d times, want never", a.ended(), b.ended())
	}
}
