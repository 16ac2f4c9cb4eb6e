// Package command is what the tests of commands share: it runs one in this process, and has schedules, HPAs and API servers
// for it. It imports no command and nothing that commands share.
package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// Run runs a command and returns its exit code and what it printed, its error after that. exitCode is that of package cli.
func Run(t testing.TB, exitCode func(error, io.Writer) (int, error), cmd *cobra.Command, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append([]string{}, args...)) // nil would mean those of the test
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	code, err := exitCode(cmd.ExecuteContext(t.Context()), &errs)
	if err != nil {
		errs.WriteString(err.Error() + "\n")
	}
	return code, out.String(), errs.String()
}

// WriteFiles writes files into the working directory.
func WriteFiles(t testing.TB, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// Head begins every schedule.
const Head = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n"

// Kubeconfig serves the HPA video/images to somebody who may list the HPAs of the namespaces video and shop only, and
// returns the kubeconfig for it.
func Kubeconfig(t *testing.T) string {
	t.Helper()
	const hpas = `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscalerList","metadata":{},"items":[
		{"metadata":{"namespace":"video","name":"images"},"spec":{"minReplicas":4,"maxReplicas":60,"scaleTargetRef":{"kind":"Rollout","name":"images"}}}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/autoscaling/v2/namespaces/video/horizontalpodautoscalers":
			fmt.Fprint(w, hpas)
		case "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers":
			fmt.Fprint(w, `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscalerList","metadata":{},"items":[]}`)
		case "/api/v1/namespaces/video/resourcequotas":
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"ResourceQuotaList","metadata":{},"items":[]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Forbidden","code":403,"message":"not you"}`)
		}
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: '" + server.URL + "'}}]\n" +
		"contexts: [{name: a, context: {cluster: a}}]\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Unlimited is what a preview prints beside, because the user of Kubeconfig may not read where floorkeeper is installed.
const Unlimited = "shown without the limits of floors, which are not known: I do not know where floorkeeper is installed (you may not read " +
	"Deployments, you may not read policies, no HPA is marked, you may not read Lease floorkeeper/floorkeeper); give --max-floor and " +
	"--max-floor-factor as the controller has them\n"

// EachNamespace has entries for the namespace video and for others.
const EachNamespace = Head + `timeZone: UTC
windows:
- {name: images, start: "18:00", end: "23:00", rampDown: 20m, leadTime: 10m, targets: [{namespace: video, name: images, minReplicas: 20}]}
- {name: shops, start: "18:00", end: "23:00", targets: [{namespace: shop, minReplicas: 20}]}
- {name: front, start: "18:00", end: "23:00", targets: [{selector: {matchLabels: {tier: front}}, minReplicas: 20}]}
`

// Page returns the status and the text of a page.
func Page(t *testing.T, handler http.Handler, target string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

// Expect compares a page with what it has to say, and with what it must not say, which begins with an exclamation mark.
func Expect(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		text, absent := strings.CutPrefix(text, "!")
		if strings.Contains(page, text) == absent {
			t.Errorf("the page says %q: %v, want %v\n%.3000s", text, absent, !absent, page)
		}
	}
}

// AllDay has a window for the whole day and one for working hours.
const AllDay = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: Europe/Paris
windows:
  - {name: all-day, start: "00:00", end: "24:00", targets: [{namespace: video, minReplicas: 25}]}
  - {name: shops, start: "08:00", end: "20:00", targets: [{namespace: shop, minReplicas: 9}]}
`

// FullDisk is an output that cannot be written, such as a full disk.
type FullDisk struct{}

func (FullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Raised is an HPA that was raised from 4 to 24.
func Raised(namespace, name string) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: map[string]string{
			autoscaler.AnnotationBaseline: "4", autoscaler.AnnotationFloor: "24",
		}},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(24)), MaxReplicas: 100},
	}
}

// Server is an API server with these HPAs, where nobody holds the Lease.
func Server(peculiar interceptor.Funcs, hpas ...*autoscalingv2.HorizontalPodAutoscaler) client.Client {
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "floorkeeper", Name: "floorkeeper"}}
	builder := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithReturnManagedFields().WithObjects(lease).WithInterceptorFuncs(peculiar)
	for _, hpa := range hpas {
		builder = builder.WithObjects(hpa)
	}
	return builder.Build()
}

// Midday is when the tests of plan and explain take place.
func Midday() time.Time { return time.Date(2026, 12, 18, 12, 0, 0, 0, time.UTC) }
