// Package release tests what publishes a release, as far as that can be done without publishing one: the configurations as
// those read them for whom they are, every file, make target and version that they name, and the push of image and chart, to
// a registry of its own. What has never been run is in RELEASING.md. The package has no code but tests.
package release
