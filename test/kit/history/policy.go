package history

import (
	"fmt"
	"os"
	"path/filepath"
)

// AuditPolicy is the audit policy that the API server must have: every write of an HPA with what was asked and what was
// stored, every read of one by name, and whatever else ServiceAccounts ask for by name.
const AuditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: RequestResponse
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: autoscaling, resources: [horizontalpodautoscalers, horizontalpodautoscalers/*]}]
- level: Metadata
  resources: [{group: autoscaling, resources: [horizontalpodautoscalers, horizontalpodautoscalers/*]}]
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: None
`

// Record writes the policy into a directory. It returns the flags with which an API server records its history there,
// and the file that will hold it.
func Record(dir string) (flags []string, file string, err error) {
	policy := filepath.Join(dir, "history-policy.yaml")
	if err := os.WriteFile(policy, []byte(AuditPolicy), 0o644); err != nil {
		return nil, "", fmt.Errorf("cannot write the audit policy: %w", err)
	}
	file = filepath.Join(dir, "history.log")
	if err := os.WriteFile(file, nil, 0o600); err != nil { // API servers append to a file that is there, so several may share it
		return nil, "", fmt.Errorf("cannot create the audit log: %w", err)
	}
	return []string{
		"--audit-policy-file=" + policy, "--audit-log-path=" + file, "--audit-log-mode=blocking",
		"--audit-log-maxsize=1000000", // MB; one file, however long the run
	}, file, nil
}
