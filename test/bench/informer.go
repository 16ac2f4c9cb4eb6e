package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/client-go/informers"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// informerMode makes this program a bare informer of HPAs: a process that holds what floorkeeper has to hold, and does
// nothing. Two of them stand for a leader and a standby while a loop writes.
const informerMode = "informer"

// synced is what the informer prints once it has all HPAs, with their number and the time.
const synced = "synced"

// inform runs an informer until a signal.
func inform(kubeconfig string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client, err := controlplane.ClientOf(kubeconfig)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	fmt.Fprintln(os.Stdout, synced, len(informer.GetStore().ListKeys()), time.Now().Format(time.RFC3339Nano))
	<-ctx.Done()
	factory.Shutdown()
	return nil
}

// informants are bare informers that run.
type informants []*replica.Replica

// startInformants starts bare informers and returns when they have all HPAs.
func (b *bench) startInformants(ctx context.Context, count int) (all informants, err error) {
	for i := range count {
		r, _, err := b.startInformant(ctx, fmt.Sprintf("informer-%d.log", i))
		if err != nil {
			return nil, errors.Join(err, all.stop())
		}
		all = append(all, r)
	}
	return all, nil
}

// startInformant starts one, and returns also when it had all HPAs.
func (b *bench) startInformant(ctx context.Context, log string) (r *replica.Replica, at time.Time, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, at, fmt.Errorf("cannot find this program: %w", err)
	}
	log = filepath.Join(b.dir, log)
	if err := os.RemoveAll(log); err != nil {
		return nil, at, err
	}
	if r, err = replica.Start(replica.Options{Binary: self, Args: []string{informerMode, b.Account}, Env: os.Environ(), Log: log}); err != nil {
		return nil, at, err
	}
	err = await.Poll(ctx, await.Patience, func(context.Context) error {
		var count int
		var text string
		said := r.Tail(1)
		if _, err := fmt.Sscanf(said, synced+" %d %s", &count, &text); err != nil || count != len(b.fleet.names) {
			return fmt.Errorf("an informer of %d HPAs says %q", len(b.fleet.names), said)
		}
		at, err = time.Parse(time.RFC3339Nano, text)
		return err
	})
	if err != nil {
		return nil, at, errors.Join(err, r.Stop(stopPatience))
	}
	return r, at, nil
}

// stopPatience is how long a process may take to end.
const stopPatience = 20 * time.Second

func (all informants) stop() error {
	var err error
	for _, r := range all {
		err = errors.Join(err, r.Stop(stopPatience))
	}
	return err
}
