// Package plan tells people what a forecast holds: every change of every HorizontalPodAutoscaler, what is found of it, and
// what it asks of the cluster at its peak; as text, Markdown, JSON and iCalendar.
//
// It does no input and output but to the writers it is given, and knows no clock. It may import controller, whose
// forecast it tells, cluster for what Pods request, and page for pictures.
package plan
