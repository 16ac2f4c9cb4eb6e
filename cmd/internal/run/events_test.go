package run

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// TestEventsAreSentAgain: what client-go's recorder must send again is no answer of the API server, and the rest is one.
func TestEventsAreSentAgain(t *testing.T) {
	code := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
	}))
	defer server.Close()
	config := &rest.Config{Host: server.URL}
	config.Wrap(keepEvents)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	answered := func(err error) bool { return errors.As(err, new(*apierrors.StatusError)) }
	for _, test := range []struct {
		code  int
		again bool
	}{{500, true}, {503, true}, {504, true}, {400, false}, {403, false}, {409, false}, {422, false}} {
		code = test.code
		_, err := client.EventsV1().Events("video").Create(t.Context(), &eventsv1.Event{}, metav1.CreateOptions{})
		if err == nil || answered(err) == test.again {
			t.Errorf("an Event that is answered with %d: %v", code, err)
		}
		if _, err := client.CoreV1().ConfigMaps("video").Get(t.Context(), "schedule", metav1.GetOptions{}); !answered(err) {
			t.Errorf("anything else that is answered with %d: %v", code, err)
		}
	}
}
