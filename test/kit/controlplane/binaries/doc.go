// Package binaries builds etcd, the Kubernetes components, kubectl and kwok from source with the Go toolchain alone,
// once per version, into the user's cache directory; and other programs that tests need, each from a nested module of its
// own, in the same way. It exists so that a test needs neither a container engine nor a download site, only Go and its
// module proxy. It imports the standard library only, because it runs before anything else is built.
package binaries
