// Package controller keeps the floor under HorizontalPodAutoscalers: it observes one HPA, asks the schedule, and patches
// spec.minReplicas and its own annotations if they differ from what should be.
//
// [State.Next] is the whole policy, a pure function; [Observe] and [State.Patch] connect it to the API server, and
// everything else reports or waits. The package imports schedules and controller-runtime. It never reads files (that is
// package config) and never reads the clock but through the function that it is given.
package controller
