package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// prepareLocal has the control plane downloaded or built, builds floorkeeper and, so that there is something to read
// meanwhile, shows what it plans: that needs no control plane.
func prepareLocal(ctx context.Context, s *screen, dir, namespace string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := &turns{Writer: s.out}
	ready := make(chan error, 1)
	go func() {
		_, err := binaries.Dir(ctx, progress)
		ready <- err
	}()
	err := buildFloorkeeper(ctx, s, dir)
	if err == nil {
		progress.Lock()
		err = preview(ctx, s, dir, newPlan(namespace, time.Now(), localPace()))
		progress.Unlock()
	}
	if err != nil {
		cancel() // It keeps what it has so far.
	}
	return cmp.Or(err, <-ready)
}

// turns lets others write while it is locked.
type turns struct {
	io.Writer
	sync.Mutex
}

func (t *turns) Write(p []byte) (int, error) {
	t.Lock()
	defer t.Unlock()
	return t.Writer.Write(p)
}

// preview shows what floorkeeper plan prints of the schedule and of the manifests of the applications.
func preview(ctx context.Context, s *screen, dir string, p plan) error {
	const schedule, manifests = "schedule.yaml", "shop.json"
	text, err := p.schedule()
	if err != nil {
		return err
	}
	objects, err := json.Marshal(manifest(p.namespace))
	if err != nil {
		return fmt.Errorf("cannot write the manifests: %w", err)
	}
	folder := filepath.Join(dir, "preview")
	err1 := os.Mkdir(folder, 0o755)
	err2 := os.WriteFile(filepath.Join(folder, schedule), []byte(text), 0o644)
	err3 := os.WriteFile(filepath.Join(folder, manifests), objects, 0o644)
	if err := errors.Join(err1, err2, err3); err != nil {
		return fmt.Errorf("cannot write the preview: %w", err)
	}
	s.print("\nThe plan, as if everything were ready now:\n\n" +
		s.style.paint(bold, "$ floorkeeper plan "+schedule+" --hpas "+manifests))
	start := p.opens.Add(-localPace().opens)
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "floorkeeper"), "plan", schedule, "--hpas", manifests,
		"--from", start.Format(time.RFC3339), "--for", p.over.Sub(start).String())
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, s.out, s.out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot show the plan: %w", err)
	}
	s.print("")
	return nil
}

// manifest is a List of the applications, as their owner keeps them.
func manifest(namespace string) map[string]any {
	var items []any
	for _, a := range apps() {
		deployment, hpa := a.deployment(), a.hpa()
		deployment.TypeMeta = metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}
		hpa.TypeMeta = metav1.TypeMeta{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}
		deployment.Namespace, hpa.Namespace = namespace, namespace
		items = append(items, deployment, hpa)
	}
	return map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
}
