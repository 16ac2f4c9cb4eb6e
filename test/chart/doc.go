// Package chart tests deploy/helm/floorkeeper with Helm 3 and Helm 4: that it is deploy/kustomize by other means, that its
// values are checked, and that a release can be installed, upgraded, rolled back and uninstalled on a real API server without
// losing a baseline. It has no code but tests.
package chart
