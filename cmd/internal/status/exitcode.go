package status

import (
	"slices"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// verdict returns what is wrong, as the exit code that --exit-code promises.
func (r *statusReport) verdict() error {
	for _, wrong := range []struct {
		found bool
		code  int
	}{
		{r.Leader.Unknown != "" || r.Schedule.Unknown != "", cli.ExitFailed},
		{!r.Leader.Leading, exitNoLeader},
		{r.Schedule.State == scheduleInvalid || r.Schedule.LeaderRefused, exitRefused},
		{r.has(autoscaler.TroubleContested), exitContested},
		{r.has(autoscaler.TroubleUnreached), exitUnreached},
		{r.has(autoscaler.TroubleDamaged), exitDamaged},
	} {
		if wrong.found {
			return cli.ExitError{Code: wrong.code}
		}
	}
	return nil
}

// has reports whether an HPA has a problem of this kind.
func (r *statusReport) has(kind autoscaler.TroubleKind) bool {
	return slices.ContainsFunc(r.HPAs, func(h hpaReport) bool {
		return slices.ContainsFunc(h.Problems, func(t troubleReport) bool { return t.Kind == kind })
	})
}

// The exit codes of --exit-code.
const (
	exitNoLeader = iota + 4
	exitRefused
	exitContested
	exitUnreached
	exitDamaged
)
