package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxDrawing  = 4 // pages that are drawn at the same time; a large one takes a fraction of a second and some megabytes
	drawTimeout = 5 * time.Second
	stopTimeout = 2 * time.Second // for requests that are under way when the server ends
)

// Render makes the document that a query asks for. The context ends with the request.
type Render func(context.Context, Query) (*Document, error)

// Refusal is an error for the reader, who asked for something that cannot be shown.
type Refusal struct{ Err error }

func (r Refusal) Error() string { return r.Err.Error() }

// Handler serves the page at / and its icon, to GET and HEAD. defaultRange is how long a range the renderer shows unless
// the query gives another.
func Handler(render Render, defaultRange string) http.Handler {
	s := &server{render: render, defaultRange: defaultRange, slots: make(chan struct{}, maxDrawing)}
	return readOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			s.page(w, r)
		case "/icon.svg": // browsers ask for one and complain if there is none
			answer(w, http.StatusOK, "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`+
				`<rect width="32" height="32" rx="7" fill="#23406b"/><path d="M5 23H12V10H22V23H27" fill="none" stroke="#fff" stroke-width="3.5"/></svg>`)
		default:
			fail(w, http.StatusNotFound, "there is one page here: /")
		}
	}))
}

type server struct {
	render       Render
	defaultRange string
	slots        chan struct{}
}

// readOnly refuses what is not GET or HEAD or asks for a foreign name, and sets the headers that every answer has.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", servedPolicy())
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !trusted(r):
			fail(w, http.StatusMisdirectedRequest, "this page does not answer to "+strconv.Quote(r.Host)+"; ask for localhost or for an IP address")
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "this page can be read and nothing else")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	query, err := parseQuery(r.URL.RawQuery, s.defaultRange)
	if err != nil {
		s.refuse(w, query, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), drawTimeout)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		w.Header().Set("Retry-After", "2")
		fail(w, http.StatusServiceUnavailable, "too many pages are asked for at once; try again")
		return
	}
	document, err := s.render(ctx, query)
	switch refusal := (Refusal{}); {
	case errors.As(err, &refusal):
		s.refuse(w, query, err)
	case err != nil:
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
	default:
		s.draw(w, http.StatusOK, query, document)
	}
}

// refuse shows what is wrong with a query, above the form that it came from.
func (s *server) refuse(w http.ResponseWriter, query Query, err error) {
	s.draw(w, http.StatusBadRequest, query, &Document{Title: "floorkeeper", Location: time.UTC, Now: time.Now(), Mistake: err.Error()})
}

func (s *server) draw(w http.ResponseWriter, status int, query Query, document *Document) {
	if query.For == "" {
		query.For = s.defaultRange
	}
	document.Controls, document.Remedy = &query, "ask for a namespace or a name"
	var page bytes.Buffer
	if err := HTML(&page, document); err != nil {
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
		return
	}
	answer(w, status, "text/html; charset=utf-8", page.String())
}

// answer writes a body with its length, which HEAD needs as well.
func answer(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that went away needs no answer
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, "text/plain; charset=utf-8", message+"\n")
}

// trusted reports whether a request may be answered under the host name that it asks for. A web site that a browser was
// lured to can have its own name resolve to 127.0.0.1 and so read what listens there with the rights of whoever started it
// (DNS rebinding); the name gives it away. So what arrives over loopback, through a port-forward too, has to ask for
// localhost or for an IP address, which no site can have resolve to another. What arrives otherwise came through a Service
// or an Ingress, whose names are its owner's choice.
func trusted(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true
	}
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return strings.EqualFold(name, "localhost") || net.ParseIP(name) != nil
}

// Exposed reports whether other machines reach an address that is listened on.
func Exposed(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// URL returns where a browser on this machine finds what listens on an address.
func URL(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", tcp.Port)
	}
	return "http://" + address.String() + "/"
}

// Listen opens the address, such as 127.0.0.1:0, where the kernel chooses a port.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the page: %w", err)
	}
	return listener, nil
}

// Serve answers requests until the context ends, and lets those that are under way finish, unless their clients do not read
// what they asked for.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("cannot go on serving the page: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return server.Close()
	}
	return nil
}
