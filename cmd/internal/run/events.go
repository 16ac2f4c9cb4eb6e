package run

import (
	"fmt"
	"net/http"
	"strings"
)

// eventKeeper makes an Event that the API server could not store be sent again. client-go's recorder drops what any status
// answers, a 500 or 504 too, and sends what fails otherwise 12 times, some ten seconds apart.
type eventKeeper struct{ http.RoundTripper }

func keepEvents(below http.RoundTripper) http.RoundTripper { return eventKeeper{below} }

// RoundTrip implements http.RoundTripper.
func (k eventKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := k.RoundTripper.RoundTrip(r)
	if err != nil || response.StatusCode < http.StatusInternalServerError || !strings.HasPrefix(r.URL.Path, "/apis/events.k8s.io/") {
		return response, err
	}
	_ = response.Body.Close()
	return nil, fmt.Errorf("the API server could not store the Event: %s", response.Status)
}

// WrappedRoundTripper is how apimachinery finds the transport below.
func (k eventKeeper) WrappedRoundTripper() http.RoundTripper { return k.RoundTripper }
