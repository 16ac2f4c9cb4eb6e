// Package cluster knows what a plan needs of a cluster: the HorizontalPodAutoscalers, what one Pod of each of their
// targets requests, and the ResourceQuotas. It reads that from manifests, or from an API server, with the rights of the
// person who asks. It never writes to a cluster.
//
// It may import manifests and config/source, whose objects and problems it shares, controller, and controller-runtime's client.
package cluster
