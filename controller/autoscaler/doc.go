// Package autoscaler knows one HorizontalPodAutoscaler: what it is, what the schedule asks of it, what it should become,
// and what to report about it.
//
// [State.Next] is the whole policy, a pure function; [Observe] and [State.Patch] connect it to the API server. The
// package imports schedules and the API types. It does no I/O and reads no clock.
package autoscaler
