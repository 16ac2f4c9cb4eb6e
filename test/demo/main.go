// Command demo shows floorkeeper at work on a real Kubernetes control plane: a window opens, the leader is killed, an
// event triples everything, and in the end every HorizontalPodAutoscaler is as its owner wrote it. It measures and judges
// what it shows, and fails if a floor was not reached or a baseline not given back.
//
// It starts the control plane itself. Only with DEMO_CONTEXT=name does it use the cluster of that context of the user's
// kubeconfig instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/klog/v2"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// Exit codes.
const (
	exitFailed      = 1 // A floor was not reached or a baseline not given back.
	exitBroken      = 2 // The demo could not run.
	exitInterrupted = 130
)

var (
	errFailed   = errors.New("the schedule was not followed")
	errDeclined = errors.New("nothing was done")
)

func main() { os.Exit(run()) }

// run runs the demo and returns the exit code. A reader of our output that goes away counts as an interrupt: the screen
// notices it, since the signal comes for any connection that breaks, and would end us before everything is stopped.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	klog.LogToStderr(false) // The client's own remarks would spoil the table.
	klog.SetOutput(io.Discard)
	s := newScreen(os.Stdout, stop)
	err := perform(ctx, s)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return exitFailed
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "demo: interrupted")
		return exitInterrupted
	default:
		fmt.Fprintln(os.Stderr, "demo:", err)
		return exitBroken
	}
}

// perform prepares everything, runs the show, prints how it went, and takes everything away again.
func perform(ctx context.Context, s *screen) (err error) {
	s.paragraph("This demo shows floorkeeper raising the minReplicas of three HorizontalPodAutoscalers (HPAs) before the " +
		"crowd arrives, and giving them back afterwards, on a real Kubernetes control plane. A window of its schedule opens, " +
		"then the process that leads is killed, then an event triples everything nevertheless, and within two minutes " +
		"all is as it was and nothing is left behind.")
	s.print("")
	dir, err := os.MkdirTemp("", "floorkeeper-demo-")
	if err != nil {
		return fmt.Errorf("cannot make a directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := openCluster(ctx, s, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDown(ctx, s, c)) }()
	if err := createApps(ctx, c.client, c.namespace); err != nil {
		return err
	}
	return play(ctx, s, c, dir)
}

// closeDown takes away what the demo brought, also after an interrupt.
func closeDown(ctx context.Context, s *screen, c *cluster) error {
	if ctx.Err() != nil {
		s.print("") // The terminal shows ^C at the beginning of the line.
	}
	if err := c.close(context.WithoutCancel(ctx)); err != nil {
		s.print("Not everything could be stopped: " + err.Error())
		return err
	}
	s.print("Everything is stopped.")
	return nil
}

// buildFloorkeeper builds floorkeeper in dir.
func buildFloorkeeper(ctx context.Context, s *screen, dir string) error {
	began := time.Now()
	s.print("Building floorkeeper ...")
	if _, err := replica.Build(ctx, dir); err != nil {
		return err
	}
	s.print(fmt.Sprintf("Built after %s.", seconds(time.Since(began))))
	return nil
}

// play runs the show.
func play(ctx context.Context, s *screen, c *cluster, dir string) error {
	p := newPlan(c.namespace, time.Now(), c.pace)
	if err := publish(s, p, filepath.Join(dir, "schedule")); err != nil {
		return err
	}
	f, err := startFleet(dir, c)
	defer f.stop()
	if err != nil {
		return err
	}
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := watch(watching, c.client, c.namespace)
	if err != nil {
		return err
	}
	if err := f.await(ctx); err != nil {
		return err
	}
	sh := newShow(s, p, f)
	if err := sh.run(ctx, changes); err != nil {
		return err
	}
	if err := tell(ctx, s, c, sh); err != nil {
		s.print("\n" + f.logs())
		return err
	}
	return nil
}

// publish writes the schedule to where floorkeeper reads it, and shows it.
func publish(s *screen, p plan, dir string) error {
	text, err := p.schedule()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the directory of the schedule: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "schedule.yaml"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("cannot write the schedule: %w", err)
	}
	s.print("\nThe schedule that two replicas of floorkeeper follow now:\n")
	for line := range strings.Lines(text) {
		code, comment, found := strings.Cut(strings.TrimRight(line, "\n"), "#")
		if found {
			comment = s.style.paint(dim, "#"+comment)
		}
		s.print("    " + code + comment)
	}
	s.print("")
	return nil
}

// tell shows what kubectl prints about one HPA, and what was measured.
func tell(ctx context.Context, s *screen, c *cluster, sh *show) error {
	description, err := describe(ctx, c)
	if err != nil {
		return err
	}
	s.print("\n" + s.style.paint(bold, "$ kubectl describe hpa front"))
	for line := range strings.Lines(description) {
		line = s.fit(strings.TrimRight(line, " \n"))
		if strings.Contains(line, "  floorkeeper  ") {
			line = s.style.paint(green, line)
		}
		s.print(line)
	}
	s.print("")
	s.print(strings.Join(summarize(sh.plan, sh.record.observations, s.style), "\n") + "\n")
	return conclude(s, sh.plan.failures(sh.record.observations))
}

// conclude reports whether the demo was a success, and otherwise what was not.
func conclude(s *screen, problems []string) error {
	if err := verdictOf(problems); err != nil {
		s.print(s.style.paint(bold+";"+red, "Failure:") + " the schedule was not followed.\n  " + strings.Join(problems, "\n  "))
		return err
	}
	s.paragraph(s.style.paint(bold+";"+green, "Success:") + " every floor was reached and every baseline given back, " +
		"although the leader was killed. Nothing else in the three HPAs was changed.")
	return nil
}

// verdictOf is the error with which the demo ends after these problems.
func verdictOf(problems []string) error {
	if len(problems) > 0 {
		return errFailed
	}
	return nil
}

// describe asks kubectl once the last Event has arrived, which is written after what it reports.
func describe(ctx context.Context, c *cluster) (text string, err error) {
	patience, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	for {
		text, err = c.kubectl(ctx, "describe", "hpa", "front", "--namespace="+c.namespace)
		if err != nil || strings.Contains(text, "FloorReleased") {
			return text, err
		}
		select {
		case <-patience.Done():
			return text, ctx.Err()
		case <-ticker.C:
		}
	}
}
