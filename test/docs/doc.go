// Package docs holds README.md and the pages of docs to what they show. Every YAML block is validated, every command runs
// in a shell against a control plane on which floorkeeper is installed, or is in the short list of needs_test.go with the
// reason why it cannot, and every link leads somewhere. A block of another language fails.
package docs
