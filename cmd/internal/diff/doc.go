// Package changes says what an edit of a schedule changes: the floors that HPAs will really have, and the entries that
// are the reason. It compares effects and not text, so that a reordered file is the same.
//
// It may import schedules and controller, whose forecasts it compares. It has no clock and does no I/O but to print.
//
// Read [Floors] first, then [Entries], then text.go and markdown.go.
package diff
