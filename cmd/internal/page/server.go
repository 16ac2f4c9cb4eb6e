package page

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/controller/forecast"
	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	maxAnswers  = 4               // requests that are answered at the same time; one page after the other is drawn for them
	turnTimeout = 5 * time.Second // how long a request waits for its turn
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
	s := &server{render: render, defaultRange: defaultRange, pen: make(chan struct{}, 1)}
	pages := InTurn(http.HandlerFunc(s.page), maxAnswers)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, pages) })
}

// InTurn passes at most so many requests to a handler at the same time. The others wait a little for their turn.
func InTurn(handler http.Handler, most int) http.Handler {
	slots := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !take(r.Context(), slots) {
			busy(w)
			return
		}
		defer func() { <-slots }()
		handler.ServeHTTP(w, r)
	})
}

// take waits for a slot, and reports whether it got one.
func take(ctx context.Context, slots chan struct{}) bool {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

var errBusy = errors.New("too much is asked for at once; try again")

func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "2")
	fail(w, http.StatusServiceUnavailable, errBusy.Error())
}

type server struct {
	render       Render
	defaultRange string
	pen          chan struct{} // whoever draws has it: pages take memory and a processor, and a client may read slowly
}

// serve refuses what is not GET or HEAD or asks for a foreign name. Every answer has the same headers.
func (s *server) serve(w http.ResponseWriter, r *http.Request, pages http.Handler) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy(servedDirectives))
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
	case r.URL.Path == "/":
		pages.ServeHTTP(w, r)
	case r.URL.Path == "/icon.svg": // browsers ask for one and complain if there is none
		answer(w, http.StatusOK, "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`+
			`<rect width="32" height="32" rx="7" fill="#23406b"/><path d="M5 23H12V10H22V23H27" fill="none" stroke="#fff" stroke-width="3.5"/></svg>`))
	default:
		fail(w, http.StatusNotFound, "there is one page here: /")
	}
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	query, err := parseQuery(r.URL.RawQuery, s.defaultRange)
	if err != nil {
		s.refuse(w, query, err)
		return
	}
	body, err := s.draw(r.Context(), query)
	switch refusal := (Refusal{}); {
	case errors.Is(err, errBusy):
		busy(w)
	case errors.As(err, &refusal):
		s.refuse(w, query, err)
	case errors.Is(err, forecast.ErrTooLarge), errors.Is(err, context.DeadlineExceeded):
		s.refuse(w, query, errors.New("this is too much for one page: ask for a shorter range, a namespace or a name"))
	case err != nil:
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
	default:
		answer(w, http.StatusOK, htmlType, body)
	}
}

const htmlType = "text/html; charset=utf-8"

// draw makes the page that a query asks for when it is its turn, and stops when nobody waits for it any more.
func (s *server) draw(ctx context.Context, query Query) ([]byte, error) {
	if !take(ctx, s.pen) {
		return nil, errBusy
	}
	defer func() { <-s.pen }()
	ctx, cancel := context.WithTimeout(ctx, drawTimeout)
	defer cancel()
	document, err := s.render(ctx, query)
	if err != nil {
		return nil, err
	}
	body, err := s.html(query, document)
	if document.Forecast != nil {
		err = cmp.Or(document.Forecast.Err(), err)
	}
	return body, err
}

func (s *server) refuse(w http.ResponseWriter, query Query, mistake error) {
	body, err := s.html(query, &Document{Title: "floorkeeper", Location: time.UTC, Now: time.Now(), Mistake: mistake.Error()})
	if err != nil {
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
		return
	}
	answer(w, http.StatusBadRequest, htmlType, body)
}

func (s *server) html(query Query, document *Document) ([]byte, error) {
	if query.For == "" {
		query.For = s.defaultRange
	}
	document.Controls, document.Remedy = &query, "ask for a namespace or a name"
	var page bytes.Buffer
	err := HTML(&page, document)
	return page.Bytes(), err
}

// answer writes a body with its length, which HEAD needs as well.
func answer(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away needs no answer
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, "text/plain; charset=utf-8", []byte(message+"\n"))
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

const (
	minFor   = time.Minute         // unless the page shows less without being asked
	maxFor   = 31 * 24 * time.Hour // or more
	maxQuery = 2048
	maxValue = 253 // characters of a name in Kubernetes
)

// Query is what a reader asks for, as it was typed and found to be valid. What is not asked for is empty.
type Query struct {
	From, For, Zone string
	Namespace, Name string
}

func (q *Query) parameters() map[string]*string {
	return map[string]*string{"from": &q.From, "for": &q.For, "tz": &q.Zone, "namespace": &q.Namespace, "name": &q.Name}
}

// parseQuery reads the query of a URL to a page that shows a range of a length where none is asked for. What can be read is
// returned even with an error, which is for the reader.
func parseQuery(raw, defaultRange string) (Query, error) {
	if len(raw) > maxQuery {
		return Query{}, fmt.Errorf("the query is longer than %d characters", maxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, fmt.Errorf("cannot read the query: %w", err)
	}
	var q Query
	fields := q.parameters()
	for key, all := range values {
		field := fields[key]
		switch {
		case field == nil:
			return q, fmt.Errorf("there is no parameter %.40q; there are from, for, tz, namespace and name", key)
		case len(all) > 1:
			return q, fmt.Errorf("%s is given %d times; give it once", key, len(all))
		case len(all[0]) > maxValue:
			return q, fmt.Errorf("%s is longer than %d characters", key, maxValue)
		}
		*field = strings.TrimSpace(all[0])
	}
	if day, clock, found := strings.Cut(q.From, " "); found { // as people write it
		q.From = day + "T" + strings.TrimSpace(clock)
	}
	return q, q.check(defaultRange)
}

func (q *Query) check(defaultRange string) error {
	if q.For != "" {
		usual, _ := config.ParseDuration(defaultRange) // it is ours
		span, err := config.ParseDuration(q.For)
		if err != nil {
			return fmt.Errorf("cannot use for: %w", err)
		}
		if least, most := min(minFor, usual), max(maxFor, usual); span < least || span > most {
			return fmt.Errorf("cannot use for=%s: give from %s to %s, such as 36h", q.For, schedules.FormatDuration(least), schedules.FormatDuration(most))
		}
	}
	zone := time.UTC
	if q.Zone != "" {
		asked, err := config.ParseZone(q.Zone)
		if err != nil {
			return fmt.Errorf("cannot use tz: %w", err)
		}
		zone = asked
	}
	if q.From != "" && q.From != "now" {
		if _, err := config.ParseTime(q.From, zone); err != nil {
			return fmt.Errorf("cannot use from: %w", err)
		}
	}
	return nil
}

// Selects reports whether the query asks for an HPA.
func (q *Query) Selects(namespace, name string) bool {
	return (q.Namespace == "" || q.Namespace == namespace) && (q.Name == "" || q.Name == name)
}

func (q Query) address() string {
	values := make(url.Values)
	for key, value := range q.parameters() {
		if *value != "" {
			values.Set(key, *value)
		}
	}
	return "?" + values.Encode()
}

type rangeLink struct {
	text, href string
	current    bool
}

// links returns links to the usual lengths, with everything else as it is.
func (p *picture) links() (links []rangeLink) {
	q, current := *p.Controls, p.Controls.For
	for _, each := range []struct{ text, length string }{{"1 day", "1d"}, {"2 days", "2d"}, {"1 week", "7d"}, {"31 days", "31d"}} {
		q.For = each.length
		links = append(links, rangeLink{each.text, q.address(), current == each.length})
	}
	return links
}

// filter returns which HPAs are asked for, if not all.
func (q Query) filter() string {
	switch namespace, name := text.Line(q.Namespace), text.Line(q.Name); {
	case namespace != "" && name != "":
		return namespace + "/" + name
	case namespace != "":
		return "namespace " + namespace
	case name != "":
		return "name " + name
	default:
		return ""
	}
}

// unfiltered returns the address at which the same is asked of all HPAs.
func (q Query) unfiltered() string {
	q.Namespace, q.Name = "", ""
	return q.address()
}
