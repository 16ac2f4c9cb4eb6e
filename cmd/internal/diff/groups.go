package diff

import (
	"fmt"
	"strings"

	"github.com/floorkeeper/floorkeeper/text"
)

// group are HPAs on which a change has the same effect.
type group struct {
	names    []string
	old, new Replicas
}

// groups returns the HPAs of a change by its effect, in their order, and of how many there is no space to tell.
func (r Report) groups(f Floor) (all []group, left int) {
	type effect struct{ old, new Replicas }
	index := make(map[effect]int)
	for _, hpa := range f.HPAs {
		key := effect{hpa.Old, hpa.New}
		i, known := index[key]
		if !known {
			i = len(all)
			index[key] = i
			all = append(all, group{old: hpa.Old, new: hpa.New})
		}
		all[i].names = append(all[i].names, r.name(hpa))
	}
	for len(all) > many {
		left += len(all[len(all)-1].names)
		all = all[:len(all)-1]
	}
	return all, left
}

// who names the HPAs, the first of many, and makes each name harmless where it is printed.
func (g group) who(harmless func(string) string) string {
	names := make([]string, len(g.names))
	for i, name := range g.names {
		names[i] = harmless(name)
	}
	return text.List(names, ", ", few)
}

// name names an HPA, and the baseline that is assumed of it where its floors are relative.
func (r Report) name(e Effect) string {
	name := e.Namespace + "/" + e.Name
	assumed := fmt.Sprintf(" with baseline %d", e.Baseline)
	if r.Assumed && e.Baseline > 1 && !strings.HasSuffix(name, assumed) {
		name += assumed
	}
	return name
}
