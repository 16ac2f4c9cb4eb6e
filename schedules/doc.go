// Package schedules computes which floor applies to a HorizontalPodAutoscaler at an instant.
//
// It is pure: every answer is a function of a schedule, an HPA and an instant. It has no clock, no I/O and no state,
// and it imports nothing but the standard library and the Kubernetes label selector, so that the controller, the
// previews and the tests share one truth. Package config makes its values from YAML and checks them; this package
// trusts what it is given.
//
// Read [Schedule.At] first, then [Window.Spans], then [Span].
package schedules
