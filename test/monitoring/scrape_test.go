package monitoring

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// TestMonitoring lets a real Prometheus scrape floorkeeper while one event is open, one is to come and one is misspelt, and
// while somebody lowers a floor.
func TestMonitoring(t *testing.T) {
	s := newScene(t)
	await.Success(t, "the floors", func(context.Context) error {
		if got := kubectl(t, "get", "hpa", "--namespace=video", "--output=jsonpath={.items[*].spec.minReplicas}"); got != "6 5" {
			return fmt.Errorf("minReplicas are %s", got)
		}
		return nil
	})
	kubectl(t, "patch", "hpa", "images", "--namespace=video", "--type=merge", `--patch={"spec":{"minReplicas":1}}`)

	t.Run("every alert is what it should be", func(t *testing.T) { testStates(t, s) })
	t.Run("a broken schedule is reported", func(t *testing.T) { testBrokenSchedule(t, s) })
	t.Run("every metric of an alert exists", func(t *testing.T) { testMetrics(t, s) })
	t.Run("the dashboard has data", func(t *testing.T) { testDashboard(t, s) })
	t.Run("HTTPS asks who it is", func(t *testing.T) { testSecure(t, s) })
	t.Run("a new certificate is read", func(t *testing.T) { testCertificate(t, s) })
	t.Run("the commands of the runbooks work", func(t *testing.T) { testRunbooks(t, s) })
	for _, r := range s.replicas {
		r.Kill()
	}
	s.awaitAlerts(t, "FloorkeeperDown", map[string]string{"": "pending"})
	t.Run("a floor that is raised by hand is given back", func(t *testing.T) { testByHand(t, s) })
}

// testStates compares the state of each alert with what goes on. An alert that is not listed must be silent.
func testStates(t *testing.T, s *scene) {
	want := map[string]map[string]string{
		"FloorkeeperEntryComing":        {"coming": "firing"},
		"FloorkeeperEntryCoversNothing": {"misspelt": "pending"},
		"FloorkeeperUpcomingProblems":   {"clamped-floor": "pending", "matches-nothing": "pending"},
		"FloorkeeperFloorClamped":       {"small": "pending"},
		"FloorkeeperFloorNotReached":    {"": "pending"}, // small scales nothing
		"FloorkeeperPodsNotReady":       {"images": "pending"},
		"FloorkeeperFloorReverted":      {"kubectl-patch": "firing"},
	}
	for _, a := range alerts(t) {
		s.awaitAlerts(t, a.Name, want[a.Name])
	}
	var groups struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := s.get(t.Context(), "rules", &groups); err != nil {
		t.Fatal(err)
	}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			if rule.Health != "ok" {
				t.Errorf("Prometheus cannot evaluate %s: %s", rule.Name, rule.LastError)
			}
		}
	}
}

// testBrokenSchedule breaks the schedule and mends it.
func testBrokenSchedule(t *testing.T, s *scene) {
	file := filepath.Join(s.dir, "schedule.yaml")
	good := read(t, file)
	write(t, file, strings.Replace(good, "events:", "evnts:", 1))
	s.awaitAlerts(t, "FloorkeeperScheduleReloadFailed", map[string]string{"": "pending"})
	write(t, file, good)
	s.awaitAlerts(t, "FloorkeeperScheduleReloadFailed", nil)
}

// awaitAlerts waits until an alert has these states, by the label that distinguishes its instances.
func (s *scene) awaitAlerts(t *testing.T, name string, want map[string]string) {
	t.Helper()
	await.Success(t, name, func(ctx context.Context) error {
		var all struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
		if err := s.get(ctx, "alerts", &all); err != nil {
			return err
		}
		got := map[string]string{}
		for _, a := range all.Alerts {
			if l := a.Labels; l["alertname"] == name {
				got[l["entry"]+l["kind"]+l["horizontalpodautoscaler"]+l["manager"]] = a.State
			}
		}
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			return errors.New("(-want +got)\n" + diff)
		}
		return nil
	})
}

// testMetrics: an alert that names a metric which nobody exports would be silent for ever.
func testMetrics(t *testing.T, s *scene) {
	named := map[string][]string{}
	for _, a := range alerts(t) {
		for _, metric := range a.Metrics {
			named[metric] = append(named[metric], a.Name)
		}
	}
	exported := s.metrics(t)
	for _, metric := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(exported, metric) {
			t.Errorf("%s, of %s, is not exported", metric, named[metric])
		}
	}
}

// metrics returns the names of all that Prometheus has scraped.
func (s *scene) metrics(t *testing.T) []string {
	t.Helper()
	var names []string
	if err := s.get(t.Context(), "label/__name__/values", &names); err != nil {
		t.Fatal(err)
	}
	return names
}

// testSecure: who has no token is not known, who has no right is not let in, and there is no way around HTTPS.
func testSecure(t *testing.T, s *scene) {
	for name, test := range map[string]struct {
		token string
		want  int
	}{
		"without a token":          {"", http.StatusUnauthorized},
		"a made-up token":          {"a.b.c", http.StatusUnauthorized},
		"an account without right": {token(t, "stranger"), http.StatusForbidden},
		"one that may":             {token(t, "prometheus"), http.StatusOK},
	} {
		status, body, err := ask(t, "https://"+s.replicas[1].Metrics, test.token)
		if err != nil || status != test.want || strings.Contains(body, "floorkeeper_leader") != (test.want == http.StatusOK) {
			t.Errorf("%s: status %d, want %d: %v: %.200s", name, status, test.want, err, body)
		}
	}
	// The connection may be reset before its answer, 400, arrives.
	if status, body, err := ask(t, "http://"+s.replicas[1].Metrics, token(t, "prometheus")); err == nil && status != http.StatusBadRequest {
		t.Errorf("by HTTP: status %d: %.200s", status, body)
	}
}

// testCertificate replaces the certificate, as cert-manager does.
func testCertificate(t *testing.T, s *scene) {
	crt, err := os.ReadFile(filepath.Join(s.certificate(t), "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	authority := x509.NewCertPool()
	authority.AppendCertsFromPEM(crt)
	await.Success(t, "the new certificate", func(ctx context.Context) error {
		conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: authority}}).DialContext(ctx, "tcp", s.replicas[1].Metrics)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// ask asks for metrics, whatever the certificate.
func ask(t *testing.T, address, token string) (status int, body string, err error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
