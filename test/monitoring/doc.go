// Package monitoring tests deploy/monitoring and docs/runbooks: that Prometheus reads the alerts and Grafana's types the
// dashboard, that each alert fires when it should and has a runbook whose commands work, and that a real Prometheus which
// scrapes a real floorkeeper has every metric that they name. It has no code but tests.
package monitoring
