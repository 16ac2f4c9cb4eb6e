package gitops

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// auditPolicy makes the API server write down what floorkeeper's ServiceAccount asks of HPAs.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
  users: ["system:serviceaccount:floorkeeper:floorkeeper"]
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: autoscaling}]
- level: None
`

// request is one line of the audit log.
type request struct {
	Verb      string `json:"verb"`
	ObjectRef struct {
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

// keeperWrites counts the writes of the scene's HPA by floorkeeper that the API server accepted. Conflicts are none.
func (s *scene) keeperWrites(t *testing.T) int {
	t.Helper()
	file, err := os.Open(s.auditLog)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	count := 0
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
		switch {
		case r.ObjectRef.Namespace != s.namespace || r.ResponseStatus.Code >= 300:
		case r.Verb != "patch" || r.ObjectRef.Subresource != "" || r.ObjectRef.Name != app:
			t.Errorf("floorkeeper sent %+v", r)
		default:
			count++
		}
	}
	return count
}
