// Package manifests reads Kubernetes manifests as they lie in Git and as kubectl, Helm and kustomize print them: YAML of
// many documents, JSON, and Lists. It knows that an object has an apiVersion and a kind, and where it begins, and nothing
// of what the kinds mean. It does no I/O but in Read and ReadFrom, and it never asks a cluster.
//
// It may import config/source, whose files, nodes and problems it shares, and k8s.io/apimachinery.
package manifests
