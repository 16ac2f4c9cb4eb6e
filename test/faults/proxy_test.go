package faults

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// proxy is between one floorkeeper and the API server. It forwards each request as it is, unless a fault wants it
// otherwise. It speaks HTTP/1.1, so that a connection that is dropped takes no other request along.
type proxy struct {
	kubeconfig string // of floorkeeper's ServiceAccount, by way of the proxy
	upstream   *httputil.ReverseProxy

	mu      sync.Mutex
	faults  []*fault
	seen    []exchange
	held    chan struct{} // closed when watches are not held
	watches map[*http.Request]context.CancelFunc
	expired int // watches that the API server refused because their version is too old
}

// exchange is a request, and the status of its answer: 0 if none was sent.
type exchange struct {
	request *http.Request
	status  int
}

// startProxy starts a proxy for the account of a kubeconfig file.
func (c *cluster) startProxy(t *testing.T, name string) *proxy {
	t.Helper()
	p := &proxy{held: make(chan struct{}), watches: map[*http.Request]context.CancelFunc{}}
	close(p.held)
	kubeconfig, err := clientcmd.LoadFromFile(c.Account)
	if err != nil {
		t.Fatal(err)
	}
	target := kubeconfig.Clusters[kubeconfig.Contexts[kubeconfig.CurrentContext].Cluster]
	upstream, err := url.Parse(target.Server)
	if err != nil {
		t.Fatal(err)
	}
	tls, err := rest.TLSConfigFor(&rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: target.CertificateAuthorityData}})
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: tls, MaxIdleConnsPerHost: 10}
	silence := log.New(io.Discard, "", 0)
	p.upstream = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       silence,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { abort() },
		ModifyResponse: p.gate,
	}
	server := httptest.NewUnstartedServer(p)
	server.Config.ErrorLog = silence
	server.StartTLS()
	t.Cleanup(func() {
		p.release()
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	target.Server = server.URL
	target.CertificateAuthorityData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	p.kubeconfig = filepath.Join(c.dir, name+".kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfig, p.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return p
}

// abort ends a request without an answer: its connection is closed.
func abort() { panic(http.ErrAbortHandler) }

// ServeHTTP lets the first fault that wants the request have it, and forwards it if there is none.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	note := &answer{ResponseWriter: w}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, exchange{r, note.status})
	}()
	if r.Method == http.MethodGet {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		r = r.WithContext(ctx)
		if isWatch(r) {
			defer p.watching(r, cancel)()
		}
	} else {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			abort()
		}
		// A request that is on its way arrives, even if the sender has died meanwhile.
		r = r.WithContext(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if f := p.wanted(r); f != nil {
		f.act(p, note, r)
		return
	}
	p.forward(note, r)
}

// forward sends the request to the API server and its answer back.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) { p.upstream.ServeHTTP(w, r) }

// watching notes a watch while it runs.
func (p *proxy) watching(r *http.Request, cancel context.CancelFunc) (ended func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watches[r] = cancel
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watches, r)
	}
}

// hold lets no more events of any watch through, until release. Other requests pass.
func (p *proxy) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.held:
		p.held = make(chan struct{})
	default:
	}
}

// release ends hold; what the watches hold comes through, in order.
func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.held:
	default:
		close(p.held)
	}
}

// cut ends every watch in the middle.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.watches {
		cancel()
	}
}

// gate puts the gate of hold in front of the events of a watch.
func (p *proxy) gate(response *http.Response) error {
	if isWatch(response.Request) {
		response.Body = &gated{response.Body, p, response.Request.Context()}
	}
	return nil
}

// gated is the body of a watch.
type gated struct {
	io.ReadCloser
	proxy *proxy
	ctx   context.Context //nolint:containedctx // the request's, as http.Request holds it itself
}

func (g *gated) Read(data []byte) (int, error) {
	n, err := g.ReadCloser.Read(data)
	g.proxy.mu.Lock()
	held := g.proxy.held
	if bytes.Contains(data[:n], []byte("too old resource version")) {
		g.proxy.expired++
	}
	g.proxy.mu.Unlock()
	select {
	case <-held:
		return n, err
	case <-g.ctx.Done():
		return 0, g.ctx.Err()
	}
}

// answer notes the status that is sent.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the ReverseProxy flush.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func isWatch(r *http.Request) bool {
	watch := r.URL.Query().Get("watch")
	return watch == "true" || watch == "1"
}

// count returns how many requests that match were answered with a status; 0 means not answered, -1 any.
func (p *proxy) count(match func(*http.Request) bool, status int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := 0
	for _, e := range p.seen {
		if match(e.request) && (status < 0 || e.status == status) {
			count++
		}
	}
	return count
}
