package controlplane

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"k8s.io/client-go/kubernetes"
)

// freePort finds a free TCP port on the loopback interface. It looks below the ports that kernels hand out for outgoing
// connections, so that nobody takes the port by accident before the API server does or while it is down.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := 20000 + rand.IntN(10000)
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("cannot find a free port: %w", err)
}

// await repeats a check until it succeeds. Once the context is done it returns the cause and what the check said last.
func await(ctx context.Context, what string, check func(context.Context) error) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot wait for %s, which said last %w: %w", what, err, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// watched runs a wait whose context ends, with the log of the process as its cause, when a component ends.
func (c *ControlPlane) watched(ctx context.Context, wait func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, p := range c.processes {
		if p.stopped {
			continue
		}
		go func() {
			select {
			case <-p.exited:
				cancel(p.death())
			case <-ctx.Done():
			}
		}()
	}
	if err := wait(ctx); err != nil {
		return fmt.Errorf("cannot start the control plane, whose logs are in %s: %w", c.options.LogDir, err)
	}
	return nil
}

// awaitEtcd waits until etcd serves on its socket.
func (c *ControlPlane) awaitEtcd(ctx context.Context) error {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", c.EtcdSocket())
	}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	return await(ctx, "etcd", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://etcd/health", nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// awaitAPIServer waits until the API server reports that it is ready. Our client trusts its certificate alone, so no other
// process can answer in its place.
func (c *ControlPlane) awaitAPIServer(ctx context.Context) error {
	return awaitReady(ctx, c.client)
}

func awaitReady(ctx context.Context, client kubernetes.Interface) error {
	return await(ctx, "the API server", func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Timeout(5 * time.Second).Do(ctx).Error()
	})
}
