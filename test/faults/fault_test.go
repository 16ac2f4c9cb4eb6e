package faults

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fault is what befalls some requests.
type fault struct {
	match func(*http.Request) bool
	after int // how many requests that match it spares first
	times int // how many it then concerns; 0 means all
	act   action

	matched int
}

// action takes the place of forwarding a request.
type action func(p *proxy, w http.ResponseWriter, r *http.Request)

// inject adds a fault. It returns a function that takes it away again.
func (p *proxy) inject(f fault) (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	added := &f
	p.faults = append(p.faults, added)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		added.match = func(*http.Request) bool { return false }
	}
}

// wanted returns the first fault that wants the request.
func (p *proxy) wanted(r *http.Request) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if !f.match(r) {
			continue
		}
		f.matched++
		if f.matched > f.after && (f.times == 0 || f.matched <= f.after+f.times) {
			return f
		}
	}
	return nil
}

// everything matches every request.
func everything(*http.Request) bool { return true }

// hpaPatches matches the writes to HPAs: every change and every hand-back.
func hpaPatches(r *http.Request) bool {
	return r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/horizontalpodautoscalers/")
}

// leaseWrites matches what keeps and takes the Lease.
func leaseWrites(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/leases")
}

// leases matches every request about the Lease.
func leases(r *http.Request) bool { return strings.Contains(r.URL.Path, "/leases") }

// events matches the writes of Events.
func events(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events")
}

// hpaReads matches the watches and lists of HPAs.
func hpaReads(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/horizontalpodautoscalers")
}

// writes matches all of them.
func writes(r *http.Request) bool { return r.Method != http.MethodGet }

// dropBefore lets the request never reach the API server.
func dropBefore(*proxy, http.ResponseWriter, *http.Request) { abort() }

// dropAfter lets the request reach the API server and its answer get lost.
func dropAfter(p *proxy, _ http.ResponseWriter, r *http.Request) {
	p.forward(httptest.NewRecorder(), r)
	abort()
}

// late lets the request wait on its way, also when its sender has given up.
func late(until <-chan struct{}) action {
	return func(p *proxy, w http.ResponseWriter, r *http.Request) {
		<-until
		p.forward(w, r)
	}
}

// slow lets the request wait for a time.
func slow(d time.Duration) action {
	return func(p *proxy, w http.ResponseWriter, r *http.Request) {
		<-time.After(d)
		p.forward(w, r)
	}
}

// refuse answers in place of the API server, with its kind of error.
func refuse(code int, reason metav1.StatusReason) action {
	return func(_ *proxy, w http.ResponseWriter, _ *http.Request) {
		status := metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status:   metav1.StatusFailure, Code: int32(code), Reason: reason, Message: "a test wants it so",
			Details: &metav1.StatusDetails{Group: "autoscaling", Kind: "horizontalpodautoscalers"},
		}
		if code == http.StatusTooManyRequests {
			status.Details.RetryAfterSeconds = 1
			w.Header().Set("Retry-After", strconv.Itoa(1))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(status)
	}
}
