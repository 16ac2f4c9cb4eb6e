// Package history judges what floorkeeper did to HorizontalPodAutoscalers (HPAs) by what the API server wrote down: its
// audit log is the history of every write, by whom it was asked for and as what it was stored. The checker replays it
// offline and names each write that breaks one of the invariants I1 to I10 of the design, with its request.
//
//	flags, file, err := history.Record(dir)   // flags for the API server, before it starts
//	...                                       // whatever a test does
//	log, err := history.Read(file)            // when all requests have been answered
//	for _, violation := range (history.Model{Schedules: ..., Users: ...}).Check(log) {
//		t.Error(violation)
//	}
//
// The checker has a model of its own of what the owner of each HPA wants, taken from what others have asked for, and
// never from what floorkeeper has recorded of it. What floorkeeper should have written then follows from
// [schedules.Schedule.At] alone.
//
// What the log must be: made with [AuditPolicy], from before the first HPA was created (but see Model.Partial), with all
// users in it, and of one API server. Responses are written down just after they were sent, so the last lines may come
// a moment after the last answer: wait until the log has what you know was stored ([Log.Has]).
//
// The package may import schedules and controller, and nothing of other test packages; its own tests start the real
// control plane.
package history
