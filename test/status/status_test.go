package status

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// app is a Deployment with an HPA; the manifest may have more of the HPA's metadata.
func app(name string, minReplicas, maxReplicas int, metadata string) string {
	return fmt.Sprintf(`
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: video}
spec:
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec: {containers: [{name: fake, image: fake}]}
`, name) + alone(name, minReplicas, maxReplicas, metadata)
}

// alone is an HPA without its target.
func alone(name string, minReplicas, maxReplicas int, metadata string) string {
	return fmt.Sprintf(`
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %[1]s, namespace: video%[4]s}
spec: {minReplicas: %[2]d, maxReplicas: %[3]d, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}}
`, name, minReplicas, maxReplicas, metadata)
}

// night is the schedule of most tests: the gala is open since an hour ago, the climb has done three steps of ten, and
// the late show is still to come.
func night(now time.Time) string {
	at := func(d time.Duration) string { return now.Add(d).UTC().Truncate(time.Second).Format(time.RFC3339) }
	target := func(name string, replicas int) string {
		return fmt.Sprintf("      - {namespace: video, name: %s, minReplicas: %d}\n", name, replicas)
	}
	event := func(name, start, more string, targets ...string) string {
		return fmt.Sprintf("  - name: %s\n    start: %q\n    duration: 4h\n%s    targets:\n%s", name, start, more, strings.Join(targets, ""))
	}
	return "events:\n" +
		event("gala", at(-time.Hour), "", target("held", 8), target("clamped", 12), target("contested", 8), target("keda", 8),
			target("ignored", 8), target("damaged", 8), target("unreached", 8), target("limited", 2500)) +
		event("climb", at(12*time.Hour+30*time.Minute), "    rampUp: 20h\n", target("ramp", 22)) +
		event("late-show", at(30*time.Hour), "", target("free", 9))
}

// fleet has one HPA for each thing that status reports.
func fleet() string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: video}\n" +
		app("held", 2, 20, "") + app("clamped", 2, 5, "") + app("contested", 2, 20, "") +
		app("ignored", 2, 20, `, annotations: {floorkeeper.dev/ignore: "true"}`) +
		app("damaged", 2, 20, `, annotations: {floorkeeper.dev/floor: "many\e[31m"}`) +
		app("keda", 2, 20, `, ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: player, uid: 1-2-3}]`) +
		app("limited", 2, 3000, "") + app("ramp", 2, 40, "") + app("free", 3, 20, "") + app("other", 2, 20, "") + alone("unreached", 2, 20, "")
}

func TestStatus(t *testing.T) {
	now := time.Now()
	on.apply(t, fleet())
	on.publish(t, night(now))
	leader := on.start(t)
	on.await(t, "HPA contested to be held", standing("contested", "held", 8))
	on.kubectl(t, "patch", "hpa", "contested", "--namespace=video", "--type=merge", `--patch={"spec":{"minReplicas":3}}`, "--field-manager=gitops")

	t.Run("each HPA", func(t *testing.T) { testEach(t, now) })
	t.Run("the table", testTable)
	t.Run("the other forms", testForms)
	t.Run("which HPAs", testSelection)
	t.Run("what cannot be", testRefusals)
	t.Run("watch", testWatch)
	t.Run("rights", testRights)
	t.Run("kubectl floorkeeper", testPlugin)
	t.Run("previews of the cluster", func(t *testing.T) { testPreviews(t, now) })
	t.Run("edits", func(t *testing.T) { testEdits(t, now) })
	t.Run("a ConfigMap that is gone", func(t *testing.T) { testGone(t, now) })
	t.Run("leaders", func(t *testing.T) { testLeaders(t, leader) })
}

// standing checks the state of an HPA.
func standing(name, state string, minReplicas int) func(*report) error {
	return func(r *report) error {
		if h := r.find(name); h.State != state || h.MinReplicas != minReplicas {
			return fmt.Errorf("it is %+v", h)
		}
		return nil
	}
}

// reported is what status prints about an HPA, without what depends on the hour.
type reported struct {
	State, Ramp, Because, Kinds, Entries string
	Min, Max, Baseline, Floor            int // a Baseline of -1 is unknown
	Next                                 string
}

func (h hpa) reported() reported {
	got := reported{
		State: h.State, Ramp: h.Ramp, Because: h.Because, Kinds: h.kinds(), Entries: strings.Join(h.Entries, ","),
		Min: h.MinReplicas, Max: h.MaxReplicas, Baseline: -1, Floor: h.Floor,
	}
	if h.Baseline != nil {
		got.Baseline = *h.Baseline
	}
	if h.Next != nil {
		got.Next = strings.TrimSpace(fmt.Sprint(h.Next.MinReplicas, " ", h.Next.Because))
	}
	return got
}

func testEach(t *testing.T, now time.Time) {
	want := map[string]reported{
		"held":      {State: "held", Because: "gala", Entries: "gala", Min: 8, Max: 20, Baseline: 2, Floor: 8, Next: "2"},
		"clamped":   {State: "held", Because: "gala", Entries: "gala", Min: 5, Max: 5, Baseline: 2, Floor: 5, Next: "2", Kinds: "clamped"},
		"limited":   {State: "held", Because: "gala", Entries: "gala", Min: 30, Max: 3000, Baseline: 2, Floor: 30, Next: "2", Kinds: "clamped"},
		"contested": {State: "held", Because: "gala", Entries: "gala", Min: 8, Max: 20, Baseline: 3, Floor: 8, Next: "3", Kinds: "contested"},
		"ignored":   {State: "free", Entries: "gala", Min: 2, Max: 20, Baseline: 2, Kinds: "ignored"},
		"damaged":   {State: "damaged", Entries: "gala", Min: 2, Max: 20, Baseline: -1, Kinds: "damaged"},
		"keda":      {State: "free", Entries: "gala", Min: 2, Max: 20, Baseline: 2, Kinds: "refused"},
		"ramp":      {State: "held", Ramp: "climbing", Because: "climb", Entries: "climb", Min: 8, Max: 40, Baseline: 2, Floor: 8, Next: "10 climb"},
		"free":      {State: "free", Entries: "late-show", Min: 3, Max: 20, Baseline: 3, Next: "9 late-show"},
		"unreached": {State: "held", Because: "gala", Entries: "gala", Min: 8, Max: 20, Baseline: 2, Floor: 8, Next: "2", Kinds: "unreached"},
	}
	r := on.await(t, "every HPA to be as it should", func(r *report) error {
		got := map[string]reported{}
		for _, h := range r.HorizontalPodAutoscalers {
			got[h.Name] = h.reported()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("it differs (-want +got):\n%s", diff)
		}
		return nil
	})
	if r.Others != 1 || r.APIVersion != "floorkeeper.dev/v1" || r.Kind != "Status" || len(r.Unknown) > 0 {
		t.Errorf("%+v", r)
	}
	held, second := r.find("held"), now.Truncate(time.Second)
	if !held.Since.Equal(second.Add(-time.Hour)) || !held.Until.Equal(second.Add(3*time.Hour)) || !held.Next.At.Equal(held.Until) {
		t.Errorf("HPA held since %s until %s, next at %s", held.Since, held.Until, held.Next.At)
	}
	if at := r.find("ramp").Next.At; !at.Equal(second.Add(30 * time.Minute)) { // the fourth of ten steps in 20h, which began 7h30 ago
		t.Errorf("the next step of HPA ramp is at %s, want %s", at, second.Add(30*time.Minute))
	}
	if !r.Leader.Leading || r.Leader.Identity == "" || r.Leader.Limits != "--max-floor=30" || r.At.Sub(r.Leader.RenewedAt) > 5*time.Second {
		t.Errorf("leader %+v at %s", r.Leader, r.At)
	}
	s := r.Schedule
	if s.State != "inSync" || len(s.Revision) != 64 || len(s.LeaderRevision) != 40 || !strings.HasPrefix(s.Revision, s.LeaderRevision) || s.Events != 3 || s.LeaderRefused {
		t.Errorf("schedule %+v", s)
	}
	if r.FloorGuard.State != "notInForce" || !strings.Contains(r.FloorGuard.Reason, "does not exist") {
		t.Errorf("floor guard %+v", r.FloorGuard)
	}
}

func testTable(t *testing.T) {
	got := on.status(t.Context(), "-n", "video")
	t.Logf("\n%s", got.stdout)
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{
		`(?m)^Leader: +\S+_[0-9a-f-]{36}, renewed \d\.\d s ago$`,
		`(?m)^Limits: +--max-floor=30$`,
		`(?m)^Schedule: +[0-9a-f]{12}, in sync with ConfigMap floorkeeper/floorkeeper-schedule \(0 windows, 3 events\)$`,
		`(?m)^Floor guard: +not in force: its policy does not exist$`,
		`(?m)^NAMESPACE +NAME +STATE +MIN +BASELINE +FLOOR +BECAUSE +UNTIL +NEXT +PROBLEM$`,
		`(?m)^video +held +held +8 +2 +8 +gala +(\w+ )?[\d:]+ CES?T +2 at (\w+ )?[\d:]+ CES?T +-$`,
		`(?m)^video +ramp +held, climbing +8 +2 +8 +climb .* CES?T +10 at (\w+ )?[\d:]+ CES?T +-$`,
		`(?m)^video +free +free +3 +3 +- +- +- +9 at \w+ [\d:]+ CES?T \(late-show\) +-$`,
		`(?m)^video +damaged +damaged +2 +\? +- +- +- +- +damaged$`,
		`(?m)^video/clamped clamped: floor 12 \(event gala\) is above maxReplicas and is clamped to 5; raise maxReplicas to get it$`,
		`(?m)^video/limited clamped: floor 2500 \(event gala\) is above --max-floor and is clamped to 30; correct the schedule, or raise --max-floor to get it$`,
		`(?m)^video/contested contested, \d.* ago: minReplicas 3 was written by gitops; put back to 8 until .*`,
		`(?m)^video/keda refused: .*KEDA ScaledObject player`,
		`(?m)^video/ignored ignored: floorkeeper.dev/ignore is set`,
		`(?m)^video/damaged damaged: annotations .*floorkeeper.dev/declared-baseline`,
		`(?m)^video/unreached unreached: the HPA asks for 0 replicas and the floor is 8: it cannot scale its target`,
		`(?m)^Not shown: 1 other HPA that no entry covers; --all shows them.$`,
	} {
		if !regexp.MustCompile(want).MatchString(got.stdout) {
			t.Errorf("no line matches %s", want)
		}
	}
	if code := on.status(t.Context(), "-n", "video", "--exit-code").code; code != 6 {
		t.Errorf("exit code %d, want 6 for what is contested", code)
	}
	if strings.Contains(got.stdout, "\x1b") {
		t.Error("the text of an annotation steers the terminal")
	}
}

// testGone: times stay in the zone of the schedule that the leader runs.
func testGone(t *testing.T, now time.Time) {
	on.kubectl(t, "delete", "configmap", "floorkeeper-schedule", "--namespace="+replica.Home)
	defer on.commit(t, night(now))
	got := on.status(t.Context(), "video/held", "--exit-code")
	if !regexp.MustCompile(`(?m)^video +held +held +8 +2 +8 +gala +(\w+ )?[\d:]+ CES?T `).MatchString(got.stdout) || !strings.Contains(got.stdout, "it does not exist") {
		t.Errorf("without the ConfigMap:\n%s", got.stdout)
	}
	if got.code != 2 {
		t.Errorf("exit code %d, want 2", got.code)
	}
}

func testForms(t *testing.T) {
	wide := on.status(t.Context(), "-n", "video", "-o", "wide", "held").stdout
	if !regexp.MustCompile(`(?m)PROBLEM +MAX +SINCE +DESIRED +CURRENT +ENTRIES$`).MatchString(wide) ||
		!regexp.MustCompile(`(?m)^video +held .* +20 +(\w+ )?[\d:]+ CES?T +\d+ +\d+ +gala$`).MatchString(wide) {
		t.Errorf("wide:\n%s", wide)
	}
	yaml := on.status(t.Context(), "video/held", "-o", "yaml").stdout
	for _, want := range []string{"apiVersion: floorkeeper.dev/v1\n", "kind: Status\n", "\n- baseline: 2\n  because: gala\n", "\n  minReplicas: 8\n", "  state: inSync\n"} {
		if !strings.Contains(yaml, want) {
			t.Errorf("YAML without %q:\n%s", want, yaml)
		}
	}
	tokyo := on.status(t.Context(), "video/held", "--tz=Asia/Tokyo").stdout
	if !strings.Contains(tokyo, " JST") || strings.Contains(tokyo, " CET") {
		t.Errorf("in Tokyo:\n%s", tokyo)
	}
}

func testSelection(t *testing.T) {
	names := func(args ...string) string {
		r, err := on.report(t.Context(), args...)
		if err != nil {
			return strings.TrimSpace(err.Error())
		}
		var list []string
		for _, h := range r.HorizontalPodAutoscalers {
			list = append(list, h.Name)
		}
		return strings.Join(list, " ")
	}
	all := strings.Fields(names("-A"))
	for _, test := range []struct{ got, want string }{
		{names("-n", "video", "held", "other"), "held other"},
		{names("video/other"), "other"},
		{names("-n", "video", "--all"), strings.Join(slices.Sorted(slices.Values(append(all, "other"))), " ")},
		{names("-n", "video"), strings.Join(all, " ")},
		{names(), ""}, // the context's namespace is default
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	empty := on.status(t.Context()).stdout
	if !strings.Contains(empty, "No HorizontalPodAutoscaler in namespace default is covered by the schedule or held.\n--all-namespaces shows") {
		t.Errorf("in the empty namespace:\n%s", empty)
	}
	context := strings.TrimSpace(on.kubectl(t, "config", "current-context"))
	inVideo := on.copyKubeconfig(t, "in-video")
	if out, err := on.KubectlAs(t.Context(), inVideo, "config", "set-context", context, "--namespace=video"); err != nil {
		t.Fatal(out, err)
	}
	if got := on.statusAs(t.Context(), inVideo, "held"); got.code != 0 || !strings.Contains(got.stdout, "video       held") {
		t.Errorf("in the context's namespace: %+v", got)
	}
}

func testRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an HPA that does not exist": {[]string{"-n", "video", "hled"}, "not found: HPA video/hled\n"},
		"a kind":                     {[]string{"video/hpa/held"}, `"video/hpa/held" is not the name of an HPA: write NAME or NAMESPACE/NAME`},
		"two namespaces":             {[]string{"-n", "video", "shop/web"}, `cannot use "shop/web" with --namespace video`},
		"all, and a namespace":       {[]string{"-A", "-n", "video"}, "--all-namespaces shows all namespaces"},
		"all, and a name":            {[]string{"-A", "video/held"}, "--all-namespaces shows every HPA"},
		"an unknown form":            {[]string{"-o", "xml"}, `cannot use --output "xml": use wide, json or yaml`},
		"an unknown zone":            {[]string{"--tz=Mars/Olympus"}, `cannot use --tz: "Mars/Olympus" is not`},
		"a zone that is a path":      {[]string{"--tz=../../etc/passwd"}, `cannot use --tz: "../../etc/passwd" is not`},
		"a ConfigMap without name":   {[]string{"--configmap=schedule"}, `cannot use --configmap "schedule": write NAMESPACE/NAME`},
		"an unknown flag":            {[]string{"--wtach"}, "unknown flag: --wtach"},
		"an unknown context":         {[]string{"--context=moon"}, `context "moon" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := on.status(t.Context(), test.args...); got.code != 2 || !strings.Contains(got.stderr, test.want) {
				t.Errorf("%+v, want code 2 and %q", got, test.want)
			}
		})
	}
}

// testLeaders: the standby takes over, and then nobody leads.
func testLeaders(t *testing.T, leader *replica.Replica) {
	before := on.await(t, "the leader", leads(true))
	standby := on.start(t)
	if err := leader.Stop(await.Patience); err != nil {
		t.Fatal(err)
	}
	after := on.await(t, "another leader", func(r *report) error {
		if !r.Leader.Leading || r.Leader.Identity == before.Leader.Identity {
			return fmt.Errorf("it is %+v", r.Leader)
		}
		return nil
	})
	if after.Schedule.State != "inSync" || after.Schedule.LeaderRevision == "" {
		t.Errorf("schedule of the new leader: %+v", after.Schedule)
	}
	standby.Kill()
	dead := on.await(t, "nobody to lead", leads(false))
	if dead.Leader.Identity != after.Leader.Identity || dead.Schedule.State != "unknown" {
		t.Errorf("without a leader: %+v, %+v", dead.Leader, dead.Schedule)
	}
	if h := dead.find("free"); h.Next == nil || h.Next.MinReplicas != 9 {
		t.Errorf("without a leader HPA free is %+v", h)
	}
	text := on.status(t.Context(), "-A").stdout
	if !regexp.MustCompile(`(?m)^Leader: +no leader \(the Lease was last renewed \d.* ago by this machine's clock, by \S+\)$`).MatchString(text) ||
		!regexp.MustCompile(`(?m)^Schedule: +the last leader ran [0-9a-f]{12}; ConfigMap floorkeeper/floorkeeper-schedule holds [0-9a-f]{12} \(`).MatchString(text) {
		t.Errorf("without a leader:\n%s", text)
	}
	on.kubectl(t, "patch", "hpa", "held", "--namespace=video", "--type=merge", `--patch={"spec":{"minReplicas":4}}`)
	on.await(t, "HPA held to be contested", func(r *report) error {
		if h := r.find("held"); h.kinds() != "contested" || !strings.Contains(h.Problems[0].Message, "minReplicas 4 was written by kubectl-patch; the floor of 8 is not put back yet") {
			return fmt.Errorf("it is %+v", h)
		}
		return nil
	})
	on.kubectl(t, "annotate", "hpa", "ignored", "--namespace=video", "floorkeeper.dev/ignore-")
	on.await(t, "HPA ignored to be pending", func(r *report) error {
		if h := r.find("ignored"); h.kinds() != "pending" || !strings.Contains(h.Problems[0].Message, "minReplicas is 2 and should be 8 by now (event gala)") {
			return fmt.Errorf("it is %+v", h)
		}
		return nil
	})
}

func leads(want bool) func(*report) error {
	return func(r *report) error {
		if r.Leader.Leading != want {
			return fmt.Errorf("it is %+v", r.Leader)
		}
		return nil
	}
}
