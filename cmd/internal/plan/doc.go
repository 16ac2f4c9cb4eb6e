// Package plan shows a forecast: every change of every HorizontalPodAutoscaler, the findings, and what the floors add to the
// cluster at their peak; as text, Markdown, JSON, iCalendar, and as a picture or page by cmd/internal/page.
package plan
