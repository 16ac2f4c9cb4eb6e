// Package policies tests the admission policies of deploy/kustomize/policies in a real API server: that the floor guard
// keeps every floor and records what was written as the baseline, that the floor notice warns the writer, that the floor
// scope lets floorkeeper's ServiceAccount do what it must and nothing else, and that all of them follow an overlay into
// another namespace. It has no code but tests.
package policies
