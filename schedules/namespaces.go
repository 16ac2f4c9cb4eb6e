package schedules

import "slices"

// namespaces lists, by their order, the unsuspended entries that may select HPAs of a namespace: a cluster has many teams, and
// most entries are of one.
type namespaces struct {
	named map[string][]int // each namespace that a target names
	rest  []int            // all others: the entries with a target, or none, that may be in any namespace
}

func index(count int, entry func(i int) *Entry) namespaces {
	n := namespaces{named: make(map[string][]int)}
	for i := range count {
		for _, target := range entry(i).Targets {
			n.named[target.Namespace] = nil
		}
	}
	for i := range count {
		e := entry(i)
		if e.Suspend {
			continue
		}
		if everywhere := len(e.Targets) == 0 || slices.ContainsFunc(e.Targets, func(t Target) bool { return t.Namespace == "" }); everywhere {
			n.rest = append(n.rest, i)
			for namespace := range n.named {
				n.named[namespace] = append(n.named[namespace], i)
			}
			continue
		}
		for _, target := range e.Targets {
			if list := n.named[target.Namespace]; len(list) == 0 || list[len(list)-1] != i {
				n.named[target.Namespace] = append(list, i)
			}
		}
	}
	return n
}

func (n *namespaces) of(namespace string) []int {
	if list, named := n.named[namespace]; named {
		return list
	}
	return n.rest
}
