package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// deployment is one of floorkeeper in a namespace.
func deployment(namespace string, args ...string) client.Object {
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "fk-floorkeeper", Labels: installed()}
	own := corev1.EnvVar{Name: "POD_NAMESPACE", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}
	d := &appsv1.Deployment{ObjectMeta: meta}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Args: append([]string{"run"}, args...), Env: []corev1.EnvVar{
		own, {Name: "FLOORKEEPER_POLICY_NAME_PREFIX", Value: "fk-"},
	}}}
	return d
}

func TestFindInstallation(t *testing.T) {
	scope := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "x-floor-scope", Labels: installed()}}
	scope.Spec.MatchConditions = []admissionregistrationv1.MatchCondition{{Expression: `request.userInfo.username == "system:serviceaccount:night:floorkeeper"`}}
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "floorkeeper", Name: LeaseName}}
	for name, test := range map[string]struct {
		objects   []client.Object
		forbidden bool // to list
		marked    []string
		args      []string
		env       string // of the namespace
		want      string
	}{
		"a Deployment elsewhere": {
			objects: []client.Object{deployment("ops", "--schedule-configmap=$(POD_NAMESPACE)/floors", "--exclude-namespaces=kube-system,batch"), lease},
			want:    "ops ops/floors kube-system,batch fk-",
		},
		"a Deployment with a Lease elsewhere": {objects: []client.Object{deployment("ops", "--leader-election-namespace", "leases")}, want: "leases leases/floorkeeper-schedule kube-system fk-"},
		"flags over what is found": {
			objects: []client.Object{deployment("ops", "--schedule-configmap=ops/floors")},
			args:    []string{"--configmap=a/b", "--policy-name-prefix=p-"},
			want:    "ops a/b kube-system p-",
		},
		"two Deployments": {
			objects: []client.Object{deployment("ops"), deployment("night")},
			want:    "floorkeeper is installed in the namespaces night, ops; choose one with --leader-election-namespace",
		},
		"a policy":               {objects: []client.Object{scope, lease}, want: "night night/floorkeeper-schedule kube-system floorkeeper-"},
		"a mark, without rights": {forbidden: true, marked: []string{"ops", "ops"}, want: "ops ops/floorkeeper-schedule kube-system floorkeeper-"},
		"the Lease by default":   {objects: []client.Object{lease}, want: "floorkeeper floorkeeper/floorkeeper-schedule kube-system floorkeeper-"},
		"nothing": {
			want: "I do not know where floorkeeper is installed (no Deployment has the label app.kubernetes.io/name=floorkeeper, no policy has it, no HPA is marked, there is no Lease floorkeeper/floorkeeper); give --leader-election-namespace",
		},
		"nothing, without rights": {
			forbidden: true,
			want:      "I do not know where floorkeeper is installed (you may not read Deployments, you may not read policies, no HPA is marked, there is no Lease",
		},
		"one of two Deployments, by a flag": {
			objects: []client.Object{deployment("ops", "--schedule-configmap=ops/floors"), deployment("night")},
			args:    []string{"--leader-election-namespace=ops"},
			want:    "ops ops/floors kube-system fk-",
		},
		"a flag":             {args: []string{"--leader-election-namespace=a"}, env: "b", want: "a a/floorkeeper-schedule kube-system floorkeeper-"},
		"an environment":     {env: "b", want: "b b/floorkeeper-schedule kube-system floorkeeper-"},
		"an illegal one":     {env: "B", want: `cannot use --leader-election-namespace: "B" is not the name of a namespace`},
		"an illegal one too": {args: []string{"--configmap=floors"}, want: `cannot use --configmap "floors": write NAMESPACE/NAME`},
	} {
		t.Run(name, func(t *testing.T) {
			if test.env != "" {
				t.Setenv("FLOORKEEPER_LEADER_ELECTION_NAMESPACE", test.env)
			}
			c := fake.NewClientBuilder().WithScheme(NewScheme()).WithObjects(test.objects...).WithInterceptorFuncs(interceptor.Funcs{
				List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
					if test.forbidden {
						return apierrors.NewForbidden(schema.GroupResource{}, "", nil)
					}
					return c.List(ctx, list, options...)
				},
			}).Build()
			i, flags := &Installation{}, pflag.NewFlagSet("", pflag.ContinueOnError)
			i.BindNamespace(flags)
			i.BindConfigMap(flags, "")
			i.BindController(flags)
			if err := flags.Parse(test.args); err != nil {
				t.Fatal(err)
			}
			var found Installation
			err := i.Complete()
			if err == nil {
				found, err = i.Find(t.Context(), c, test.marked)
			}
			got := found.Unknown
			switch {
			case err != nil:
				got = err.Error()
			case found.Unknown == "":
				got = strings.Join([]string{found.Namespace, found.ConfigMap.String(), strings.Join(found.ExcludeNamespaces, ","), found.PolicyPrefix}, " ")
			}
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("%s\nwant %s", got, test.want)
			}
		})
	}
}
