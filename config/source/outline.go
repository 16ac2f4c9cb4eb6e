package source

import "iter"

// Outline is a value as it is written in the text: its aliases are not followed. Editing needs that, where reading needs
// nodes.
type Outline struct {
	Line, Column  int // from 0, in characters; of its anchor, where it has one
	Kind          Kind
	Flow          bool // a list or mapping in brackets
	Plain, Double bool // a scalar without quotes, or in double ones
	Text          string
	Anchor        string
	Alias         *Outline   // what it refers to
	Parts         []*Outline // the items of a list; the names and values of a mapping in turn
}

// Field returns the name and the value of a field of a mapping, and nil where it is not written.
func (w *Outline) Field(name string) (key, value *Outline) {
	if w.Kind != Mapping {
		return nil, nil
	}
	for i := 0; i+1 < len(w.Parts); i += 2 {
		if w.Parts[i].Text == name {
			return w.Parts[i], w.Parts[i+1]
		}
	}
	return nil, nil
}

// All yields the value and everything in it.
func (w *Outline) All() iter.Seq[*Outline] {
	return func(yield func(*Outline) bool) { w.walk(yield) }
}

func (w *Outline) walk(yield func(*Outline) bool) bool {
	if !yield(w) {
		return false
	}
	for _, part := range w.Parts {
		if !part.walk(yield) {
			return false
		}
	}
	return true
}

// Last returns the last single value in it.
func (w *Outline) Last() *Outline {
	for len(w.Parts) > 0 {
		w = w.Parts[len(w.Parts)-1]
	}
	return w
}

// Equal reports whether two values mean the same, wherever they are.
func (w *Outline) Equal(other *Outline) bool {
	if w == nil || other == nil {
		return w == other
	}
	if w.Kind != other.Kind || w.Text != other.Text || len(w.Parts) != len(other.Parts) {
		return false
	}
	for i := range w.Parts {
		if !w.Parts[i].Equal(other.Parts[i]) {
			return false
		}
	}
	return true
}
