// Package forecast computes what will become of many HorizontalPodAutoscalers while a schedule stays as it is, and what
// people should know of that before it happens.
//
// It walks [schedules.Schedule.Timeline] and takes the controller's own step, [autoscaler.State.Under], so that no preview
// can disagree with the controller. It imports autoscaler and schedules, does no I/O and reads no clock.
package forecast
