package controlplane

import (
	"context"
	"fmt"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// secondAPIServer is what the second API server has of its own.
type secondAPIServer struct {
	port       int
	etcdSocket string
	client     kubernetes.Interface
}

func (s secondAPIServer) await(ctx context.Context) error { return awaitReady(ctx, s.client) }

// StartSecondAPIServer starts another API server, which finds etcd at a socket, such as EtcdSocket. It returns a client
// configuration of the administrator. Stop ends it with the others.
func (c *ControlPlane) StartSecondAPIServer(ctx context.Context, etcdSocket string) (*rest.Config, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	config := c.Config()
	config.Host = fmt.Sprintf("https://127.0.0.1:%d", port)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	c.second = secondAPIServer{port, etcdSocket, client}
	return config, c.StartComponent(ctx, SecondAPIServer)
}
