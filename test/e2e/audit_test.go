package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/history"
)

// auditLog is what the API server writes down: its history.
type auditLog struct {
	flags []string // of the API server
	file  string
}

// request is one line of it.
type request struct {
	User      struct{ Username string }
	Verb      string `json:"verb"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	RequestObject            body   `json:"requestObject"` // of patches of HPAs
	RequestReceivedTimestamp string `json:"requestReceivedTimestamp"`
}

// body is the JSON text that was sent.
type body string

func (b *body) UnmarshalJSON(text []byte) error {
	*b = body(text)
	return nil
}

func newAuditLog(t *testing.T, dir string) *auditLog {
	t.Helper()
	flags, file, err := history.Record(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &auditLog{flags, file}
}

// requests returns floorkeeper's requests that have been answered so far, in order.
func (a *auditLog) requests(t *testing.T) []request {
	t.Helper()
	file, err := os.Open(a.file)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var requests []request
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			if strings.HasSuffix(lines.Text(), "}") {
				t.Fatal(err)
			}
			break // the last line is being written
		}
		if r.User.Username == account {
			requests = append(requests, r)
		}
	}
	return requests
}

// writes returns the requests other than reads that floorkeeper sent to a namespace.
func (a *auditLog) writes(t *testing.T, namespace string) []request {
	t.Helper()
	var writes []request
	for _, r := range a.requests(t) {
		switch r.Verb {
		case "get", "list", "watch":
		default:
			if r.ObjectRef.Namespace == namespace {
				writes = append(writes, r)
			}
		}
	}
	return writes
}

// hpaWrites returns those to one HPA.
func (a *auditLog) hpaWrites(t *testing.T, namespace, name string) []request {
	t.Helper()
	return slices.DeleteFunc(a.writes(t, namespace), func(r request) bool {
		return r.ObjectRef.Resource != "horizontalpodautoscalers" || r.ObjectRef.Name != name
	})
}
