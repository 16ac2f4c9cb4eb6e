// Package live tests --live and --hpas on a real control plane: that users with few rights see what they may read and
// learn what they may not, that what a Pod requests is what Kubernetes' own quota controller counts, and that
// manifests as kubectl prints them say the same as the API server. The tests need no command: they build the inputs that
// all commands share into a program of their own.
package live
