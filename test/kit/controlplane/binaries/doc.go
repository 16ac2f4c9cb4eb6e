// Package binaries gets etcd, the Kubernetes components, kubectl and kwok once per version into the user's cache directory:
// their release files where the download sites can be reached, each held to its SHA-256, and otherwise built from source
// with the Go toolchain alone. It builds other programs that tests need, each from a nested module of its own, in the same
// way. So a test needs neither a container engine nor a download site, only Go and its module proxy. The package imports
// the standard library only, because it runs before anything else is built.
package binaries
