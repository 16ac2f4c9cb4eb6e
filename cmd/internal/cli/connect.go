package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // what a user of a kubeconfig may name as auth-provider: oidc
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/text"
)

// Connection describes how the API server is found: as kubectl finds it, with kubectl's flags.
type Connection struct {
	rules     *clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
	flags     *pflag.FlagSet // those of the connection alone
}

// Bind adds the flags of the connection, which are kubectl's.
func (o *Connection) Bind(flags *pflag.FlagSet) {
	o.rules = clientcmd.NewDefaultClientConfigLoadingRules()
	o.rules.Warner = func(error) {} // of files that do not exist; see missing
	o.flags = pflag.NewFlagSet("", pflag.ContinueOnError)
	o.flags.StringVar(&o.rules.ExplicitPath, clientcmd.RecommendedConfigPathFlag, "", "Path to the kubeconfig file (default: as kubectl finds it)")
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ContextOverrideFlags.Namespace.LongName = "" // each command has its own
	names.AuthOverrideFlags.Username.LongName, names.AuthOverrideFlags.Password.LongName = "", ""
	clientcmd.BindOverrideFlags(&o.overrides, o.flags, names)
	o.flags.VisitAll(func(flag *pflag.Flag) { flag.Annotations = map[string][]string{ofKubectl: nil} })
	flags.AddFlagSet(o.flags)
}

// Given returns the first flag of the connection that was given, or "".
func (o *Connection) Given() (name string) {
	if o.flags == nil {
		return ""
	}
	o.flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && name == "" {
			name = flag.Name
		}
	})
	return name
}

// Connect returns a client that reads from the API server and never from a cache, with the rights of the user. What the
// API server warns of is written to stderr. Nothing is asked of it yet.
func (o *Connection) Connect(stderr io.Writer) (client.Client, error) {
	scheme := NewScheme()
	return o.NewClient(client.Options{Scheme: scheme, Mapper: NewMapper(scheme)}, stderr)
}

// NewClient does the same for other kinds.
func (o *Connection) NewClient(options client.Options, stderr io.Writer) (client.Client, error) {
	config, err := o.RESTConfig()
	if err != nil {
		return nil, err
	}
	config.WarningHandler = rest.NewWarningWriter(stderr, rest.WarningWriterOptions{Deduplicate: true})
	c, err := client.New(config, options)
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	return c, nil
}

// RESTConfig returns how the API server is reached. Its certificates and its way to authenticate can be used.
func (o *Connection) RESTConfig() (*rest.Config, error) {
	user := o.overrides.AuthInfo
	if user.Impersonate == "" && (user.ImpersonateUID != "" || len(user.ImpersonateGroups) > 0) {
		return nil, errors.New("--as-uid and --as-group need the name of a user too: give --as")
	}
	config, err := o.clientConfig().ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, o.missing()
	}
	if err == nil {
		err = o.complete(config)
	}
	if err == nil {
		_, err = rest.TransportFor(config)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	return config, nil
}

// missing returns what a kubeconfig lacks that names no API server.
func (o *Connection) missing() error {
	raw, err := o.rules.Load()
	if err != nil {
		return fmt.Errorf("cannot find the API server: %w", err)
	}
	files := o.rules.GetLoadingPrecedence()
	name := cmp.Or(o.overrides.CurrentContext, raw.CurrentContext)
	switch context := raw.Contexts[name]; {
	case context != nil:
		return fmt.Errorf("cannot find the API server: context %s names the cluster %q, which the kubeconfig does not have; its clusters are: %s",
			text.Masked(name), text.Masked(context.Cluster), text.Masked(text.List(slices.Sorted(maps.Keys(raw.Clusters)), ", ", 5)))
	case name == "" && len(raw.Contexts) > 0:
		return fmt.Errorf("cannot find the API server: the kubeconfig has no current-context; give --context, such as %s",
			text.Masked(text.List(slices.Sorted(maps.Keys(raw.Contexts)), ", ", 5)))
	case slices.ContainsFunc(files, exists):
		return fmt.Errorf("cannot find the API server: the kubeconfig has no cluster in it (%s); give --kubeconfig FILE or set KUBECONFIG",
			strings.Join(slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !exists(file) }), ", "))
	}
	return fmt.Errorf("cannot find the API server: there is no kubeconfig (looked for %s); give --kubeconfig FILE or set KUBECONFIG",
		strings.Join(files, ", "))
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// complete sets what is the same with every kubeconfig, and the flags that clientcmd does not apply inside a cluster.
func (o *Connection) complete(config *rest.Config) (err error) {
	config.QPS = -1 // the API server's own priority and fairness decides
	config.UserAgent = autoscaler.FieldManager + "/" + Version
	user := o.overrides.AuthInfo
	if user.Impersonate != "" && config.Impersonate.UserName == "" {
		config.Impersonate = rest.ImpersonationConfig{UserName: user.Impersonate, UID: user.ImpersonateUID, Groups: user.ImpersonateGroups}
	}
	config.Timeout, err = clientcmd.ParseTimeout(o.overrides.Timeout)
	return err
}

// ContextNamespace returns that of the context, which kubectl uses where no flag names one.
func (o *Connection) ContextNamespace() (string, error) {
	namespace, _, err := o.clientConfig().Namespace()
	if err != nil {
		return "", fmt.Errorf("cannot find the namespace of the context: %w", err)
	}
	return namespace, nil
}

func (o *Connection) clientConfig() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(o.rules, &o.overrides)
}

// NewScheme returns the types that floorkeeper reads and writes.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	builders := runtime.SchemeBuilder{
		admissionregistrationv1.AddToScheme, appsv1.AddToScheme, autoscalingv2.AddToScheme, coordinationv1.AddToScheme,
		corev1.AddToScheme,
	}
	if err := builders.AddToScheme(scheme); err != nil {
		panic(err) // they are compiled in
	}
	scheme.AddKnownTypes(autoscalingv1.SchemeGroupVersion, &autoscalingv1.Scale{})
	return scheme
}

// NewMapper returns where the API server serves those types. It knows them, so that nothing has to be discovered first,
// which an API server that is away or answers in part would delay.
func NewMapper(scheme *runtime.Scheme) meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for kind := range scheme.AllKnownTypes() {
		scope := meta.RESTScopeNamespace
		if kind.Kind == "Namespace" || kind.Group == admissionregistrationv1.GroupName {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(kind, scope)
	}
	return mapper
}
