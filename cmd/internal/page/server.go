package page

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/floorkeeper/floorkeeper/config"
)

const (
	atOnce    = 4 // pages that are drawn at the same time; a large one takes a fraction of a second and some megabytes
	patience  = 5 * time.Second
	textPlain = "text/plain; charset=utf-8"
)

// Render makes the document that a query asks for. The context ends with the request.
type Render func(context.Context, Query) (*Document, error)

// Refusal is an error for the reader, who asked for something that there cannot be.
type Refusal struct{ Err error }

func (r Refusal) Error() string { return r.Err.Error() }

func (r Refusal) Unwrap() error { return r.Err }

// Handler serves the page at / and its icon, to GET and HEAD. standing is how long a range the renderer shows unless the
// query says otherwise.
func Handler(render Render, standing string) http.Handler {
	s := &server{render: render, standing: standing, slots: make(chan struct{}, atOnce)}
	return readOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			s.page(w, r)
		case "/icon.svg":
			icon(w)
		default:
			fail(w, http.StatusNotFound, "there is one page here: /")
		}
	}))
}

type server struct {
	render   Render
	standing string
	slots    chan struct{}
}

// readOnly refuses what is not GET or HEAD or asks for a name that is not ours, and sets the headers that every answer has.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", Policy())
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !trusted(r) {
			fail(w, http.StatusMisdirectedRequest, "this page does not answer to "+strconv.Quote(r.Host)+"; ask for localhost or for an IP address")
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "this page can be read and nothing else")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	standing, err := config.ParseDuration(s.standing)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	query, err := parseQuery(r.URL.RawQuery, standing)
	if err != nil {
		s.refuse(w, query, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
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
	if refusal := (Refusal{}); errors.As(err, &refusal) {
		s.refuse(w, query, err)
		return
	}
	if err != nil {
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
		return
	}
	s.draw(w, http.StatusOK, query, document)
}

// refuse says what is wrong with a query, above the form that it came from.
func (s *server) refuse(w http.ResponseWriter, query Query, err error) {
	s.draw(w, http.StatusBadRequest, query, &Document{
		Title: "floorkeeper", Location: time.UTC, Now: time.Now(), Mistake: err.Error(),
	})
}

func (s *server) draw(w http.ResponseWriter, status int, query Query, document *Document) {
	document.Controls = query.controls(s.standing)
	document.Remedy = "ask for a namespace or a name"
	var page bytes.Buffer
	if err := HTML(&page, document); err != nil {
		fail(w, http.StatusServiceUnavailable, "cannot draw the page: "+err.Error())
		return
	}
	answer(w, status, "text/html; charset=utf-8", page.Bytes())
}

// icon is drawn so that browsers, which ask for one anyway, do not complain.
func icon(w http.ResponseWriter) {
	answer(w, http.StatusOK, "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`+
		`<rect width="32" height="32" rx="7" fill="#23406b"/><path d="M5 23H12V10H22V23H27" fill="none" stroke="#fff" stroke-width="3.5"/></svg>`))
}

// answer writes a body with its length, so that HEAD is told it as well.
func answer(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever went away needs no answer
}

// fail answers with a line of text for a person.
func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", textPlain)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, message+"\n")
}
