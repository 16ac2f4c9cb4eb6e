package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/text"
)

// Installation is where floorkeeper is installed, and with which flags: as the flags of a command say, else as the cluster
// shows.
type Installation struct {
	Namespace         string               // of the Lease; "" if nobody knows it
	ConfigMap         types.NamespacedName // of the schedule; its namespace is "" if nobody knows it
	ExcludeNamespaces []string
	PolicyPrefix      string

	Unknown string // why the namespace is not known, and what to do
	doubt   string // why, and "" where nothing is hidden and so nothing is installed

	configMap string
	flags     *pflag.FlagSet
}

// The flags of an installation.
const (
	flagNamespace = "leader-election-namespace"
	flagConfigMap = "configmap"
	flagExclude   = "exclude-namespaces"
	flagPrefix    = "policy-name-prefix"
)

// scheduleConfigMap is the name of the ConfigMap in deploy/.
const scheduleConfigMap = "floorkeeper-schedule"

// BindNamespace adds the flag of the namespace.
func (i *Installation) BindNamespace(flags *pflag.FlagSet) {
	i.flags = flags
	flags.StringVar(&i.Namespace, flagNamespace, "", "the namespace of the Lease, where floorkeeper is installed (default: it is looked up)")
}

// BindConfigMap adds the flag of the ConfigMap with the schedule.
func (i *Installation) BindConfigMap(flags *pflag.FlagSet, usage string) {
	i.flags = flags
	flags.StringVar(&i.configMap, flagConfigMap, "", usage+" (default: it is looked up)")
}

// BindController adds flags that the controller has as well.
func (i *Installation) BindController(flags *pflag.FlagSet) {
	flags.StringSliceVar(&i.ExcludeNamespaces, flagExclude, []string{"kube-system"}, "as the controller has it (default: that is looked up): namespaces whose HPAs no entry covers")
	flags.StringVar(&i.PolicyPrefix, flagPrefix, "floorkeeper-", "as the controller has it (default: that is looked up): what the name of the floor guard begins with")
}

// Complete reads the environment variables of flags that are not given, and checks them.
func (i *Installation) Complete() (err error) {
	if i.flags != nil {
		err = Environment(i.flags, flagNamespace, flagConfigMap, flagExclude, flagPrefix)
	}
	if err != nil {
		return err
	}
	if i.configMap == "" {
		i.configMap = os.Getenv(EnvironmentName("schedule-configmap")) // as the controller calls it
	}
	if i.configMap != "" {
		i.ConfigMap, err = FlagName(flagConfigMap, i.configMap)
	}
	if i.given(flagNamespace) {
		err = errors.Join(err, CheckNamespace(flagNamespace, i.Namespace))
	}
	return errors.Join(err, CheckNamespaces(flagExclude, i.ExcludeNamespaces))
}

func (i *Installation) given(name string) bool {
	return i.flags != nil && i.flags.Changed(name)
}

// MarkedBy returns the namespaces of the installations whose marks HPAs have.
func MarkedBy(hpas []autoscalingv2.HorizontalPodAutoscaler) (namespaces []string) {
	for i := range hpas {
		if namespace, _, ok := strings.Cut(hpas[i].Annotations[autoscaler.AnnotationManagedBy], "/"); ok {
			namespaces = append(namespaces, namespace)
		}
	}
	return namespaces
}

// Find looks the installation up where no flag names its namespace: by the labels of its Deployment, by the policies,
// by the marks on the HPAs that were read, and where it is by default. Where a flag does, what else is to be known of it is
// that of the only Deployment there, if it may be read.
//
// An error means that the API server did not answer.
func (i Installation) Find(ctx context.Context, c client.Reader, marked []string) (Installation, error) {
	if i.Namespace != "" {
		return i.there(ctx, c), nil
	}
	return i.lookUp(ctx, c, marked)
}

// there returns the installation in the namespace that a flag names.
func (i Installation) there(ctx context.Context, c client.Reader) Installation {
	found, err := i.byDeployment(ctx, c)
	if err == nil && len(found) == 1 && found[0].Namespace == i.Namespace {
		return found[0]
	}
	return i.in(i.Namespace)[0]
}

func (i Installation) lookUp(ctx context.Context, c client.Reader, marked []string) (Installation, error) {
	tried, hidden := []string(nil), false
	for _, place := range []struct {
		what, none string
		look       func(context.Context, client.Reader) ([]Installation, error)
	}{
		{"Deployments", "no Deployment has the label app.kubernetes.io/name=" + autoscaler.FieldManager, i.byDeployment},
		{"policies", "no policy has it", i.byPolicy},
		{"", "no HPA is marked", func(context.Context, client.Reader) ([]Installation, error) { return i.in(marked...), nil }},
		{"Lease " + defaultLease().String(), "there is no Lease " + defaultLease().String(), i.byLease},
	} {
		found, err := place.look(ctx, c)
		found = slices.CompactFunc(found, func(a, b Installation) bool { return a.Namespace == b.Namespace })
		status := apierrors.APIStatus(nil)
		switch {
		case apierrors.IsForbidden(err):
			tried, hidden = append(tried, "you may not read "+place.what), true
		case err != nil && !errors.As(err, &status):
			return i, fmt.Errorf("cannot look where floorkeeper is installed: %w", cluster.Advised(err))
		case len(found) == 0:
			tried = append(tried, place.none)
		case len(found) == 1:
			return found[0], nil
		default:
			var names []string
			for _, each := range found {
				names = append(names, each.Namespace)
			}
			i.doubt = "floorkeeper is installed in the namespaces " + text.List(names, ", ", 4)
			i.Unknown = i.doubt + "; choose one with --" + flagNamespace
			return i, nil
		}
	}
	why := fmt.Sprintf("I do not know where floorkeeper is installed (%s)", strings.Join(tried, ", "))
	if i.Unknown = why + "; give --" + flagNamespace; hidden {
		i.doubt = why
	}
	return i, nil
}

// in returns the installations in namespaces, as far as flags do not say otherwise.
func (i Installation) in(namespaces ...string) (found []Installation) {
	slices.Sort(namespaces)
	for _, namespace := range slices.Compact(namespaces) {
		each := i
		each.Namespace = namespace
		if i.configMap == "" {
			each.ConfigMap = types.NamespacedName{Namespace: namespace, Name: scheduleConfigMap}
		}
		found = append(found, each)
	}
	return found
}

func installed() client.MatchingLabels {
	return client.MatchingLabels{"app.kubernetes.io/name": autoscaler.FieldManager}
}

// byDeployment looks in the namespace that is known, or in all.
func (i Installation) byDeployment(ctx context.Context, c client.Reader) (found []Installation, err error) {
	deployments, err := cluster.List[appsv1.Deployment](ctx, c, &appsv1.DeploymentList{}, client.InNamespace(i.Namespace), installed())
	for _, d := range deployments {
		for _, container := range d.Spec.Template.Spec.Containers {
			if slices.Contains(container.Args, "run") || slices.Contains(container.Command, "run") {
				found = append(found, i.of(&d, &container))
			}
		}
	}
	return found, err
}

// of returns the installation of a Deployment, by the flags and variables of its container.
func (i Installation) of(d *appsv1.Deployment, container *corev1.Container) Installation {
	values := variables(d.Namespace, container)
	found := i.in(cmp.Or(valueOf(flagNamespace, container, values), d.Namespace))[0]
	if name, ok := parseName(valueOf("schedule-configmap", container, values), ""); ok && i.configMap == "" {
		found.ConfigMap = name
	}
	if excluded := valueOf(flagExclude, container, values); excluded != "" && !i.given(flagExclude) {
		found.ExcludeNamespaces = strings.Split(excluded, ",")
	}
	if prefix := valueOf(flagPrefix, container, values); prefix != "" && !i.given(flagPrefix) {
		found.PolicyPrefix = prefix
	}
	return found
}

// variables returns the environment of a container, as far as its Deployment shows it.
func variables(namespace string, container *corev1.Container) map[string]string {
	values := map[string]string{}
	for _, variable := range container.Env {
		value := variable.Value
		if from := variable.ValueFrom; from != nil && from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace" {
			value = namespace
		}
		values[variable.Name] = value
	}
	return values
}

// valueOf returns the value of a flag in a container that runs floorkeeper, or "".
func valueOf(flag string, container *corev1.Container, variables map[string]string) string {
	value := variables[EnvironmentName(flag)]
	arguments := slices.Concat(container.Command, container.Args)
	for n, argument := range arguments {
		if given, ok := strings.CutPrefix(argument, "--"+flag+"="); ok {
			value = given
		} else if argument == "--"+flag && n+1 < len(arguments) {
			value = arguments[n+1]
		}
	}
	value = strings.NewReplacer("$(", "${", ")", "}").Replace(value) // as the kubelet writes it
	return os.Expand(value, func(name string) string { return variables[name] })
}

// Deployed returns the namespaces of the Leases of all installations that have a Deployment.
func Deployed(ctx context.Context, c client.Reader) (namespaces []string, err error) {
	found, err := Installation{}.byDeployment(ctx, c)
	for _, each := range found {
		namespaces = append(namespaces, each.Namespace)
	}
	return namespaces, err
}

// byPolicy reads the namespace in the expression of the floor scope, which names the ServiceAccount.
func (i Installation) byPolicy(ctx context.Context, c client.Reader) ([]Installation, error) {
	policies, err := cluster.List[admissionregistrationv1.ValidatingAdmissionPolicy](ctx, c, &admissionregistrationv1.ValidatingAdmissionPolicyList{}, installed())
	var namespaces []string
	for _, policy := range policies {
		for _, condition := range policy.Spec.MatchConditions {
			if account := regexp.MustCompile(`system:serviceaccount:([a-z0-9-]+):`).FindStringSubmatch(condition.Expression); account != nil {
				namespaces = append(namespaces, account[1])
			}
		}
	}
	return i.in(namespaces...), err
}

func (i Installation) byLease(ctx context.Context, c client.Reader) ([]Installation, error) {
	if err := c.Get(ctx, defaultLease(), &coordinationv1.Lease{}); err != nil {
		return nil, err
	}
	return i.in(defaultLease().Namespace), nil
}

func defaultLease() types.NamespacedName {
	return types.NamespacedName{Namespace: autoscaler.FieldManager, Name: LeaseName}
}
