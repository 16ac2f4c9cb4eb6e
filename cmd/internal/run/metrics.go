package run

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/floorkeeper/floorkeeper/cmd/internal/page"
)

// metricsServer returns how /metrics is served. Without a certificate, --metrics-secure makes one for itself.
func (o *options) metricsServer() metricsserver.Options {
	server := metricsserver.Options{BindAddress: o.metricsAddress, FilterProvider: inTurn}
	if o.metricsSecure {
		server.SecureServing, server.CertDir, server.FilterProvider = true, o.metricsCertDir, allowedInTurn
		// Without HTTP/2 nobody can open and reset thousands of streams before they are known.
		server.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }}
	}
	return server
}

// checkMetrics returns an error unless the certificate can be served: the metrics server would use its own in its place.
func (o *options) checkMetrics() error {
	if o.metricsCertDir == "" {
		return nil
	}
	if !o.metricsSecure {
		return errors.New("--metrics-cert-dir is for HTTPS: give --metrics-secure as well")
	}
	_, err := tls.LoadX509KeyPair(filepath.Join(o.metricsCertDir, corev1.TLSCertKey), filepath.Join(o.metricsCertDir, corev1.TLSPrivateKeyKey))
	if err != nil {
		return fmt.Errorf("cannot use --metrics-cert-dir %s: %w", o.metricsCertDir, err)
	}
	return nil
}

const (
	maxScrapes = 2  // that are answered at the same time: each decides about every HPA
	maxAsking  = 20 // for which the API server is asked who sends them
)

func inTurn(*rest.Config, *http.Client) (metricsserver.Filter, error) {
	return func(_ logr.Logger, handler http.Handler) (http.Handler, error) {
		return page.InTurn(handler, maxScrapes), nil
	}, nil
}

// allowedInTurn passes only the requests of who may get /metrics by RBAC.
func allowedInTurn(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
	access, err := newAccess(config, client)
	if err != nil {
		return nil, err
	}
	return func(logger logr.Logger, handler http.Handler) (http.Handler, error) {
		return page.InTurn(access.guard(logger, page.InTurn(handler, maxScrapes)), maxAsking), nil
	}, nil
}
