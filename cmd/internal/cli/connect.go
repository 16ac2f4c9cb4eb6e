package cli

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// Connection describes how the API server is found: as kubectl finds it, unless flags name it.
type Connection struct {
	Kubeconfig, Context string
}

// Bind adds the flags of the connection.
func (o *Connection) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&o.Kubeconfig, "kubeconfig", "", "path of a kubeconfig file (default: as kubectl finds it)")
	flags.StringVar(&o.Context, "context", "", "the context of the kubeconfig file to use (default: the current one)")
}

// Connect returns a client that reads from the API server and never from a cache, with the rights of the user. What the
// API server warns of is written to stderr. Nothing is asked of it yet.
func (o *Connection) Connect(stderr io.Writer) (client.Client, error) {
	config, err := o.RESTConfig(stderr)
	if err != nil {
		return nil, err
	}
	scheme := NewScheme()
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: NewMapper(scheme)})
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	return c, nil
}

// RESTConfig returns how the API server is reached.
func (o *Connection) RESTConfig(stderr io.Writer) (*rest.Config, error) {
	config, err := o.clientConfig().ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	config.QPS = -1 // the API server's own priority and fairness decides, as with run
	config.UserAgent = autoscaler.FieldManager + "/" + Version
	config.WarningHandler = rest.NewWarningWriter(stderr, rest.WarningWriterOptions{Deduplicate: true})
	return config, nil
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
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.Kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.Context})
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
