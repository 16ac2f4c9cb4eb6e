// Package status runs the command floorkeeper status against a real control plane, beside the controller that it reports on.
// It judges both from outside, so it imports nothing of floorkeeper.
package status
