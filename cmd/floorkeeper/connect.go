package main

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// connection says how the API server is found: as kubectl finds it, unless flags say more.
type connection struct {
	kubeconfig, context string
}

func (o *connection) bind(flags *pflag.FlagSet) {
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "path of a kubeconfig file (default: as kubectl finds it)")
	flags.StringVar(&o.context, "context", "", "the context of the kubeconfig file to use (default: the current one)")
}

// connect returns a client that reads from the API server and never from a cache, with the rights of the user. What the
// API server warns of is written to stderr. Nothing is asked of it yet.
func (o *connection) connect(stderr io.Writer) (client.Client, error) {
	config, err := o.config(stderr)
	if err != nil {
		return nil, err
	}
	scheme := newScheme()
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: newMapper(scheme)})
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	return c, nil
}

// config returns how the API server is reached.
func (o *connection) config(stderr io.Writer) (*rest.Config, error) {
	config, err := o.clientConfig().ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("cannot find the API server: %w", err)
	}
	config.QPS = -1 // the API server's own priority and fairness decides, as with run
	config.UserAgent = autoscaler.FieldManager + "/" + version
	config.WarningHandler = rest.NewWarningWriter(stderr, rest.WarningWriterOptions{Deduplicate: true})
	return config, nil
}

// namespace returns that of the context, which kubectl uses where no flag says one.
func (o *connection) namespace() (string, error) {
	namespace, _, err := o.clientConfig().Namespace()
	if err != nil {
		return "", fmt.Errorf("cannot tell the namespace of the context: %w", err)
	}
	return namespace, nil
}

func (o *connection) clientConfig() clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context})
}
