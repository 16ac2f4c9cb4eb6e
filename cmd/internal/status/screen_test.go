package status

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

// A floor that was taken is seen on the HPA alone: who may not read the schedule sees it as well.
func TestStatusTellsATakenFloorWithoutASchedule(t *testing.T) {
	t.Parallel()
	knocked := command.Raised("video", "images")
	knocked.Spec.MinReplicas = new(int32(4))
	a := newAsked(knocked, command.Raised("video", "player"))
	a.text = "windows: 1\n"
	got := a.print(t)
	if n := strings.Count(got, "contested"); n != 2 || !strings.Contains(got, "the floor of 24 is not put back yet") || !strings.Contains(got, "not every problem") {
		t.Errorf("contested %d times, want once in the table and once below it:\n%s", n, got)
	}
}

// On a small terminal, what is wrong is shown with its explanation, and what is held before the rest.
func TestFitShowsWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := &statusReport{At: evening, location: time.UTC}
	for i := range 300 {
		r.HPAs = append(r.HPAs, hpaReport{Namespace: "bulk", Name: fmt.Sprintf("app-%03d", i), State: stateFree})
	}
	held := hpaReport{Namespace: "video", Name: "images", State: stateHeld}
	wrong := hpaReport{Namespace: "video", Name: "player", State: stateHeld, Problems: []troubleReport{{}}}
	wrong.Problems[0].Kind, wrong.Problems[0].Message = "contested", "somebody wrote another number and this explanation is longer than the terminal is wide"
	r.HPAs = append(r.HPAs, held, wrong)
	file, drawn := pipe(t)
	w := &watcher{collector: &collector{options: &options{allNamespaces: true}}, terminal: file}
	if err := w.draw(r, true); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(drawn(), "\n")
	text := strings.Join(lines, "\n")
	player, images, app := strings.Index(text, "player"), strings.Index(text, "images"), strings.Index(text, "app-000")
	if len(lines) > 24 || player < 0 || images < player || app < images || !strings.Contains(text, "terminal is wide") || !strings.Contains(text, "lines more") {
		t.Errorf("%d lines:\n%s", len(lines), text)
	}
}

// During an outage the last picture stays, with its age.
func TestStatusWatchSaysHowOldItsPictureIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	now, asks := evening, 0
	list := func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if _, ok := list.(*autoscalingv2.HorizontalPodAutoscalerList); !ok {
			return nil
		}
		if asks++; asks == 2 {
			now = now.Add(time.Minute)
			return errors.New("the API server is away")
		} else if asks == 3 {
			cancel()
		}
		return c.List(ctx, list, options...)
	}
	o := options{allNamespaces: true, installation: cli.Installation{Namespace: "floorkeeper"}}
	asker := &collector{options: &o, client: command.Server(interceptor.Funcs{List: list}, command.Raised("video", "images")), now: func() time.Time { return now }}
	file, drawn := pipe(t)
	w := &watcher{collector: asker, stdout: io.Discard, stderr: &bytes.Buffer{}, terminal: file}
	for range 2 {
		if err := w.refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := drawn(); !strings.Contains(got, "No answer:    since 20:00 UTC, 60 s ago: cannot") || !strings.Contains(got, "the API server is away") || strings.Count(got, "\x1b[H") != 2 {
		t.Errorf("the terminal shows\n%s", got)
	}
}

// pipe returns a terminal and what reads all that was drawn on it.
func pipe(t *testing.T) (*os.File, func() string) {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "terminal")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file, func() string {
		data, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}
