package year

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/floorkeeper/floorkeeper/controller"
)

// incarnation is floorkeeper from a start to a stop; what it remembers ends with it.
type incarnation struct {
	feed    *controller.Feed
	cancel  context.CancelFunc
	done    chan error
	notes   *controller.Notes
	leading atomic.Bool
	begin   func(another bool)
	end     func()
}

// start starts floorkeeper as its ServiceAccount.
func start(account *rest.Config, revision *controller.Revision, now func() time.Time, settle time.Duration, w *witness, log io.Writer) (*incarnation, error) {
	mgr, err := ctrl.NewManager(rest.CopyConfig(account), ctrl.Options{
		Logger:     zap.New(zap.WriteTo(log)),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)}, // the one before had the same name
		NewClient:  w.newClient,
	})
	if err != nil {
		return nil, err
	}
	i := &incarnation{feed: controller.NewFeed(), done: make(chan error, 1), notes: controller.NewNotes()}
	err = controller.Setup(watched{mgr, w}, controller.Options{
		Feed: i.feed, Scope: scope(), SettleTime: settle,
		Registerer: prometheus.NewRegistry(), Now: now,
		Notes: i.notes, Leading: i.leading.Load, OnTerms: func(begin func(bool), end func()) { i.begin, i.end = begin, end },
	})
	if err != nil {
		return nil, err
	}
	i.feed.Publish(controller.Outcome{Revision: revision})
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	go func() { i.done <- mgr.Start(ctx) }()
	return i, nil
}

// lead lets it lead, after another one that has left notes.
func (i *incarnation) lead(notes string) {
	i.notes.Load(notes)
	i.begin(true)
	i.leading.Store(true)
	i.feed.Poke()
}

// follow makes it a standby.
func (i *incarnation) follow() {
	i.leading.Store(false)
	i.end()
}

// stop ends it, wherever it is.
func (i *incarnation) stop() error {
	if i == nil {
		return nil
	}
	i.cancel()
	select {
	case err := <-i.done:
		return err
	case <-time.After(patience):
		return errors.New("floorkeeper did not stop")
	}
}

// poke lets floorkeeper look at every HPA, as it would itself within a second of noticing that the clock was stepped.
func (i *incarnation) poke() { i.feed.Publish(controller.Outcome{Revision: i.feed.Current()}) }

// witness is floorkeeper's client. It knows which HPAs were looked at, and what was refused.
type witness struct {
	client.Client
	seen *seen
}

// seen is what a witness has seen, through all incarnations.
type seen struct {
	mu      sync.Mutex
	looks   map[types.NamespacedName]context.Context // the first since the last reset; the context ends with the look
	refused []error
	patches int
}

func (w *witness) newClient(config *rest.Config, options client.Options) (client.Client, error) {
	inner, err := client.New(config, options)
	return &witness{inner, w.seen}, err
}

// watched is a manager whose readers are a witness as well.
type watched struct {
	ctrl.Manager
	witness *witness
}

// GetAPIReader returns the reader that asks the API server.
func (m watched) GetAPIReader() client.Reader {
	return reader{m.Manager.GetAPIReader(), m.witness.seen}
}

// reader is the witness of a reader.
type reader struct {
	client.Reader
	seen *seen
}

// Get notes that an HPA is being looked at.
func (r reader) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	r.seen.look(ctx, key, object)
	return r.Reader.Get(ctx, key, object, options...)
}

// Get notes that an HPA is being looked at.
func (w *witness) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	w.seen.look(ctx, key, object)
	return w.Client.Get(ctx, key, object, options...)
}

// Patch notes what is refused. Conflicts are part of the game; an illegal write is a bug, be it repeated or not.
func (w *witness) Patch(ctx context.Context, object client.Object, patch client.Patch, options ...client.PatchOption) error {
	err := w.Client.Patch(ctx, object, patch, options...)
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	w.seen.patches++
	if apierrors.IsForbidden(err) || apierrors.IsInvalid(err) && patch.Type() != types.JSONPatchType {
		data, _ := patch.Data(object)
		w.seen.refused = append(w.seen.refused, fmt.Errorf("%s: %w", data, err))
	}
	return err
}

// reset forgets all looks.
func (s *seen) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks = map[types.NamespacedName]context.Context{}
}

// over reports whether each of the HPAs has been looked at since the reset, and the look is over.
func (s *seen) over(pages []*page) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pages {
		look := s.looks[types.NamespacedName{Namespace: p.namespace, Name: p.name}]
		if look == nil || look.Err() == nil {
			return fmt.Errorf("floorkeeper has not looked at %s", p.key())
		}
	}
	return nil
}

// illegal returns what was refused so far.
func (s *seen) illegal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.refused...)
}

// count returns the number of patches so far.
func (s *seen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.patches
}

// look notes that an HPA is being looked at, if it is one.
func (s *seen) look(ctx context.Context, key client.ObjectKey, object client.Object) {
	if _, ok := object.(*autoscalingv2.HorizontalPodAutoscaler); !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks[key] == nil {
		s.looks[key] = ctx
	}
}

// awaitPatches waits until there were so many, or for a moment: how far floorkeeper has come is left to chance.
func (s *seen) awaitPatches(count int, moment time.Duration) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(moment); s.count() < count && time.Now().Before(deadline); {
		<-ticker.C
	}
}
