package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// member is one replica of the fleet.
type member struct {
	*replica.Replica
	name   string
	killed bool // Whether it was us who ended it.
}

// startMember starts floorkeeper. It sees nothing of the user's FLOORKEEPER_ variables.
func startMember(name, dir string, c *cluster, addresses *replica.Addresses) (*member, error) {
	metrics, err1 := addresses.Next()
	health, err2 := addresses.Next()
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("cannot prepare replica %s: %w", name, err)
	}
	r, err := replica.Start(replica.Options{
		Binary: filepath.Join(dir, "floorkeeper"),
		Args: []string{
			"run", "--schedule=" + filepath.Join(dir, "schedule"), "--kubeconfig=" + c.kubeconfig,
			"--namespaces=" + c.namespace, "--leader-election-namespace=" + c.leaseNamespace,
		},
		Env: slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "FLOORKEEPER_") }),
		Log: filepath.Join(dir, "replica-"+name+".log"), Metrics: metrics, Health: health,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot start replica %s: %w", name, err)
	}
	return &member{Replica: r, name: name}, nil
}

// kill ends the process at once, as kill -9 does.
func (m *member) kill() {
	m.killed = true
	m.Kill()
}

// stop asks the process to end and ends it after ten seconds.
func (m *member) stop() {
	m.killed = true
	_ = m.Stop(10 * time.Second) // That it ended is all that counts.
}

// ready checks that the replica could lead.
func (m *member) ready(ctx context.Context) error {
	if !m.Alive() {
		return fmt.Errorf("it ended; its log says\n%s", m.Tail(15))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return m.Ready(ctx)
}

// leads asks the replica whether it holds the Lease.
func (m *member) leads(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	samples, _ := m.Samples(ctx) // None where it does not answer.
	for series, value := range samples {
		if value == 1 && strings.HasPrefix(series, "floorkeeper_leader") {
			return true
		}
	}
	return false
}
