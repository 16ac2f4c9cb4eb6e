package status

import (
	"fmt"
	"strconv"
	"time"

	"github.com/floorkeeper/floorkeeper/text"
)

// clockSkew is how far two clocks may be apart without a word.
const clockSkew = 2 * time.Second

func (l leaderReport) text(now time.Time) string {
	switch {
	case l.Unknown != "":
		return fmt.Sprintf("unknown, Lease %s: %s; --leader-election-namespace says where floorkeeper is installed", l.Lease, l.Unknown)
	case l.RenewedAt == nil:
		return "no leader (the Lease was never renewed)"
	case l.Leading && l.RenewedAt.Sub(now) > clockSkew:
		return fmt.Sprintf("%s, renewed %s ahead of this machine's clock", l.Identity, l.RenewedAt.Sub(now).Round(time.Second))
	case l.Leading:
		return l.Identity + ", renewed " + text.Ago(now.Sub(*l.RenewedAt))
	case l.Identity == "":
		return fmt.Sprintf("no leader (the Lease was given back %s)", text.Ago(now.Sub(*l.RenewedAt)))
	default:
		return fmt.Sprintf("no leader (the Lease was last renewed %s by this machine's clock, by %s)", text.Ago(now.Sub(*l.RenewedAt)), l.Identity)
	}
}

// text describes what the leader runs, and what the ConfigMap holds.
func (s *scheduleReport) text(r *statusReport) string {
	runs := "the leader runs " + abbreviate(s.LeaderRevision)
	switch {
	case s.LeaderRevision == "":
		runs = "it is unknown which revision the leader runs"
	case !r.Leader.Leading:
		runs = "the last leader ran " + abbreviate(s.LeaderRevision)
	}
	holds := fmt.Sprintf("ConfigMap %s holds %s", s.ConfigMap, abbreviate(s.Revision))
	entries := fmt.Sprintf(" (%s, %s)", text.Count(s.Windows, "window"), text.Count(s.Events, "event"))
	switch {
	case s.Unknown != "":
		return fmt.Sprintf("%s; ConfigMap %s, where it comes from: %s", runs, s.ConfigMap, s.Unknown)
	case s.State == scheduleInvalid:
		return runs + "; " + holds + ", which is INVALID" + s.refused(r) + ":"
	case s.State == scheduleInSync:
		return abbreviate(s.Revision) + ", in sync with ConfigMap " + s.ConfigMap + entries + s.refused(r)
	case s.State == scheduleAhead:
		return runs + "; " + holds + entries + ", which it has not read yet" + s.delay(r.At) + s.refused(r)
	default:
		return runs + "; " + holds + entries
	}
}

// refused describes what the leader made of a later content of the schedule.
func (s *scheduleReport) refused(r *statusReport) string {
	switch {
	case s.State == scheduleInvalid && s.LeaderRefused:
		return " and was refused"
	case s.State == scheduleInvalid && r.Leader.Leading:
		return " and which it has not read yet"
	case s.LeaderRefused:
		return "; what it read last it refused, see its log"
	default:
		return ""
	}
}

// delay describes how long a revision may wait to be read.
func (s *scheduleReport) delay(now time.Time) string {
	const refreshed = 3 * time.Minute // by the kubelet, at the latest
	switch {
	case s.ChangedAt == nil:
		return ""
	case now.Sub(*s.ChangedAt) > refreshed:
		return fmt.Sprintf(" although it was changed %s: does it read another file? see its --schedule, or give --configmap", text.Ago(now.Sub(*s.ChangedAt)))
	default:
		return fmt.Sprintf(" (changed %s; the kubelet takes up to 2 min)", text.Ago(now.Sub(*s.ChangedAt)))
	}
}

func (g floorGuardReport) text() string {
	switch g.State {
	case guardInForce:
		return "in force"
	case guardNotInForce:
		return "not in force: " + g.Reason
	default:
		return "unknown: " + g.Reason
	}
}

// clock shows an instant to a person who reads at the time of the report.
func (r *statusReport) clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return text.MomentAt(t.In(r.location).Truncate(time.Second), r.At)
}

// abbreviate is as much of a revision as a person compares.
func abbreviate(revision string) string { return revision[:min(12, len(revision))] }

func number(n int32) string { return strconv.Itoa(int(n)) }

func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
