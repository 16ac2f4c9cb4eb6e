// Package edit adds events to schedule files and prunes old ones, byte for byte: comments, order, quotes and every other
// byte stay. No YAML library writes a document back like that. Lines are replaced, and the result is parsed: unless it is
// the schedule of before plus or minus exactly those events, nothing is written.
//
// It may import config, schedules and apimachinery's label selectors. Read [AddEvent] first.
package edit
