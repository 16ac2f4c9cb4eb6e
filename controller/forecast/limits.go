package forecast

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
)

// ErrTooLarge means that a forecast needs more steps than it may take.
var ErrTooLarge = errors.New("there are too many changes of minReplicas to compute them all")

// limits bound the work of a forecast. Without them, the work is not bounded.
type limits struct {
	ctx  context.Context
	left atomic.Int64 // steps: instants that are computed, and stretches that are kept
}

// spend counts steps and reports whether they may be taken. Whatever else wants to run goes first.
func (l *limits) spend(steps int) bool {
	if l == nil {
		return true
	}
	if l.left.Add(-int64(steps)) < 0 || l.ctx.Err() != nil {
		return false
	}
	runtime.Gosched()
	return true
}

// Err returns why the forecast is not complete, or nil if it is: [ErrTooLarge] or the error of its context.
func (f *Forecast) Err() error {
	switch {
	case f.limits == nil:
		return nil
	case f.limits.left.Load() < 0:
		return ErrTooLarge
	default:
		return f.limits.ctx.Err()
	}
}
