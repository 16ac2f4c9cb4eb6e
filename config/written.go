package config

import "iter"

// written is a value as it stands in the text: its aliases are not followed. Editing needs that, where reading needs
// nodes.
type written struct {
	line, column  int // from 0, in characters; of its anchor, where it has one
	kind          kind
	flow          bool // a list or mapping in brackets
	plain, double bool // a scalar without quotes, or in double ones
	text          string
	anchor        string
	alias         *written   // what it stands for
	parts         []*written // the items of a list; the names and values of a mapping in turn
}

// field returns the name and the value of a field of a mapping, and nil where it is not written.
func (w *written) field(name string) (key, value *written) {
	if w.kind != mapping {
		return nil, nil
	}
	for i := 0; i+1 < len(w.parts); i += 2 {
		if w.parts[i].text == name {
			return w.parts[i], w.parts[i+1]
		}
	}
	return nil, nil
}

// all yields the value and everything in it.
func (w *written) all() iter.Seq[*written] {
	return func(yield func(*written) bool) { w.walk(yield) }
}

func (w *written) walk(yield func(*written) bool) bool {
	if !yield(w) {
		return false
	}
	for _, part := range w.parts {
		if !part.walk(yield) {
			return false
		}
	}
	return true
}

// last returns the last single value in it.
func (w *written) last() *written {
	for len(w.parts) > 0 {
		w = w.parts[len(w.parts)-1]
	}
	return w
}

// equal says whether two values say the same, wherever they stand.
func (w *written) equal(other *written) bool {
	if w == nil || other == nil {
		return w == other
	}
	if w.kind != other.kind || w.text != other.text || len(w.parts) != len(other.parts) {
		return false
	}
	for i := range w.parts {
		if !w.parts[i].equal(other.parts[i]) {
			return false
		}
	}
	return true
}
