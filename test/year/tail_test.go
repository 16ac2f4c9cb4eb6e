package year

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// tail keeps the last lines of what floorkeeper and the walk print, to be shown if something fails.
type tail struct {
	mu    sync.Mutex
	lines []string
	now   func() time.Time
}

const tailLength = 250

// Write takes a line of floorkeeper's log.
func (l *tail) Write(line []byte) (int, error) {
	l.add(strings.TrimSpace(string(line)))
	return len(line), nil
}

// say notes what the walk does.
func (l *tail) say(format string, args ...any) {
	l.add(l.now().UTC().Format(time.RFC3339Nano) + " == " + fmt.Sprintf(format, args...))
}

func (l *tail) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > 2*tailLength {
		l.lines = append([]string(nil), l.lines[tailLength:]...)
	}
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines[max(0, len(l.lines)-tailLength):], "\n")
}
