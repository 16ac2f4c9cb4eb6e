package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

// surge is a stretch of time over which all floors together add more replicas than are expected: when that is most, and how
// much is due to the entry that adds most then.
type surge struct {
	peak, share int64
	at          int64 // in nanoseconds since 1970
	times       int   // of the surges that are due to the entry
}

// added reports, for each entry that adds most in a surge, the largest one. A typo shows in the sum of a platform even where
// each floor alone could be meant.
func (f *Forecast) added(report func(Finding)) {
	if f.WarnAdded <= 0 {
		return
	}
	worst, changes := make(map[string]surge), f.additions()
	var sum int64
	var now surge
	for _, at := range slices.Sorted(maps.Keys(changes)) {
		sum += changes[at]
		if sum > max(now.peak, int64(f.WarnAdded)) {
			now = surge{peak: sum, at: at}
		}
		if sum <= int64(f.WarnAdded) {
			f.attribute(now, worst)
			now = surge{}
		}
	}
	f.attribute(now, worst)
	for _, name := range slices.SortedFunc(maps.Keys(worst), func(a, b string) int { return cmp.Or(cmp.Compare(worst[a].at, worst[b].at), cmp.Compare(a, b)) }) {
		s := worst[name]
		report(Finding{
			Rule: AddedReplicas, Entry: name, From: time.Unix(0, s.at).In(f.Schedule.Entry(name).Location), Times: s.times,
			Message: fmt.Sprintf("all floors together add %d replicas over the baselines, %d of them for this entry, and --warn-added-replicas is %d; "+
				"check its amounts and its targets", s.peak, s.share, f.WarnAdded),
		})
	}
}

// additions returns by how much the replicas that all floors add over the baselines change at each instant.
func (f *Forecast) additions() map[int64]int64 {
	changes := make(map[int64]int64)
	for i := range f.Outlooks {
		o, before := &f.Outlooks[i], int64(0)
		for j := range o.stretches {
			if added := o.adds(j); added != before {
				changes[o.stretches[j].from] += added - before
				before = added
			}
		}
	}
	return changes
}

// adds returns how many replicas the floor of a stretch adds over the baseline.
func (o *Outlook) adds(stretch int) int64 {
	s := o.stretches[stretch]
	if s.floor == 0 {
		return 0
	}
	return max(0, int64(s.minReplicas-min(o.State.Baseline(), o.State.MaxReplicas)))
}

// attribute notes a surge, if it is one, for the entry that adds most when it is largest, if it is the largest of that entry.
func (f *Forecast) attribute(s surge, worst map[string]surge) {
	if s.peak == 0 {
		return
	}
	shares := make(map[string]int64)
	for i := range f.Outlooks {
		o := &f.Outlooks[i]
		after := sort.Search(len(o.stretches), func(j int) bool { return o.stretches[j].from > s.at })
		if after > 0 && o.adds(after-1) > 0 {
			shares[f.entries[o.stretches[after-1].entry/4]] += o.adds(after - 1)
		}
	}
	name := ""
	for entry, share := range shares {
		if name == "" || cmp.Or(cmp.Compare(share, shares[name]), cmp.Compare(name, entry)) > 0 {
			name = entry
		}
	}
	times := worst[name].times + 1
	if s.share = shares[name]; s.peak <= worst[name].peak {
		s = worst[name]
	}
	s.times = times
	worst[name] = s
}
