// Package page draws what will become of HorizontalPodAutoscalers: as text for a terminal, as a picture in SVG, and as a
// page in HTML, which it also serves over HTTP.
//
// It draws a [forecast.Forecast] and decides nothing, so that no picture can disagree with the controller. What draws
// does no I/O but to its writer, and reads no clock. It may import controller, schedules, config and text.
//
// The server (server*.go) can only be read: there is nothing to log in to and nothing to change, every request is answered
// from what the renderer returns, and what arrives over loopback under a foreign name is refused. Whoever may not know the
// names of HPAs and their numbers must not reach the address that it listens on.
package page
