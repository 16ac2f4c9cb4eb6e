// Package ciexamples runs what docs/ci-examples shows people: the scripts of the workflows, as GitHub's and GitLab's
// runners run them, in a scratch repository with a forge that records what it received.
package ciexamples
