package controller

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// NewInformer returns an informer that is back within two seconds after an outage of the API server. A reflector of
// client-go backs off to a minute, which cannot be set for an informer, so the outage is hidden from it: lists and
// watches are repeated until there is an answer.
func NewInformer(lw cache.ListerWatcher, object runtime.Object, resync time.Duration, indexers cache.Indexers) cache.SharedIndexInformer {
	p := &patientReader{api: cache.ToListerWatcherWithContext(lw)}
	return cache.NewSharedIndexInformer(&cache.ListWatch{ListWithContextFunc: p.list, WatchFuncWithContext: p.watch}, object, resync, indexers)
}

// patientReader lists and watches as often as it takes. Its reflector calls it from one goroutine at a time.
type patientReader struct {
	api  cache.ListerWatcherWithContext
	ends <-chan time.Time // when the API server ends the last watch that it was asked for; nil after a list
}

func (p *patientReader) list(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	p.ends = nil
	return patiently(ctx, func() (runtime.Object, error) { return p.api.ListWithContext(ctx, options) })
}

func (p *patientReader) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	return patiently(ctx, func() (watch.Interface, error) {
		if err := p.resumable(ctx, options); err != nil {
			return nil, err
		}
		if options.TimeoutSeconds != nil {
			p.ends = time.After(time.Duration(*options.TimeoutSeconds) * time.Second)
		}
		return p.api.WatchWithContext(ctx, options)
	})
}

// resumable returns an error if the last watch ended early and etcd has not come to the version from which the next one
// goes on: it was restored from a backup. The API server would accept that watch, and send nothing until etcd comes there.
func (p *patientReader) resumable(ctx context.Context, options metav1.ListOptions) error {
	select {
	case <-p.ends:
		return nil
	default:
	}
	if p.ends == nil || options.SendInitialEvents != nil {
		return nil
	}
	found, err := p.api.ListWithContext(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return fmt.Errorf("cannot read the resource version: %w", err)
	}
	list, err := meta.ListAccessor(found)
	if err != nil {
		return fmt.Errorf("cannot read the resource version: %w", err)
	}
	if order, err := resourceversion.CompareResourceVersion(list.GetResourceVersion(), options.ResourceVersion); err == nil && order < 0 {
		klog.FromContext(ctx).Info("resource versions went back, as after a restore of etcd; listing everything anew",
			"from", options.ResourceVersion, "to", list.GetResourceVersion())
		return apierrors.NewResourceExpired("resource version " + options.ResourceVersion + " does not exist any more")
	}
	return nil
}

// Namespaces makes informers of chosen namespaces, and knows which may not be read. Its methods may be called from any
// goroutine.
type Namespaces struct {
	unreadable prometheus.Gauge
	readable   atomic.Int32 // that could be read
	mu         sync.Mutex
	refusals   map[*namespaceReader]string // of those that count as empty
	news       chan struct{}
}

// NewNamespaces returns Namespaces without any that is known to be unreadable.
func NewNamespaces(reg prometheus.Registerer) *Namespaces {
	n := &Namespaces{refusals: map[*namespaceReader]string{}, news: make(chan struct{}, 1)}
	n.unreadable = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "floorkeeper_namespaces_unreadable",
		Help: "The chosen namespaces whose HorizontalPodAutoscalers floorkeeper may not list; they count as empty.",
	})
	reg.MustRegister(n.unreadable)
	return n
}

// NewInformer returns an informer like [NewInformer]. A namespace that may not be read, because it or its RoleBinding was
// deleted, counts as empty and is asked again within a minute: the others must not wait for it. If none may be read, none
// counts as empty: who sees nothing must not lead.
func (n *Namespaces) NewInformer(lw cache.ListerWatcher, object runtime.Object, resync time.Duration, indexers cache.Indexers) cache.SharedIndexInformer {
	reader := &namespaceReader{api: cache.ToListerWatcherWithContext(lw), all: n}
	return NewInformer(&cache.ListWatch{ListWithContextFunc: reader.list, WatchFuncWithContext: reader.watch}, object, resync, indexers)
}

// refused returns why each namespace that counts as empty may not be read; none of nil.
func (n *Namespaces) refused() []string {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Values(n.refusals))
}

// changes returns a channel that is signalled when another namespace counts as empty; nil of nil.
func (n *Namespaces) changes() <-chan struct{} {
	if n == nil {
		return nil
	}
	return n.news
}

func (n *Namespaces) set(reader *namespaceReader, refusal string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if delete(n.refusals, reader); refusal != "" {
		n.refusals[reader] = refusal
		signal(n.news)
	}
	n.unreadable.Set(float64(len(n.refusals)))
}

// namespaceReader lists and watches one namespace. Its reflector calls it from one goroutine at a time.
type namespaceReader struct {
	api       cache.ListerWatcherWithContext
	all       *Namespaces
	read      bool // this namespace could be read
	forbidden bool // and counts as empty now
	refusals  int  // in a row
}

// refusalPatience is how often in a row a namespace that could be read may not be listed before it counts as empty, some ten
// seconds: an API server that is starting answers 403 until it knows the rules of RBAC.
const refusalPatience = 4

func (n *namespaceReader) list(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	found, err := n.api.ListWithContext(ctx, options)
	n.note(err)
	if !apierrors.IsForbidden(err) || n.all.readable.Load() == 0 {
		return found, err
	}
	if n.refusals++; n.read && n.refusals < refusalPatience {
		return nil, err
	}
	if !n.forbidden {
		n.forbidden = true
		n.all.set(n, err.Error())
		klog.FromContext(ctx).Error(err, "a namespace counts as empty; grant the right, or take it out of --namespaces")
	}
	return &metav1.List{}, nil
}

func (n *namespaceReader) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	changes, err := n.api.WatchWithContext(ctx, options)
	n.note(err)
	return changes, err
}

// note notes that the namespace could be read.
func (n *namespaceReader) note(err error) {
	if err != nil {
		return
	}
	n.refusals = 0
	if !n.read {
		n.read = true
		n.all.readable.Add(1)
	}
	if n.forbidden {
		n.forbidden = false
		n.all.set(n, "")
	}
}

// patiently calls ask every one to two seconds until the API server answers.
func patiently[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	for logged := false; ; logged = true {
		answer, err := ask()
		if !away(err) {
			return answer, err
		}
		if !logged {
			klog.FromContext(ctx).Error(err, "the API server is away; asking until it answers")
		}
		select {
		case <-ctx.Done():
			return answer, err
		case <-time.After(wait.Jitter(time.Second, 1)):
		}
	}
}

// away reports whether an error means that the API server does not answer, or cannot serve requests.
func away(err error) bool {
	if apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
		return false // etcd was restored; the reflector then lists without a version
	}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		return status.Status().Code >= 500 || apierrors.IsTooManyRequests(err)
	}
	return err != nil && !errors.Is(err, context.Canceled)
}
