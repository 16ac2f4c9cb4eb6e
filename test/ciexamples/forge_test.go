package ciexamples

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// note is one of a merge request.
type note struct {
	ID     int    `json:"id"`
	Author author `json:"author"`
	Body   string `json:"body"`
}

type author struct {
	ID int `json:"id"`
}

// The user that a token belongs to.
const (
	bot   = 99
	token = "secret"
)

// gitlab is an API server with the notes of merge request 7 of project 5.
type gitlab struct {
	url string

	mu    sync.Mutex
	notes []note
}

func newGitLab(t *testing.T, notes ...note) *gitlab {
	g := &gitlab{notes: notes}
	mux := http.NewServeMux()
	const list = "/api/v4/projects/5/merge_requests/7/notes"
	mux.HandleFunc("GET /api/v4/user", func(w http.ResponseWriter, _ *http.Request) { answer(w, author{bot}) })
	mux.HandleFunc("GET "+list, g.list)
	mux.HandleFunc("POST "+list, g.create)
	mux.HandleFunc("PUT "+list+"/{id}", g.update)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if r.Header.Get("PRIVATE-TOKEN") != token {
			http.Error(w, "401 Unauthorized", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.url = server.URL + "/api/v4"
	return g
}

func answer(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (g *gitlab) list(w http.ResponseWriter, r *http.Request) {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		http.Error(w, "400 page", http.StatusBadRequest)
		return
	}
	from := min((page-1)*pageSize, len(g.notes))
	answer(w, append([]note{}, g.notes[from:min(from+pageSize, len(g.notes))]...))
}

func (g *gitlab) create(w http.ResponseWriter, r *http.Request) {
	g.notes = append(g.notes, note{1000 + len(g.notes), author{bot}, r.FormValue("body")})
	w.WriteHeader(http.StatusCreated)
}

// update lets none but its author change a note.
func (g *gitlab) update(w http.ResponseWriter, r *http.Request) {
	for i := range g.notes {
		if strconv.Itoa(g.notes[i].ID) == r.PathValue("id") && g.notes[i].Author.ID == bot {
			g.notes[i].Body = r.FormValue("body")
			return
		}
	}
	http.Error(w, "403 Forbidden", http.StatusForbidden)
}
