// Package imports turns what other tools know of traffic into a floorkeeper schedule: the annotations and events of
// prescaling-exporter, the CronJobs of hpa-time-scaler, the cron triggers of KEDA, and the schedules of
// kube-metrics-adapter. Whatever cannot be carried over exactly is said in a comment at its line.
//
// Where a tool did not do what its text evidently means, the schedule says what is meant, and a comment how the tool
// behaved. What such a comment claims was read in the tool's source.
//
// The package is pure: objects in, a [Draft] out. Whatever the objects hold, the draft's text is a valid schedule:
// each entry is given to config.Parse, and one that it refuses becomes a comment. It may import config, schedules,
// manifests and apimachinery.
//
// Read draft.go first, then a tool: prescaling.go, timescaler.go, keda.go, adapter.go. calendar.go turns cron lines
// into windows, apart.go compares the clocks of two zones, and environment.go reads a container's variables.
package imports
