// Package ciexamples runs what docs/ci-examples tells people to run: the scripts of the workflows, as GitHub's and GitLab's
// runners run them, in a scratch repository with a forge that remembers what it was told.
package ciexamples
