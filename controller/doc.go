// Package controller keeps the floor under HorizontalPodAutoscalers: it watches them, lets package autoscaler decide,
// patches what differs from what should be, and reports it.
//
// It imports autoscaler, forecast, schedules and controller-runtime. It never reads files (that is package config) and
// never reads the clock but through the function that it is given.
package controller
