package status

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// evening is when the tests ask; prime-time is open then.
var evening = time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)

const primeTime = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: Europe/Paris
windows:
  - name: prime-time
    start: "19:30"
    end: "00:30"
    targets:
      - {namespace: video, minReplicas: 24}
      - {namespace: kube-system, minReplicas: 24}
`

// asked is an API server in the evening of a leader that runs what the ConfigMap holds.
type asked struct {
	text    string // of the ConfigMap
	lease   coordinationv1.Lease
	hpas    []*autoscalingv2.HorizontalPodAutoscaler
	more    []client.Object
	renews  bool // the leader renews the Lease again and again
	options options
}

func newAsked(hpas ...*autoscalingv2.HorizontalPodAutoscaler) *asked {
	a := &asked{text: primeTime, hpas: hpas}
	a.lease.Namespace, a.lease.Name = "floorkeeper", cli.LeaseName
	a.lease.Labels = map[string]string{cli.LabelSchedule: cli.RevisionLabel(config.Hash([]source.File{{Name: "schedule.yaml", Data: []byte(primeTime)}}))}
	a.lease.Spec.HolderIdentity = new("pod-a_1")
	a.lease.Spec.LeaseDurationSeconds = new(int32(5))
	a.lease.Spec.RenewTime = &metav1.MicroTime{Time: evening.Add(-800 * time.Millisecond)}
	a.options = options{allNamespaces: true, installation: cli.Installation{
		Namespace: "floorkeeper", PolicyPrefix: "floorkeeper-", ExcludeNamespaces: []string{"kube-system"},
	}}
	return a
}

// print asks and prints.
func (a *asked) print(t *testing.T) string {
	t.Helper()
	if err := a.options.complete(nil); err != nil {
		t.Fatal(err)
	}
	configMap := &corev1.ConfigMap{Data: map[string]string{"schedule.yaml": a.text, "README.md": "not a schedule"}}
	configMap.Namespace, configMap.Name = "floorkeeper", "floorkeeper-schedule"
	builder := fake.NewClientBuilder().WithScheme(cli.NewScheme()).WithObjects(configMap, &a.lease).WithObjects(a.more...).
		WithIndex(&corev1.Event{}, "reason", func(o client.Object) []string { return []string{o.(*corev1.Event).Reason} })
	for _, hpa := range a.hpas {
		builder = builder.WithObjects(hpa)
	}
	builder = builder.WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			err := c.Get(ctx, key, object, options...)
			if lease, ok := object.(*coordinationv1.Lease); ok && a.renews {
				renewed := lease.DeepCopy()
				return errors.Join(err, c.Update(ctx, renewed))
			}
			return err
		},
	})
	asker := &collector{options: &a.options, client: builder.Build(), now: func() time.Time { return evening }}
	report, err := asker.collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.options.print(&b, report); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestStatusShowsLimits: they are those of the leader, from its Lease, and what they clamp is no pending change.
func TestStatusShowsLimits(t *testing.T) {
	t.Parallel()
	held := command.Raised("video", "images")
	held.Spec.MinReplicas, held.Annotations[autoscaler.AnnotationFloor] = new(int32(20)), "20"
	for limits, want := range map[string][2]string{
		"": {"Schedule:", "video/images pending: minReplicas is 20 and should be 24 by now (window prime-time)"},
		"--max-floor=20": {
			"Limits:       --max-floor=20\nSchedule:",
			"video/images clamped: floor 24 (window prime-time) is above --max-floor and is clamped to 20; correct the schedule, or raise --max-floor to get it",
		},
	} {
		a := newAsked(held.DeepCopy())
		a.lease.Annotations = map[string]string{cli.AnnotationLimits: limits}
		got := a.print(t)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("limits %q: without %q:\n%s", limits, part, got)
			}
		}
		if strings.Contains(got, "Limits:") != (limits != "") || strings.Contains(got, "pending") != (limits == "") {
			t.Errorf("limits %q:\n%s", limits, got)
		}
	}
	a := newAsked(held.DeepCopy())
	a.lease.Name = "of-another"
	if got := a.print(t); !strings.Contains(got, "Unknown:      limits of floors, which the Lease names; an HPA that is shown as pending may be at its limit\n") {
		t.Errorf("without the Lease:\n%s", got)
	}
}

func TestStatusTable(t *testing.T) {
	t.Parallel()
	held, excluded := command.Raised("video", "images"), command.Raised("kube-system", "dns")
	held.Annotations[autoscaler.AnnotationBecause] = "prime-time"
	held.Annotations[autoscaler.AnnotationSince] = "2026-12-18T19:30:00+01:00"
	held.Annotations[autoscaler.AnnotationUntil] = "2026-12-19T00:30:00+01:00"
	held.Annotations[autoscaler.AnnotationDeclaredBaseline] = "four"
	held.Status.DesiredReplicas = 24
	excluded.Annotations = nil
	got := newAsked(held, excluded, command.Raised("shop", "left")).print(t)
	want := `Leader:       pod-a_1, renewed 0.8 s ago
Schedule:     34fd5976f73d, in sync with ConfigMap floorkeeper/floorkeeper-schedule (1 window, 0 events)
Floor guard:  not in force: its policy does not exist

NAMESPACE     NAME     STATE   MIN   BASELINE   FLOOR   BECAUSE      UNTIL           NEXT                 PROBLEM
kube-system   dns      free    24    24         -       -            -               -                    excluded
shop          left     held    24    4          24      -            -               -                    pending
video         images   held    24    4          24      prime-time   Sat 00:30 CET   4 at Sat 00:30 CET   declarationIgnored

kube-system/dns excluded: it gets no floor: its namespace is excluded
shop/left pending: minReplicas is 24 and should be 4 by now (no entry is open)
video/images declarationIgnored: floorkeeper.dev/declared-baseline "four" is not applied: write a whole number from 0 to 999999; the baseline is 4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStatusOfACopy: the primary of a Canary has the floor of the other HPA as its baseline, also where only the primary is named.
func TestStatusOfACopy(t *testing.T) {
	t.Parallel()
	held, primary := command.Raised("video", "images"), command.Raised("video", "images-primary")
	held.Annotations[autoscaler.AnnotationSince] = "2026-12-18T19:30:00+01:00"
	primary.Annotations = nil
	primary.CreationTimestamp = metav1.NewTime(time.Date(2026, 12, 18, 19, 40, 0, 0, time.UTC))
	const want = "video/images-primary copied: the baseline 24 is a copy of the floor of HPA images, whose baseline is 4, and stays when the floor ends."
	if got := newAsked(held, primary).print(t); !strings.Contains(got, want) {
		t.Errorf("a copied floor is reported as\n%s", got)
	}
	a := newAsked(held, primary)
	a.options.names = []types.NamespacedName{{Namespace: "video", Name: "images-primary"}}
	if got := a.print(t); !strings.Contains(got, want) {
		t.Errorf("a copied floor, asked for by name, is reported as\n%s", got)
	}
}

func TestStatusEscapesWhatSteersATerminal(t *testing.T) {
	t.Parallel()
	hostile := command.Raised("video", "images")
	hostile.Annotations[autoscaler.AnnotationBecause] = "a\x1b[2J\nb\u202ec\td"
	hostile.Annotations[autoscaler.AnnotationUntil] = "\x1b[31mnever"
	a := newAsked(hostile)
	a.lease.Spec.HolderIdentity = new("pod\x1b]0;title\x07")
	a.text = "apiVersion: floorkeeper.dev/v1\nkind: Schedule\n\"win\u202edows\x1b\": []\n"
	for _, output := range []string{"", "wide", "json", "yaml"} {
		a.options.output = output
		got := a.print(t)
		if strings.ContainsAny(got, "\x1b\x07") || output == "" && (strings.Contains(got, "\u202e") || !strings.Contains(got, `a\x1b[2J\nb\u202ec\td  `)) {
			t.Errorf("-o %q prints %q", output, got)
		}
	}
}

func TestStatusOfLeaderAndSchedule(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*asked)
		want   string
	}{
		"a leader that died": {
			func(a *asked) { a.lease.Spec.RenewTime.Time = evening.Add(-3 * time.Minute) },
			"Leader:       no leader (the Lease was last renewed 3 min ago by this machine's clock, by pod-a_1)\nSchedule:     the last leader ran",
		},
		"a leader that stopped": {
			func(a *asked) { a.lease.Spec.HolderIdentity = new("") }, "Leader:       no leader (the Lease was given back 0.8 s ago)\n",
		},
		"a Lease that nobody ever held": {func(a *asked) { a.lease.Spec = coordinationv1.LeaseSpec{} }, "Leader:       no leader (the Lease was never renewed)\n"},
		"a clock that is behind": {
			func(a *asked) { a.lease.Spec.RenewTime.Time, a.renews = evening.Add(time.Minute), true },
			"Leader:       pod-a_1; this machine's clock is about 60 s behind\n",
		},
		"a clock that is ahead": {
			func(a *asked) { a.lease.Spec.RenewTime.Time, a.renews = evening.Add(-8*time.Second), true },
			"Leader:       pod-a_1; this machine's clock is about 8 s ahead\n",
		},
		"a clock that is behind, and nobody leads": {
			func(a *asked) { a.lease.Spec.RenewTime.Time = evening.Add(time.Minute) }, "Leader:       no leader (pod-a_1 renews the Lease no longer)\n",
		},
		"a leader of a version that says nothing": {
			func(a *asked) { a.lease.Labels = nil },
			"Schedule:     it is unknown which revision the leader runs; ConfigMap floorkeeper/floorkeeper-schedule holds 34fd5976f73d (1 window, 0 events)\n",
		},
		"a ConfigMap without a schedule": {
			func(a *asked) { a.text = "" },
			"which is INVALID and which it has not read yet:\nschedule.yaml:1:1: error: the file is empty",
		},
		"a window is suspended": {
			func(a *asked) { a.text = strings.Replace(a.text, "  - name:", "  - suspend: true\n    name:", 1) }, "(1 window, 0 events, 1 of them suspended)",
		},
		"a schedule that the leader cannot read any more": {
			func(a *asked) { a.lease.Labels[cli.LabelRefused] = "true" }, "(1 window, 0 events); what it read last it refused, see its log\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAsked()
			test.change(a)
			if got := a.print(t); !strings.Contains(got, test.want) {
				t.Errorf("%s\nlacks\n%s", got, test.want)
			}
		})
	}
}

func TestStatusOfTheFloorGuard(t *testing.T) {
	t.Parallel()
	other := &admissionregistrationv1.MutatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "floorkeeper-floor-guard"}}
	policy := other.DeepCopy()
	policy.Spec.Mutations = []admissionregistrationv1.Mutation{{ApplyConfiguration: &admissionregistrationv1.ApplyConfiguration{
		Expression: `Object{metadata: Object.metadata{annotations: {"floorkeeper.dev/floor": "8"}}}`,
	}}}
	bound := func(to string, matches *admissionregistrationv1.MatchResources) client.Object {
		binding := &admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: policy.ObjectMeta}
		binding.Spec.PolicyName, binding.Spec.MatchResources = to, matches
		return binding
	}
	for name, test := range map[string]struct {
		objects []client.Object
		want    string
	}{
		"in force":          {[]client.Object{policy, bound(policy.Name, nil)}, "Floor guard:  in force\n"},
		"of another kind":   {[]client.Object{other, bound(policy.Name, nil)}, "Floor guard:  not in force: it is not that of this version of floorkeeper; apply its manifests again\n"},
		"bound to another":  {[]client.Object{policy, bound("x", nil)}, "Floor guard:  not in force: its binding is for the policy x\n"},
		"for a part":        {[]client.Object{policy, bound(policy.Name, &admissionregistrationv1.MatchResources{})}, "Floor guard:  not in force: its binding is not for all HorizontalPodAutoscalers\n"},
		"without a binding": {[]client.Object{policy}, "Floor guard:  not in force: its binding does not exist\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsked()
			a.more = test.objects
			if got := a.print(t); !strings.Contains(got, test.want) {
				t.Errorf("%s\nlacks\n%s", got, test.want)
			}
		})
	}
}

func TestStatusWatchGoesOnAfterAnOutage(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asks := 0
	list := func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if _, ok := list.(*autoscalingv2.HorizontalPodAutoscalerList); !ok {
			return nil
		}
		switch asks++; asks {
		case 2, 3:
			return errors.New("the API server is away")
		case 5:
			cancel()
		}
		return c.List(ctx, list, options...)
	}
	o := options{allNamespaces: true, installation: cli.Installation{Namespace: "floorkeeper"}}
	asker := &collector{options: &o, client: command.Server(interceptor.Funcs{List: list}, command.Raised("video", "images")), now: func() time.Time { return evening }}
	var stdout, stderr bytes.Buffer
	if err := asker.follow(ctx, &stdout, &stderr); err != nil {
		t.Error(err)
	}
	if n := strings.Count(stdout.String(), "NAMESPACE"); n != 1 {
		t.Errorf("it printed %d tables:\n%s", n, stdout.String())
	}
	if n := strings.Count(stderr.String(), "the API server is away\n"); n != 1 {
		t.Errorf("it said %s", stderr.String())
	}
}

func TestFrameFitsTheTerminal(t *testing.T) {
	t.Parallel()
	got := frame(cutLines(linesOf("one\ntwo is long\nthree\nfour\nfive\n"), 4), 6, true)
	want := "\x1b[2J\x1b[H" + "one\x1b[K\n" + "two i…\x1b[K\n" + "three\x1b[K\n" + "… and…\x1b[K\n" + "\x1b[J"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := frame(linesOf("one\ntwo\n"), 80, false); got != "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J" {
		t.Errorf("%q", got)
	}
}
