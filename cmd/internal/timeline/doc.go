// Package timeline draws what will become of HorizontalPodAutoscalers: as a picture in SVG and as a page in HTML.
//
// It is given a [controller.Forecast] and decides nothing, so that no picture can disagree with the controller. It does
// no I/O but to the writer that it is given, and reads no clock. It may import controller and schedules.
package timeline
