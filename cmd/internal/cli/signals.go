package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// UntilSignal runs what has something to finish when it is interrupted: its context ends with SIGINT or SIGTERM, and a
// second one ends the process, as the first one ends every other command.
func UntilSignal(ctx context.Context, run func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx)
}
