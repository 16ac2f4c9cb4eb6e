package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// auditLog is what the API server writes down about the requests of floorkeeper's ServiceAccount.
type auditLog struct{ policy, file string }

// request is one line of it.
type request struct {
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

const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Request
  users: ["system:serviceaccount:` + home + `:` + home + `"]
  resources: [{group: autoscaling, resources: [horizontalpodautoscalers]}]
- level: Metadata
  users: ["system:serviceaccount:` + home + `:` + home + `"]
- level: None
`

func newAuditLog(t *testing.T, dir string) *auditLog {
	t.Helper()
	a := &auditLog{policy: filepath.Join(dir, "audit-policy.yaml"), file: filepath.Join(dir, "audit.log")}
	if err := os.WriteFile(a.policy, []byte(auditPolicy), 0o644); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *auditLog) flags() []string {
	return []string{"--audit-policy-file=" + a.policy, "--audit-log-path=" + a.file, "--audit-log-mode=blocking"}
}

// requests returns the requests that have been answered so far, in order.
func (a *auditLog) requests(t *testing.T) []request {
	t.Helper()
	file, err := os.Open(a.file)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var requests []request
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			if strings.HasSuffix(lines.Text(), "}") {
				t.Fatal(err)
			}
			break // the last line is being written
		}
		requests = append(requests, r)
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
