package binaries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// lock takes the lock that a file represents. The operating system releases it when the process ends, in whatever way.
func lock(ctx context.Context, file, subject string, progress io.Writer) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot open the lock of the binaries: %w", err)
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for said := (time.Time{}); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("cannot lock %s: %w", file, err), f.Close())
		}
		if time.Since(said) > reminder {
			said = time.Now()
			fmt.Fprintf(progress, "%s: waiting for another build that holds %s\n", subject, file)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("cannot lock %s: %w", file, ctx.Err()), f.Close())
		case <-ticker.C:
		}
	}
}
