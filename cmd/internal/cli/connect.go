package cli

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"
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
