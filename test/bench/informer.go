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
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// informerMode makes this program a bare informer of HPAs: a process that holds what floorkeeper has to hold, and does
// nothing. Two of them stand for a leader and a standby while a loop writes.
const informerMode = "informer"

// synced is what the informer prints once it has all HPAs.
const synced = "synced"

// inform runs an informer until a signal.
func inform(kubeconfig string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("cannot make a client: %w", err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	fmt.Fprintln(os.Stdout, synced, len(informer.GetStore().ListKeys()))
	<-ctx.Done()
	factory.Shutdown()
	return nil
}

// informants are bare informers that run.
type informants []*replica.Replica

// startInformants starts bare informers and returns when they have all HPAs.
func (b *bench) startInformants(ctx context.Context, count int) (all informants, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	for i := range count {
		log := filepath.Join(b.dir, fmt.Sprintf("informer-%d.log", i))
		if err := os.RemoveAll(log); err != nil {
			return nil, errors.Join(err, all.stop())
		}
		r, err := replica.Start(replica.Options{Binary: self, Args: []string{informerMode, b.Account}, Env: os.Environ(), Log: log})
		if err != nil {
			return nil, errors.Join(err, all.stop())
		}
		all = append(all, r)
		want := fmt.Sprint(synced, " ", len(b.fleet.names))
		if err := await.Poll(ctx, await.Patience, func(context.Context) error {
			if got := r.Tail(1); got != want {
				return fmt.Errorf("it says %q instead of %q", got, want)
			}
			return nil
		}); err != nil {
			return nil, errors.Join(fmt.Errorf("an informer has not all HPAs: %w", err), all.stop())
		}
	}
	return all, nil
}

func (all informants) stop() error {
	var err error
	for _, r := range all {
		err = errors.Join(err, r.Stop(20*time.Second))
	}
	return err
}
