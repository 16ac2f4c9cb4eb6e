package run

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// TestEveryLineIsJSON: what libraries log is of the format of the log, and a missing right is named as a rule.
func TestEveryLineIsJSON(t *testing.T) {
	var b bytes.Buffer
	logger, err := newLogger(&b, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	logOthers(logger)
	t.Cleanup(klog.ClearLogger)
	refused := apierrors.NewForbidden(schema.GroupResource{Group: "autoscaling", Resource: "horizontalpodautoscalers"}, "",
		errors.New(`User "ada" cannot list resource "horizontalpodautoscalers" in API group "autoscaling" at the cluster scope`))
	klog.Infof("from %s", "klog")
	klog.ErrorS(fmt.Errorf("failed to list: %w", refused), "Failed to watch")
	log.Print("http: TLS handshake error")
	ctrl.Log.Info("from controller-runtime")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, `{"level":`) || !strings.HasSuffix(line, "}") {
			t.Errorf("this line is no JSON: %s", line)
		}
	}
	const fix = `"fix":"ask for the right: the rule {apiGroups: [\"autoscaling\"], resources: [horizontalpodautoscalers], verbs: [list]} of a ClusterRole, and a ClusterRoleBinding to you"`
	if len(lines) != 4 || !strings.Contains(b.String(), fix) {
		t.Errorf("%d lines, want 4 and %s:\n%s", len(lines), fix, b.String())
	}
}
