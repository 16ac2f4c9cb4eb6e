package controller

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/floorkeeper/floorkeeper/test/evening"
)

// adding is a manager that is never started. It keeps what is added, by type, and refuses one type.
type adding struct {
	ctrl.Manager
	added  map[string]manager.Runnable
	refuse string
}

func (m *adding) Add(r manager.Runnable) error {
	name := fmt.Sprintf("%T", r)
	if m.refuse != "" && strings.Contains(name, m.refuse) {
		return errors.New("no room for " + m.refuse)
	}
	m.added[name] = r
	return nil
}

func setUp(t *testing.T, o Options, refuse string) (*adding, *prometheus.Registry, error) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := autoscalingv2.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	mgr, err := ctrl.NewManager(&rest.Config{Host: "http://127.0.0.1:1"}, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"},
		Controller:     config.Controller{SkipNameValidation: new(true)},
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return meta.NewDefaultRESTMapper(nil), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	m, registry := &adding{mgr, map[string]manager.Runnable{}, refuse}, prometheus.NewRegistry()
	o.Feed, o.Version = NewFeed(), "v1.2.3"
	if o.Registerer == nil {
		o.Registerer = registry
	}
	o.Feed.Publish(Outcome{Revision: &Revision{Schedule: evening.Schedule(t, 0), SHA256: "ab12"}})
	return m, registry, Setup(m, o)
}

func TestSetupNeedsLittle(t *testing.T) {
	m, registry, err := setUp(t, Options{}, "")
	if err != nil || len(m.added) != 5 {
		t.Fatalf("%d parts are added, want the controller, the clock watch, the check of the guard, the announcer and the Events: %v", len(m.added), err)
	}
	a := m.added["*controller.announcer"].(*announcer)
	if a.now().IsZero() || !a.leading() || a.horizon != DefaultLookAhead || a.cache == nil || a.api == nil || a.recorder == nil {
		t.Errorf("the announcer lacks something: %+v", a)
	}
	a.upcoming.WithLabelValues("clamped-floor").Set(1)
	for name, want := range map[string]float64{
		"floorkeeper_build_info": 1, "floorkeeper_leader": 1, "floorkeeper_schedule_info": 1, "floorkeeper_upcoming_problems": 1,
		"floorkeeper_transition_delay_seconds": 0,
	} {
		if got, found := value(t, registry, name); got != want || !found {
			t.Errorf("%s is %v, %t, want %v", name, got, found, want)
		}
	}
}

// value returns the first value of a metric, and 0 of a histogram.
func value(t *testing.T, registry *prometheus.Registry, name string) (float64, bool) {
	t.Helper()
	found, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range found {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue(), true
		}
	}
	return 0, false
}

func TestSetupFollowsTheElection(t *testing.T) {
	var begin func(bool)
	var end func()
	m, _, err := setUp(t, Options{OnTerms: func(b func(bool), e func()) { begin, end = b, e }}, "")
	if err != nil {
		t.Fatal(err)
	}
	a, g := m.added["*controller.announcer"].(*announcer), m.added["*controller.guardCheck"].(*guardCheck)
	begin(true)
	select {
	case <-g.asked:
	default:
		t.Error("a new leader does not look at the guard")
	}
	select {
	case <-a.hpas:
	default:
		t.Error("a new leader does not look ahead")
	}
	a.upcoming.WithLabelValues("clamped-floor").Set(1)
	end()
	if left := testutil.CollectAndCount(a.upcoming); left != 0 {
		t.Errorf("when another one leads, %d series are left", left)
	}
}

func TestADryRunSendsNoEvents(t *testing.T) {
	m, _, err := setUp(t, Options{DryRun: true}, "")
	if err != nil || m.added["*controller.announcer"] != nil {
		t.Errorf("it announces: %v", err)
	}
}

func TestSetupSaysWhatFailed(t *testing.T) {
	for refuse, want := range map[string]string{
		"Controller": "cannot set up the controller: ", "clockWatch": "cannot set up the clock watch: ",
		"guardCheck": "cannot set up the check of the floor guard: ", "announcer": "cannot set up the announcer: ",
		"Events": "cannot set up the Events: ",
	} {
		if _, _, err := setUp(t, Options{}, refuse); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("without room for %s: %v, want %s", refuse, err, want)
		}
	}
}
