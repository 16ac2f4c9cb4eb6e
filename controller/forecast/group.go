package forecast

import (
	"github.com/floorkeeper/floorkeeper/text"
)

// Group is findings of one kind about one entry.
type Group []Finding

// Grouped puts findings of one kind about one entry together, in the order of their first, so that hundreds of HPAs do not
// give hundreds of lines. An entry that several others overlap has a group for each.
func Grouped(findings []Finding) []Group {
	type about struct {
		kind           FindingKind
		entry, message string
	}
	return GroupBy(Group(findings), func(f Finding) about {
		key := about{kind: f.Kind, entry: f.Entry}
		if f.Kind == Overlap {
			key.message = f.Message
		}
		return key
	})
}

// GroupBy returns the values of equal keys together, in the order of their first.
func GroupBy[S ~[]T, K comparable, T any](all S, key func(T) K) []S {
	var groups []S
	index := make(map[K]int)
	for _, value := range all {
		k := key(value)
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], value)
	}
	return groups
}

// Names returns the HPAs of the findings, as NAMESPACE/NAME.
func (g Group) Names() []string {
	var names []string
	for _, finding := range g {
		if finding.HPA != nil {
			names = append(names, text.Visible(finding.HPA.Namespace)+"/"+text.Visible(finding.HPA.Name))
		}
	}
	return names
}

// Sentence returns the group in a sentence about its subject: the first finding in full, and what the others add. The names
// are those of the HPAs, and the subject holds the first of them; list joins texts, or the first of many. Clock changes
// are listed one by one.
func (g Group) Sentence(subject string, names []string, list func(texts []string, separator string) string) string {
	message := g[0].Message
	if g[0].Kind == ClockChange {
		var all []string
		for _, finding := range g {
			all = append(all, finding.Message)
		}
		message = list(all, "; ")
	}
	sentence := subject + ": " + text.Visible(message)
	if len(names) > 1 {
		sentence += "; likewise " + list(names[1:], ", ")
	}
	return sentence
}
