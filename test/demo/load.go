package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/cert"
)

const (
	// cpuRequest is what each Pod asks for, in millicores.
	cpuRequest = "10m"
	// cpuLoad is what all Pods of an application use together, in millicores: a quiet evening, which two Pods could
	// carry. Without any figure of the load an HPA would never let the number of Pods fall again.
	cpuLoad = 12
	metrics = "/apis/metrics.k8s.io/v1beta1"
)

// load plays the metrics server of a cluster whose Pods do nothing. It serves the part of the API that HPAs ask.
type load struct {
	client kubernetes.Interface
	server *http.Server
	port   int
}

// serveLoad serves on the loopback interface until close.
func serveLoad(client kubernetes.Interface) (*load, error) {
	crt, key, err := cert.GenerateSelfSignedCertKey("localhost", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot make the certificate of the metrics server: %w", err)
	}
	pair, err := tls.X509KeyPair(crt, key)
	if err != nil {
		return nil, fmt.Errorf("cannot use the certificate of the metrics server: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot serve metrics: %w", err)
	}
	l := &load{client: client, port: listener.Addr().(*net.TCPAddr).Port}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+metrics, l.discover)
	mux.HandleFunc("GET "+metrics+"/namespaces/{namespace}/pods", l.pods)
	l.server = &http.Server{
		Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = l.server.ServeTLS(listener, "", "") }() // It ends with close.
	return l, nil
}

func (l *load) close() error { return l.server.Close() }

func (l *load) discover(w http.ResponseWriter, _ *http.Request) {
	reply(w, metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: "metrics.k8s.io/v1beta1",
		APIResources: []metav1.APIResource{{
			Name: "pods", Namespaced: true, Kind: "PodMetrics", Verbs: metav1.Verbs{"list"},
		}},
	})
}

// pods shares the load as evenly among the Pods that the request selects as whole millicores allow.
func (l *load) pods(w http.ResponseWriter, request *http.Request) {
	pods, err := l.client.CoreV1().Pods(request.PathValue("namespace")).List(request.Context(),
		metav1.ListOptions{LabelSelector: request.URL.Query().Get("labelSelector")})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	items := []map[string]any{}
	for i, pod := range pods.Items {
		usage := resource.NewMilliQuantity(int64(cpuLoad*(i+1)/len(pods.Items)-cpuLoad*i/len(pods.Items)), resource.DecimalSI)
		items = append(items, map[string]any{
			"metadata":   map[string]any{"name": pod.Name, "namespace": pod.Namespace, "labels": pod.Labels},
			"timestamp":  time.Now().UTC().Format(time.RFC3339),
			"window":     "0s",
			"containers": []any{map[string]any{"name": pod.Spec.Containers[0].Name, "usage": map[string]any{"cpu": usage}}},
		})
	}
	reply(w, map[string]any{
		"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": map[string]any{}, "items": items,
	})
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // The client may be gone.
}

// manifest makes the API server pass requests for metrics on to this server.
func (l *load) manifest() string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost, ports: [{port: %d}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics, namespace: kube-system, port: %d}
`, l.port, l.port)
}

// await returns when the API server passes requests on.
func (l *load) await(ctx context.Context) error {
	return await(ctx, "the metrics", func(ctx context.Context) error {
		body, err := l.client.Discovery().RESTClient().Get().AbsPath(metrics).DoRaw(ctx)
		if err == nil && len(body) == 0 {
			err = errors.New("the answer is empty")
		}
		return err
	})
}
