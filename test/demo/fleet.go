package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// fleet is the two replicas of floorkeeper.
type fleet struct {
	replicas []*member
	leader   *member // The one that led when it was asked last; nil if none did.
}

// startFleet starts the replicas. On error, those that run are still in the fleet, to be stopped.
func startFleet(dir string, c *cluster) (*fleet, error) {
	f := &fleet{}
	var addresses replica.Addresses
	for _, name := range []string{"A", "B"} {
		r, err := startMember(name, dir, c, &addresses)
		if err != nil {
			return f, err
		}
		f.replicas = append(f.replicas, r)
	}
	return f, nil
}

func (f *fleet) stop() {
	for _, r := range f.replicas {
		r.stop()
	}
}

// await returns when every replica is ready.
func (f *fleet) await(ctx context.Context) error {
	for _, r := range f.replicas {
		if err := await(ctx, "replica "+r.name, r.ready); err != nil {
			return err
		}
	}
	return nil
}

// watchLeader sends the replica that leads, or nil, whenever that has changed, until the context ends.
func (f *fleet) watchLeader(ctx context.Context) <-chan *member {
	changes := make(chan *member)
	go func() {
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		var last *member
		for {
			if leader := f.ask(ctx); leader != last {
				select {
				case changes <- leader:
					last = leader
				case <-ctx.Done():
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return changes
}

func (f *fleet) ask(ctx context.Context) *member {
	for _, r := range f.replicas {
		if r.Alive() && r.leads(ctx) {
			return r
		}
	}
	return nil
}

// lost returns an error for a replica that ended on its own.
func (f *fleet) lost() error {
	for _, r := range f.replicas {
		if !r.Alive() && !r.killed {
			return fmt.Errorf("replica %s ended on its own; its log says\n%s", r.name, r.Tail(15))
		}
	}
	return nil
}

// status returns in a line what each replica does.
func (f *fleet) status() string {
	var parts []string
	for _, r := range f.replicas {
		does := "stands by"
		switch {
		case r.killed:
			does = "is dead"
		case r == f.leader:
			does = "leads"
		}
		parts = append(parts, fmt.Sprintf("%s (pid %d) %s", r.name, r.Pid(), does))
	}
	return strings.Join(parts, ", ")
}

// logs is how the logs of the replicas end.
func (f *fleet) logs() string {
	var text strings.Builder
	for _, r := range f.replicas {
		fmt.Fprintf(&text, "The log of replica %s ends with\n%s\n", r.name, r.Tail(15))
	}
	return text.String()
}
