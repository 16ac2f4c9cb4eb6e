package status

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const broken = "windows:\n  - name: evening\n    startt: \"19:30\"\n"

// testEdits follows the ConfigMap through the edits of a day.
func testEdits(t *testing.T, now time.Time) {
	running := on.await(t, "the schedule to be in sync", schedule("inSync", false)).Schedule.LeaderRevision
	edited := strings.ReplaceAll(night(now), "minReplicas: 9", "minReplicas: 11")

	on.commit(t, edited)
	r := on.await(t, "the ConfigMap to be ahead", schedule("ahead", false))
	if r.Schedule.LeaderRevision != running || strings.HasPrefix(r.Schedule.Revision, running) || time.Since(r.Schedule.ChangedAt) > time.Minute {
		t.Errorf("ahead: %+v", r.Schedule)
	}
	if h := r.find("held"); h.Next != nil || h.Until.IsZero() || h.kinds() != "" {
		t.Errorf("ahead, HPA held is %+v", h)
	}
	wantText(t, "it has not read yet (changed ", "takes up to 2 min)", "The schedule that the leader runs is not known")

	on.publish(t, edited)
	r = on.await(t, "the edit to be in force", schedule("inSync", false))
	if h := r.find("free"); h.Next == nil || h.Next.MinReplicas != 11 {
		t.Errorf("after the edit, HPA free is %+v", h)
	}

	on.commit(t, broken)
	r = on.await(t, "the ConfigMap to be invalid", schedule("invalid", false))
	if p := r.Schedule.Problems; len(p) != 3 || p[2].File != "schedule.yaml" || p[2].Line != 6 || p[2].Column != 5 || p[2].Rule != "unknown-field" ||
		!strings.Contains(p[2].Message, `"startt" is not a field of a window`) {
		t.Errorf("problems %+v", p)
	}
	wantText(t, "which is INVALID and which it has not read yet:\n")
	on.publish(t, broken)
	on.await(t, "the leader to refuse it", schedule("invalid", true))
	wantText(t, "which is INVALID and was refused:\n", "schedule.yaml:6:5: error: \"startt\" is not a field of a window", " 6 |     startt:")

	on.commit(t, strings.ReplaceAll(edited, "11", "12"))
	on.await(t, "another one to be ahead", schedule("ahead", true))
	wantText(t, "takes up to 2 min); what it read last it refused, see its log\n")
	on.publish(t, night(now))
	on.await(t, "the good one to be in force", schedule("inSync", false))

	on.kubectl(t, "delete", "configmap", "floorkeeper-schedule", "--namespace=floorkeeper")
	on.await(t, "the ConfigMap to be gone", schedule("unknown", false))
	wantText(t, "Schedule:     the leader runs "+running[:12]+"; ConfigMap floorkeeper/floorkeeper-schedule, where it comes from: it does not exist")
	on.publish(t, night(now))
	on.await(t, "the ConfigMap to be back", schedule("inSync", false))
}

// schedule checks how the leader's schedule and the ConfigMap compare.
func schedule(state string, refused bool) func(*report) error {
	return func(r *report) error {
		if r.Schedule.State != state || r.Schedule.LeaderRefused != refused {
			return fmt.Errorf("it is %+v", r.Schedule)
		}
		return nil
	}
}

// wantText checks the text form.
func wantText(t *testing.T, parts ...string) {
	t.Helper()
	got := on.status(t.Context(), "-n", "video").stdout
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("without %q:\n%s", part, got)
		}
	}
}

// copyKubeconfig returns a copy of the administrator's kubeconfig file, to be changed.
func (s *stage) copyKubeconfig(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(s.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
