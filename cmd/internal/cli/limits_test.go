package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

func TestLimitsAreFlags(t *testing.T) {
	for args, want := range map[string]struct {
		limit  autoscaler.Limit
		error  string
		string string
	}{
		"--max-floor=500":                            {autoscaler.Limit{MaxFloor: 500}, "", "--max-floor=500"},
		"--max-floor-factor=2.5":                     {autoscaler.Limit{Factor: 2500}, "", "--max-floor-factor=2.5"},
		"--max-floor-factor=1.001":                   {autoscaler.Limit{Factor: 1001}, "", "--max-floor-factor=1.001"},
		"--max-floor=500 --max-floor-factor=20":      {autoscaler.Limit{MaxFloor: 500, Factor: 20_000}, "", "--max-floor=500 --max-floor-factor=20"},
		"--max-floor=0 --max-floor-factor=0":         {autoscaler.Limit{}, "", ""},
		"--max-floor=999999 --max-floor-factor=1000": {autoscaler.Limit{MaxFloor: 999_999, Factor: 1_000_000}, "", "--max-floor=999999 --max-floor-factor=1000"},
		"--max-floor=1000000":                        {error: "give a whole number from 1 to 999999, or 0 for no limit"},
		"--max-floor=-1":                             {error: "give a whole number"},
		"--max-floor=5e2":                            {error: "give a whole number"},
		"--max-floor-factor=0.5":                     {error: "give a number from 1 to 1000 with at most three decimals, or 0 for no limit"},
		"--max-floor-factor=1.0005":                  {error: "at most three decimals"},
		"--max-floor-factor=1001":                    {error: "give a number from 1 to 1000"},
		"--max-floor-factor=NaN":                     {error: "give a number from 1 to 1000"},
		"--max-floor-factor=ten":                     {error: "give a number from 1 to 1000"},
	} {
		l, flags := Limits{}, pflag.NewFlagSet("", pflag.ContinueOnError)
		l.Bind(flags)
		err := flags.Parse(strings.Fields(args))
		if err == nil && want.error != "" || err != nil && (want.error == "" || !strings.Contains(err.Error(), want.error)) {
			t.Errorf("%s: %v, want an error that says %q", args, err, want.error)
		}
		if err != nil {
			continue
		}
		if l.Limit != want.limit || l.String() != want.string || ParseLimits(l.String()) != l {
			t.Errorf("%s: %+v, written as %q and read as %+v", args, l.Limit, l.String(), ParseLimits(l.String()))
		}
	}
	for _, text := range []string{"--max-floor=many", "500", "--max-floor=5 --new-limit=3"} {
		if got := ParseLimits(text); got.Limit != (autoscaler.Limit{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// TestTheLimitOfAPreview: a flag is right, else the Lease of the cluster; a factor of placeholders is none.
func TestTheLimitOfAPreview(t *testing.T) {
	live := &cluster.Snapshot{Limit: autoscaler.Limit{MaxFloor: 500, Factor: 20_000}}
	manifests := &cluster.Snapshot{}
	for name, test := range map[string]struct {
		args     []string
		snapshot *cluster.Snapshot
		want     autoscaler.Limit
	}{
		"of a cluster":                  {nil, live, live.Limit},
		"of a cluster, and a flag":      {[]string{"--max-floor=30"}, live, autoscaler.Limit{MaxFloor: 30}},
		"of a cluster, without a limit": {[]string{"--max-floor=0"}, live, autoscaler.Limit{}},
		"of manifests":                  {nil, manifests, autoscaler.Limit{}},
		"of manifests, and flags":       {[]string{"--max-floor-factor=3"}, manifests, autoscaler.Limit{Factor: 3000}},
		"of placeholders":               {[]string{"--max-floor=30", "--max-floor-factor=3"}, nil, autoscaler.Limit{MaxFloor: 30}},
	} {
		o, flags := PreviewOptions{}, pflag.NewFlagSet("", pflag.ContinueOnError)
		o.Bind(flags, "7d")
		if err := flags.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		if got := o.Scope(test.snapshot).Limit; got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestTheLimitOfACluster(t *testing.T) {
	lease := func(namespace, limits string) client.Object {
		return &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: LeaseName, Annotations: map[string]string{AnnotationLimits: limits}}}
	}
	held := []autoscalingv2.HorizontalPodAutoscaler{{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{autoscaler.AnnotationManagedBy: "night/floorkeeper"}}}}
	for name, test := range map[string]struct {
		objects   []client.Object
		hpas      []autoscalingv2.HorizontalPodAutoscaler
		forbidden []string // kinds
		want      autoscaler.Limit
		unknown   string
	}{
		"nothing is installed":            {},
		"where floorkeeper is by default": {objects: []client.Object{lease("floorkeeper", "--max-floor=500")}, want: autoscaler.Limit{MaxFloor: 500}},
		"where its Deployment is":         {objects: []client.Object{deployment("ops"), lease("ops", "--max-floor=500")}, want: autoscaler.Limit{MaxFloor: 500}},
		"where the marks lead":            {objects: []client.Object{lease("night", "--max-floor-factor=3")}, hpas: held, want: autoscaler.Limit{Factor: 3000}},
		"without limits":                  {objects: []client.Object{lease("floorkeeper", "")}},

		"without a Lease":        {objects: []client.Object{deployment("ops")}, unknown: "Lease ops/floorkeeper: it does not exist"},
		"with a Lease of others": {objects: []client.Object{deployment("ops"), lease("ops", "--max-floor=5")}, forbidden: []string{"Lease"}, unknown: "Lease ops/floorkeeper: you may not read it"},
		"with limits of another version": {
			objects: []client.Object{lease("floorkeeper", "--most=5")},
			unknown: `Lease floorkeeper/floorkeeper: this version cannot read its annotation floorkeeper.dev/limits: "--most=5"`,
		},
		"with two installations": {
			objects: []client.Object{deployment("ops"), deployment("night"), lease("ops", "--max-floor=5"), lease("night", "--max-floor=5")},
			unknown: "floorkeeper is installed in the namespaces night, ops",
		},
		"without a right": {
			objects: []client.Object{deployment("ops"), lease("ops", "--max-floor=5")}, forbidden: []string{"Deployment", "ValidatingAdmissionPolicy"},
			unknown: "I do not know where floorkeeper is installed (you may not read Deployments, you may not read policies, no HPA is marked, there is no Lease floorkeeper/floorkeeper)",
		},
	} {
		refused := func(o runtime.Object) error {
			gvk, err := apiutil.GVKForObject(o, NewScheme())
			if kind := strings.TrimSuffix(gvk.Kind, "List"); err == nil && slices.Contains(test.forbidden, kind) {
				return apierrors.NewForbidden(schema.GroupResource{}, "", nil)
			}
			return err
		}
		c := fake.NewClientBuilder().WithScheme(NewScheme()).WithObjects(test.objects...).WithInterceptorFuncs(interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
				return cmp.Or(refused(o), c.Get(ctx, key, o, options...))
			},
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				return cmp.Or(refused(list), c.List(ctx, list, options...))
			},
		}).Build()
		got, unknown, err := liveLimit(t.Context(), c, test.hpas)
		if err != nil || got != test.want || unknown != test.unknown {
			t.Errorf("%s: %+v, %q and %v, want %+v, %q", name, got, unknown, err, test.want, test.unknown)
		}
		for args, silent := range map[string]bool{"": unknown == "", "--max-floor=3": true, "--max-floor-factor=0": true} {
			o, flags, stderr := PreviewOptions{}, pflag.NewFlagSet("", pflag.ContinueOnError), strings.Builder{}
			o.Bind(flags, "7d")
			if err := errors.Join(flags.Parse(strings.Fields(args)), o.readLimit(t.Context(), c, &cluster.Snapshot{HPAs: test.hpas}, &stderr)); err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(stderr.String(), "\n"); (lines == 0) != silent || lines > 1 || !strings.Contains(stderr.String(), unknown) && !silent {
				t.Errorf("%s, with flags %q: %q, want one line: %t", name, args, stderr.String(), !silent)
			}
		}
	}
}
