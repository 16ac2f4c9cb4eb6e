// Package imports is floorkeeper import. It turns what other tools know of traffic into a floorkeeper schedule: the annotations and events of
// prescaling-exporter, the CronJobs of hpa-time-scaler, the cron triggers of KEDA, and the schedules of
// kube-metrics-adapter. Whatever cannot be carried over exactly has a comment at its line.
//
// Where a tool did not do what its text evidently means, the schedule contains what is meant, and a comment names the
// difference. What such a comment claims was read in the tool's source.
//
// The conversions are pure: objects in, a [Draft] out. Whatever the objects hold, the draft's text is a valid schedule:
// each entry is given to config.Parse, and one that it refuses becomes a comment. robfig/cron reads cron lines because
// KEDA and Kubernetes read theirs with it.
//
// Read command.go first for the command, or draft.go and entry.go for the result; then the file of one tool. calendar.go
// turns stretches of time into windows.
package imports
