package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const good = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: Europe/Paris
windows:
  - {name: all-day, start: "00:00", end: "24:00", targets: [{namespace: video, minReplicas: 25}]}
`

const images = `apiVersion: v1
kind: Namespace
metadata: {name: video}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: images, namespace: video}
spec: {minReplicas: 4, maxReplicas: 20, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: images}}
`

// TestControllersPage looks at the page of two real replicas with a schedule whose last edit is refused.
func TestControllersPage(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	dir := t.TempDir()
	plane := kit.ControlPlane(t, controlplane.Options{LogDir: dir, Nodes: 1})
	if err := plane.Apply(ctx, images); err != nil {
		t.Fatal(err)
	}
	schedule := filepath.Join(dir, "schedule.yaml")
	write(t, schedule, good)
	addresses := startReplicas(ctx, t, plane, dir, schedule)

	for _, address := range addresses {
		says(ctx, t, address, "video/images", "20", "all-day", "1 HPA", "Held now", "is clamped to maxReplicas 20", "<dt>Leader</dt>")
	}
	write(t, schedule, strings.Replace(good, "start:", "begin:", 1))
	for _, address := range addresses {
		says(ctx, t, address, "The last good schedule stays in force", "schedule.yaml:5:")
	}
	agree(t, addresses)
	for _, r := range look(ctx, t, addresses) {
		if len(r.Violations) > 0 || len(r.Console) > 0 || r.Overflow > 0 || r.Glyphs == 0 || r.Lanes != 1 {
			t.Errorf("%s at %d pixels, %s: %d lanes, %d pixels too wide, the browser said %q, axe-core %+v",
				r.Page, r.Width, r.Scheme, r.Lanes, r.Overflow, r.Console, r.Violations)
		}
	}
}

// startReplicas installs floorkeeper and runs it twice, and returns where the pages are.
func startReplicas(ctx context.Context, t *testing.T, plane *controlplane.ControlPlane, dir, schedule string) []string {
	t.Helper()
	binary, err := replica.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	installed, err := replica.Install(ctx, plane)
	if err != nil {
		t.Fatal(err)
	}
	var free replica.Addresses
	var pages []string
	for i := range 2 {
		address, err := free.Next()
		if err != nil {
			t.Fatal(err)
		}
		r, err := replica.Start(replica.Options{
			Binary: binary, Log: filepath.Join(dir, fmt.Sprintf("floorkeeper-%d.log", i)), Env: os.Environ(),
			Args: slices.Concat(installed.Args(replica.Home), []string{"--schedule=" + schedule, "--ui-bind-address=" + address}),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.Stop(time.Minute); err != nil {
				t.Errorf("floorkeeper: %v\n%s", err, r.Tail(20))
			}
		})
		pages = append(pages, "http://"+address+"/")
	}
	return pages
}

// agree waits until every page names the leader, and one of them as its own replica. A replica that has not looked at
// the Lease yet shows that, and the Lease may change hands between two pages.
func agree(t *testing.T, addresses []string) {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	leader := "<dt>Leader</dt><dd><strong>" + host + "</strong>"
	await.Success(t, "pages that agree on one leader", func(ctx context.Context) (err error) {
		own := 0
		for _, address := range addresses {
			page, failed := replica.Fetch(ctx, address)
			if failed == nil && !strings.Contains(page, leader) {
				failed = fmt.Errorf("%s does not say %q", address, leader)
			}
			err = errors.Join(err, failed)
			own += strings.Count(page, leader+"<span>this replica</span>")
		}
		if own != 1 {
			err = errors.Join(err, fmt.Errorf("%d replicas say that they lead, want 1", own))
		}
		return err
	})
}

// says waits until a page has all these texts.
func says(ctx context.Context, t *testing.T, address string, reported ...string) {
	t.Helper()
	var page string
	err := await.Poll(ctx, await.Patience, func(ctx context.Context) (err error) {
		page, err = replica.Fetch(ctx, address)
		for _, text := range reported {
			if !strings.Contains(page, text) {
				err = errors.Join(err, fmt.Errorf("%s does not say %q", address, text))
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("%v\n%.6000s", err, page)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
