package page_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
)

func renderOne(context.Context, page.Query) (*page.Document, error) {
	return sampleOf("one")
}

func ask(handler http.Handler, method, target string) *http.Response {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func TestAnswers(t *testing.T) {
	handler := page.Handler(renderOne, "2d")
	for name, test := range map[string]struct {
		method, target string
		status         int
		says           string
	}{
		"the page":               {"GET", "/", 200, "video/images"},
		"its head":               {"HEAD", "/", 200, ""},
		"a time with a blank":    {"GET", "/?from=2026-12-18+18:00", 200, `value="2026-12-18T18:00"`},
		"a range":                {"GET", "/?from=2026-12-18T18:00&for=36h&tz=Europe/Paris", 200, `value="36h"`},
		"an empty form":          {"GET", "/?from=&for=&tz=&namespace=&name=", 200, "video/images"},
		"the icon":               {"GET", "/icon.svg", 200, "<svg"},
		"writing":                {"POST", "/", 405, "can be read"},
		"writing elsewhere":      {"DELETE", "/elsewhere", 405, "can be read"},
		"another path":           {"GET", "/metrics", 404, "one page"},
		"a path above":           {"GET", "/../etc/passwd", 404, "one page"},
		"too long a range":       {"GET", "/?for=32d", 400, "31d"},
		"no range":               {"GET", "/?for=0s", 400, "for"},
		"a range that is none":   {"GET", "/?for=soon", 400, "for"},
		"a zone that is none":    {"GET", "/?for=3h&tz=../../etc/passwd", 400, `value="3h"`},
		"a time that is none":    {"GET", "/?from=yesterday", 400, "from"},
		"a time too far away":    {"GET", "/?from=9999-01-01", 400, "2199"},
		"an unknown parameter":   {"GET", "/?form=2026-12-18", 400, "no parameter &#34;form&#34;"},
		"a parameter twice":      {"GET", "/?for=1d&for=2d", 400, "once"},
		"a name too long":        {"GET", "/?name=" + strings.Repeat("x", 254), 400, "253"},
		"a query too long":       {"GET", "/?name=" + strings.Repeat("x", 3000), 400, "longer"},
		"a query that is broken": {"GET", "/?name=%zz", 400, "cannot read"},
	} {
		answer := ask(handler, test.method, test.target)
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != test.status || !strings.Contains(string(body), test.says) {
			t.Errorf("%s: %d %.200q, want %d and %q", name, answer.StatusCode, body, test.status, test.says)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if got := answer.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", name, policy)
		}
		if allow := answer.Header.Get("Allow"); (allow == "GET, HEAD") != (test.status == 405) {
			t.Errorf("%s: Allow is %q", name, allow)
		}
	}
}

// TestStyleHash takes the hash of the style as a browser does: of the bytes between the tags.
func TestStyleHash(t *testing.T) {
	answer := ask(page.Handler(renderOne, "2d"), "GET", "/")
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindSubmatch(body)
	if style == nil {
		t.Fatal("the page has no style")
	}
	sum := sha256.Sum256(style[1])
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(answer.Header.Get("Content-Security-Policy"), want) {
		t.Errorf("the policy %q does not allow the style, %s", answer.Header.Get("Content-Security-Policy"), want)
	}
}

func TestRefusals(t *testing.T) {
	for status, err := range map[int]error{400: page.Refusal{Err: errors.New("no such night")}, 503: errors.New("the cache is empty")} {
		answer := ask(page.Handler(func(context.Context, page.Query) (*page.Document, error) { return nil, err }, "2d"), "GET", "/")
		body, _ := io.ReadAll(answer.Body)
		kind := map[int]string{400: "text/html; charset=utf-8", 503: "text/plain; charset=utf-8"}[status]
		if answer.StatusCode != status || !strings.Contains(string(body), err.Error()) || answer.Header.Get("Content-Type") != kind {
			t.Errorf("%v: %d %q", err, answer.StatusCode, body)
		}
	}
}

// TestStandingRange: what the form of a page is filled in with can be asked for.
func TestStandingRange(t *testing.T) {
	for standing, most := range map[string]string{"30s": "31d", "2d": "31d", "366d": "366d"} {
		handler := page.Handler(renderOne, standing)
		for target, want := range map[string]int{"/?for=" + standing: 200, "/?for=" + most: 200, "/?for=367d": 400, "/?for=10s": 400} {
			if answer := ask(handler, "GET", target); answer.StatusCode != want {
				t.Errorf("%s on a page of %s is answered %d, want %d", target, standing, answer.StatusCode, want)
			}
		}
	}
}

// TestHosts: a site that has its name resolve to 127.0.0.1 reads nothing, and what comes through a Service is not asked for
// its name.
func TestHosts(t *testing.T) {
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8082}
	cluster := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 8082}
	for host, want := range map[string]int{
		"localhost:8082": 200, "LOCALHOST": 200, "127.0.0.1:8082": 200, "[::1]:8082": 200, "[::1]": 200, "192.168.1.2:8082": 200,
		"evil.example:8082": 421, "evil.example": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example:8082": 421, "": 421,
	} {
		for local, want := range map[net.Addr]int{loopback: want, cluster: 200} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host = host
			w := httptest.NewRecorder()
			page.Handler(renderOne, "2d").ServeHTTP(w, r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local)))
			if w.Code != want {
				t.Errorf("Host %q at %s is answered %d, want %d", host, local, w.Code, want)
			}
		}
	}
}

// TestDeafClient: a client that does not read what it asked for does not keep the server from ending well.
func TestDeafClient(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listener, err := page.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- page.Serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(asked)
			_, _ = w.Write(make([]byte, 64<<20))
		}))
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it serves on after its end")
	}
}

func TestURL(t *testing.T) {
	for address, want := range map[string]string{"[::]:8082": "http://localhost:8082/ true", "0.0.0.0:8082": "http://localhost:8082/ true", "127.0.0.1:8082": "http://127.0.0.1:8082/ false", "[::1]:8082": "http://[::1]:8082/ false", "10.0.0.7:80": "http://10.0.0.7:80/ true"} {
		listening := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		if got := fmt.Sprint(page.URL(listening), " ", page.Exposed(listening)); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// TestAtOnce: one page after the other is drawn. A reader who does not wait for his turn is turned away, and the next is
// answered.
func TestAtOnce(t *testing.T) {
	drawing, release := make(chan struct{}), make(chan struct{})
	handler := page.Handler(func(context.Context, page.Query) (*page.Document, error) {
		drawing <- struct{}{}
		<-release
		return sampleOf("empty")
	}, "2d")
	done := make(chan int)
	go func() { done <- ask(handler, "GET", "/").StatusCode }()
	<-drawing
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("the second reader is answered %d, want 503 with Retry-After", w.Code)
	}
	go func() { done <- ask(handler, "GET", "/").StatusCode }()
	close(release)
	<-drawing
	for range 2 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("a page that was drawn in its turn was answered %d", status)
		}
	}
}

// TestInTurn: so many are answered at the same time, and no more.
func TestInTurn(t *testing.T) {
	answering, release := make(chan struct{}), make(chan struct{})
	handler := page.InTurn(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		answering <- struct{}{}
		<-release
	}), 2)
	done := make(chan int)
	for range 2 {
		go func() { done <- ask(handler, "GET", "/").StatusCode }()
		<-answering
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("the third client is answered %d, want 503 with Retry-After", w.Code)
	}
	close(release)
	for range 2 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("a client that was answered in its turn got %d", status)
		}
	}
}

// TestServe serves on a port of the kernel's choice, and ends in good order.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listener, err := page.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- page.Serve(ctx, listener, page.Handler(renderOne, "2d")) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the page is answered %s", answer.Status)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it serves on after its end")
	}
}
