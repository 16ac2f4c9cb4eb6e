// Package controlplane runs a real Kubernetes control plane on the loopback interface: etcd, kube-apiserver with RBAC,
// kube-controller-manager, kube-scheduler, and kwok, which plays the kubelets, so that Pods become Ready at once. Tests
// and the demonstration use it in place of a cluster, because what a HorizontalPodAutoscaler does to a Deployment can
// only be seen where the real controllers run.
//
// It starts the processes itself rather than through controller-runtime's envtest, which knows only etcd and the API
// server, switches the ServiceAccount admission plugin off, and cannot lose and restart a component while keeping its
// port and data. Config serves as the Config of an envtest.Environment with UseExistingCluster.
//
// It may import client-go and package binaries, which builds what it runs, and nothing of floorkeeper, so that it can
// judge floorkeeper from outside.
package controlplane
