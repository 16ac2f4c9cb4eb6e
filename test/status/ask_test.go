package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// said is what a command printed, and its exit code.
type said struct {
	stdout, stderr string
	code           int
}

// status runs floorkeeper status as the administrator.
func (s *stage) status(ctx context.Context, args ...string) said {
	return s.statusAs(ctx, s.Kubeconfig(), args...)
}

func (s *stage) statusAs(ctx context.Context, kubeconfig string, args ...string) said {
	return s.floorkeeper(ctx, kubeconfig, append([]string{"status"}, args...)...)
}

// floorkeeper runs any of its commands.
func (s *stage) floorkeeper(ctx context.Context, kubeconfig string, args ...string) said {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = []string{"HOME=" + s.dir, "KUBECONFIG=" + kubeconfig, "TZ=America/New_York"}
	return run(cmd)
}

func run(cmd *exec.Cmd) said {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	code := 0
	if exit := (&exec.ExitError{}); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	return said{stdout.String(), stderr.String(), code}
}

// report is the JSON form, as its documentation names the fields.
type report struct {
	APIVersion, Kind string
	At               time.Time
	Leader           struct {
		Lease, Identity, Limits, Unknown string
		Leading                          bool
		RenewedAt                        time.Time
	}
	Schedule struct {
		State, LeaderRevision, ConfigMap, Revision, Unknown string
		LeaderRefused                                       bool
		ChangedAt                                           time.Time
		Windows, Events                                     int
		Problems                                            []struct {
			File, Message, Rule string
			Line, Column        int
		}
	}
	FloorGuard               struct{ State, Reason string }
	Unknown                  []string
	HorizontalPodAutoscalers []hpa
	Others                   int
}

type problem struct {
	Kind, Message string
	LastAt        time.Time
}

type hpa struct {
	Namespace, Name, State, Ramp, Because   string
	MinReplicas, MaxReplicas                int
	Baseline                                *int
	Floor, DesiredReplicas, CurrentReplicas int
	Since, Until                            time.Time
	Next                                    *struct {
		At          time.Time
		MinReplicas int
		Because     string
	}
	Entries  []string
	Problems []problem
}

// report asks for JSON.
func (s *stage) report(ctx context.Context, args ...string) (*report, error) {
	got := s.status(ctx, append([]string{"--output=json"}, args...)...)
	if got.code != 0 {
		return nil, errors.New(got.stderr)
	}
	r := &report{}
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	return r, decoder.Decode(r)
}

// await asks until the report satisfies a check.
func (s *stage) await(t *testing.T, what string, check func(*report) error) *report {
	t.Helper()
	var last *report
	await.Success(t, what, func(ctx context.Context) (err error) {
		if last, err = s.report(ctx, "-A"); err != nil {
			return err
		}
		return check(last)
	})
	return last
}

// find returns an HPA of the report, and one without a name if it is not there.
func (r *report) find(name string) hpa {
	for _, h := range r.HorizontalPodAutoscalers {
		if h.Name == name {
			return h
		}
	}
	return hpa{}
}

// kinds are those of an HPA's problems.
func (h hpa) kinds() string {
	var kinds []string
	for _, p := range h.Problems {
		kinds = append(kinds, p.Kind)
	}
	return strings.Join(kinds, ",")
}
