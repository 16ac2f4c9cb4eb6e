package page

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

const farewell = 2 * time.Second // for requests that are under way when the server ends

// Listen opens the address, such as 127.0.0.1:0, where the kernel chooses a port.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the page: %w", err)
	}
	return listener, nil
}

// Serve answers requests until the context ends, and lets those that are under way finish, unless their clients do not read
// what they asked for.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("cannot go on serving the page: %w", err)
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := server.Shutdown(goodbye); err != nil {
		return server.Close()
	}
	return nil
}
