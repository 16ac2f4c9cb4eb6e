package run

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
)

// access asks the API server whose bearer token a request has, and whether that account may read its path. controller-runtime
// has a filter for that, which makes the binary half as large again: see docs/design.md.
type access struct {
	tokens  authenticationclient.TokenReviewInterface
	rights  authorizationclient.SubjectAccessReviewInterface
	answers *cache.LRUExpireCache // the status for the hash of a token and a path
}

const (
	accessTimeout = 10 * time.Second
	accessMemory  = time.Minute // how long an answer counts
	accessAnswers = 100
)

func newAccess(config *rest.Config, client *http.Client) (*access, error) {
	tokens, err := authenticationclient.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("cannot set up --metrics-secure: %w", err)
	}
	rights, err := authorizationclient.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("cannot set up --metrics-secure: %w", err)
	}
	return &access{tokens.TokenReviews(), rights.SubjectAccessReviews(), cache.NewLRUExpireCache(accessAnswers)}, nil
}

// guard passes the requests to a handler that it allows.
func (a *access) guard(logger logr.Logger, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := a.status(r)
		switch {
		case err != nil:
			logger.Error(err, "cannot find out who asks for metrics")
			http.Error(w, "the API server does not answer", http.StatusServiceUnavailable)
		case status != http.StatusOK:
			http.Error(w, http.StatusText(status), status)
		default:
			handler.ServeHTTP(w, r)
		}
	})
}

// status returns that of the answer to a request: 200 if it is allowed.
func (a *access) status(r *http.Request) (int, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return http.StatusUnauthorized, nil
	}
	key := sha256.Sum256([]byte(r.Method + r.URL.Path + " " + token))
	if status, known := a.answers.Get(key); known {
		return status.(int), nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), accessTimeout)
	defer cancel()
	status, err := a.ask(ctx, token, strings.ToLower(r.Method), r.URL.Path)
	if err == nil {
		a.answers.Add(key, status, accessMemory)
	}
	return status, err
}

func (a *access) ask(ctx context.Context, token, verb, path string) (int, error) {
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}
	review, err := a.tokens.Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return 0, err
	}
	if !review.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user := review.Status.User
	extra := make(map[string]authorizationv1.ExtraValue, len(user.Extra))
	for name, values := range user.Extra {
		extra[name] = authorizationv1.ExtraValue(values)
	}
	right := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: verb, Path: path},
	}}
	if right, err = a.rights.Create(ctx, right, metav1.CreateOptions{}); err != nil {
		return 0, err
	}
	if !right.Status.Allowed || right.Status.Denied {
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}
