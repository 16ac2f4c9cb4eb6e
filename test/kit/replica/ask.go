package replica

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Ready asks whether it could lead.
func (r *Replica) Ready(ctx context.Context) error {
	_, err := Fetch(ctx, "http://"+r.Health+"/readyz")
	return err
}

// Live asks whether it works.
func (r *Replica) Live(ctx context.Context) error {
	_, err := Fetch(ctx, "http://"+r.Health+"/healthz")
	return err
}

// Samples reads its metrics, by the full name of the series, as in the exposition format: name{label="value"}.
func (r *Replica) Samples(ctx context.Context) (map[string]float64, error) {
	text, err := Fetch(ctx, "http://"+r.Metrics+"/metrics")
	if err != nil {
		return nil, err
	}
	samples := map[string]float64{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		space := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || space < 0 {
			continue
		}
		if samples[line[:space]], err = strconv.ParseFloat(line[space+1:], 64); err != nil {
			return nil, fmt.Errorf("cannot read the sample %q: %w", line, err)
		}
	}
	return samples, nil
}

// Fetch returns the body of an answer, and an error unless that is a success.
func Fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}

// Addresses hands out addresses on the loopback interface that nobody uses, and none of them twice. The zero value is
// ready for use.
type Addresses struct{ given sync.Map }

// Next returns an address with a port below those that kernels hand out for outgoing connections, so that no such connection
// takes it before floorkeeper does, or between two runs of it.
func (a *Addresses) Next() (string, error) {
	var err error
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 30000+rand.IntN(2768))
		if _, given := a.given.LoadOrStore(address, true); given {
			continue
		}
		var l net.Listener
		if l, err = net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", fmt.Errorf("cannot find a free port: %w", err)
}
