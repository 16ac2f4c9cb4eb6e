package run

import (
	"strings"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// sighting is what the Lease said when the election last read or wrote it.
type sighting struct {
	holder  string
	renewal time.Time // as the holder writes it
	changed time.Time // when that was first seen
	at      time.Time
}

// saw records the content of the Lease, so that nobody has to read it again to know who leads.
func (l *lock) saw(record resourcelock.LeaderElectionRecord) {
	now := time.Now()
	s := sighting{holder: record.HolderIdentity, renewal: record.RenewTime.Time, changed: now, at: now}
	if last := l.seen.Load(); last != nil && last.holder == s.holder && last.renewal.Equal(s.renewal) {
		s.changed = last.changed
	}
	l.seen.Store(&s)
}

// leader describes who leads, as far as the election knows. It never compares clocks: a holder is dead once it has
// not renewed the Lease for as long as that lasts.
func (l *lock) leader(now time.Time) string {
	s := l.seen.Load()
	switch {
	case s == nil:
		return "not known yet (this replica has not joined the election)"
	case now.Sub(s.at) > 3*l.term:
		return "not known (the API server does not answer)"
	case s.holder == "":
		return "nobody at the moment"
	case now.Sub(s.changed) > 2*l.term:
		return "nobody (" + hostOf(s.holder) + " has stopped)"
	case s.holder == l.Identity():
		return hostOf(s.holder) + " (this replica)"
	default:
		return hostOf(s.holder)
	}
}

func hostOf(identity string) string {
	if i := strings.LastIndexByte(identity, '_'); i > 0 {
		return identity[:i]
	}
	return identity
}
