// Package diff is the diff command: it reports what an edit of a schedule changes, as the floors that HPAs will have and the
// entries that cause it. It compares effects and not text, so that a reordered file is the same.
//
// Read [Compare] first, then [Entries], then text.go and markdown.go.
package diff
