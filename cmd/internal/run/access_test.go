package run

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/rest"
)

// TestAccess: the API server knows two tokens, good and poor. Only good may get /metrics.
func TestAccess(t *testing.T) {
	var asked []string
	broken := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		asked = append(asked, kind)
		if broken {
			http.Error(w, "etcd is away", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		var err error
		if kind == "tokenreviews" {
			err = json.NewEncoder(w).Encode(reviewed(t, r))
		} else {
			err = json.NewEncoder(w).Encode(decided(t, r))
		}
		if err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	a, err := newAccess(&rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	handler := a.guard(logr.Discard(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	both := []string{"tokenreviews", "subjectaccessreviews"}
	for _, step := range []struct {
		name, authorization string
		broken              bool
		status              int
		asked               []string
	}{
		{name: "without a token nobody is asked", status: http.StatusUnauthorized},
		{name: "nor with another scheme", authorization: "Basic good", status: http.StatusUnauthorized},
		{name: "an unknown token", authorization: "Bearer unknown", status: http.StatusUnauthorized, asked: both[:1]},
		{name: "who may not", authorization: "Bearer poor", status: http.StatusForbidden, asked: both},
		{name: "no answer is no permission", authorization: "Bearer good", broken: true, status: http.StatusServiceUnavailable, asked: both[:1]},
		{name: "and is not remembered", authorization: "Bearer good", status: http.StatusOK, asked: both},
		{name: "an answer is", authorization: "bearer good", broken: true, status: http.StatusOK},
		{name: "a refusal too", authorization: "Bearer poor", broken: true, status: http.StatusForbidden},
	} {
		asked, broken = nil, step.broken
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		if step.authorization != "" {
			request.Header.Set("Authorization", step.authorization)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != step.status || !slices.Equal(asked, step.asked) {
			t.Errorf("%s: status %d, want %d; asked %q, want %q", step.name, answer.Code, step.status, asked, step.asked)
		}
	}
}

// reviewed is the answer to a TokenReview.
func reviewed(t *testing.T, r *http.Request) *authenticationv1.TokenReview {
	review := &authenticationv1.TokenReview{}
	if err := json.NewDecoder(r.Body).Decode(review); err != nil {
		t.Error(err)
	}
	if token := review.Spec.Token; token == "good" || token == "poor" {
		review.Status.Authenticated, review.Status.User = true, authenticationv1.UserInfo{
			Username: token, Groups: []string{"scrapers"}, Extra: map[string]authenticationv1.ExtraValue{"pod": {"prometheus-0"}},
		}
	}
	return review
}

// decided is the answer to a SubjectAccessReview.
func decided(t *testing.T, r *http.Request) *authorizationv1.SubjectAccessReview {
	review := &authorizationv1.SubjectAccessReview{}
	if err := json.NewDecoder(r.Body).Decode(review); err != nil {
		t.Error(err)
	}
	what := review.Spec.NonResourceAttributes
	if what == nil || *what != (authorizationv1.NonResourceAttributes{Verb: "get", Path: "/metrics"}) ||
		!slices.Equal(review.Spec.Groups, []string{"scrapers"}) || !slices.Equal(review.Spec.Extra["pod"], []string{"prometheus-0"}) {
		t.Errorf("asked about %+v", review.Spec)
	}
	review.Status.Allowed = review.Spec.User == "good"
	return review
}
