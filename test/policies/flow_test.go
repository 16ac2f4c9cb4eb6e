package policies

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// TestFlows installs the component priority with names and a namespace of its own, and without.
func TestFlows(t *testing.T) {
	for name, c := range map[string]struct{ overlay, namespace, account, prefix string }{
		"as shipped":                  {kit.Plain + "components: [../kustomize/policies/floor-guard, ../kustomize/priority]\n", "floorkeeper", "floorkeeper", ""},
		"another namespace and names": {kit.Plain + "components: [../kustomize/policies/floor-guard, ../kustomize/priority]\nnamespace: ops\nnamePrefix: my-\n", "ops", "my-floorkeeper", "my-"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, overlay(t, c.overlay), c.namespace, c.account)
			testLeaseFlow(t, in)
			patch := func(ctx context.Context) error {
				_, err := in.keepers().Patch(ctx, "probe", types.MergePatchType, []byte(`{}`), asFloorkeeper())
				return err
			}
			in.awaitFlow(t, c.prefix+"floorkeeper-patches", c.prefix+"floorkeeper-patches", patch)
		})
	}
}

// testLeaseFlow: requests for floorkeeper's Lease are classified by the FlowSchema of its installation, and others are not.
func testLeaseFlow(t *testing.T, in *installation) {
	schema := in.account + "-leader-election"
	lease := func(namespace string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := in.keeper.CoordinationV1().Leases(namespace).Get(ctx, "floorkeeper", metav1.GetOptions{})
			return err
		}
	}
	in.awaitFlow(t, schema, "leader-election", lease(in.namespace))
	for what, request := range map[string]func(context.Context) error{
		"a Lease elsewhere": lease("kube-system"),
		"HPAs": func(ctx context.Context) error {
			_, err := in.keepers().List(ctx, metav1.ListOptions{Limit: 1})
			return err
		},
	} {
		if got := in.flow(t, request); got.schema == in.flowSchema(t, schema).schema {
			t.Errorf("a request for %s is classified by %s", what, schema)
		}
	}
}

// awaitFlow waits until a request is classified by a FlowSchema, into a priority level.
func (in *installation) awaitFlow(t *testing.T, schema, level string, request func(context.Context) error) {
	t.Helper()
	want := in.flowSchema(t, schema)
	priority, err := in.administrator.FlowcontrolV1().PriorityLevelConfigurations().Get(t.Context(), level, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want.level = string(priority.UID)
	await.Success(t, "the FlowSchema "+schema, func(context.Context) error {
		if got := in.flow(t, request); got != want {
			return fmt.Errorf("the request is in flow %+v, want %+v", got, want)
		}
		return nil
	})
}

// flow is how the API server classifies a request, by uid.
type flow struct{ schema, level string }

func (in *installation) flowSchema(t *testing.T, name string) flow {
	t.Helper()
	schema, err := in.administrator.FlowcontrolV1().FlowSchemas().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return flow{schema: string(schema.UID)}
}

// flow sends a request of the ServiceAccount, which may find nothing, and reads the headers of the answer.
func (in *installation) flow(t *testing.T, request func(context.Context) error) flow {
	t.Helper()
	err := request(t.Context())
	answer := in.listener.last.Load()
	if answer == nil {
		t.Fatal(errors.Join(errors.New("no answer"), err))
	}
	return flow{answer.Get(flowcontrolv1.ResponseHeaderMatchedFlowSchemaUID), answer.Get(flowcontrolv1.ResponseHeaderMatchedPriorityLevelConfigurationUID)}
}

// listener keeps the headers of the last answer that a client got.
type listener struct{ last atomic.Pointer[http.Header] }

func (l *listener) listen(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil {
			l.last.Store(&response.Header)
		}
		return response, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
